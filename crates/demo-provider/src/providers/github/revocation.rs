//! The three ways to revoke GitHub's tokens: two for the application, with its secret, and one for everybody.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::PROVIDER;
use super::api::{bad_credentials, error, without_user_agent};
use crate::clients::Secret;
use crate::endpoints::revocation::{self, Reach};
use crate::grants::Grant;
use crate::provider::Request;
use crate::response::{self, Refusal};

/// How many tokens a request may name.
const LIMIT: usize = 1000;

#[derive(Deserialize)]
struct OneToken {
    access_token: String,
}

#[derive(Deserialize)]
struct Credentials {
    credentials: Vec<String>,
}

pub async fn grant(Path(client): Path<String>, request: Request) -> Response {
    respond(&request, |request| {
        let (grant, _) = by_application(request, &client)?;
        revocation::revoke(request, &grant, Reach::Account);
        Ok(no_content())
    })
}

pub async fn token(Path(client): Path<String>, request: Request) -> Response {
    respond(&request, |request| {
        let (grant, token) = by_application(request, &client)?;
        revocation::revoke(request, &grant, Reach::Token(&token));
        Ok(no_content())
    })
}

/// No authentication: whoever has a token may revoke it. Unknown tokens are accepted.
pub async fn credentials(request: Request) -> Response {
    respond(&request, |request| {
        let body: Credentials = request.json().ok_or_else(invalid)?;
        if !(1..=LIMIT).contains(&body.credentials.len()) {
            return Err(invalid());
        }
        for token in &body.credentials {
            let grant = request.state.grants().grant_of(&request.realm, token);
            if let Some(grant) = grant {
                revocation::revoke(request, &grant, Reach::Token(token));
            }
        }
        Ok(response::json(StatusCode::ACCEPTED, &json!({})))
    })
}

fn respond(
    request: &Request,
    revoke: impl FnOnce(&Request) -> Result<Response, Refusal>,
) -> Response {
    revocation::respond(request, |request| match without_user_agent(request) {
        Some(refusal) => {
            request.count(|counts| counts.refusals += 1);
            Ok(refusal)
        }
        None => revoke(request),
    })
}

/// The grant and the token that an application names, which authenticates by Basic. The bodies of the refusals are
/// guesses.
fn by_application(request: &Request, id: &str) -> Result<(Arc<Grant>, String), Refusal> {
    let (user, given) = request.basic().ok_or_else(bad_credentials)?;
    let client = PROVIDER.client(id).filter(|client| match client.secret {
        Secret::None => false,
        Secret::Required(right) => user == id && given == right,
    });
    let client = client.ok_or_else(bad_credentials)?;
    let OneToken { access_token } = request.json().ok_or_else(invalid)?;
    let grant = request.state.grants().grant_of(&request.realm, &access_token);
    let grant = grant.filter(|grant| grant.client.id == client.id);
    let not_found = || error(StatusCode::NOT_FOUND, "Not Found", "/apps/oauth-applications");
    Ok((grant.ok_or_else(not_found)?, access_token))
}

fn no_content() -> Response {
    response::raw(StatusCode::NO_CONTENT, "application/json", "")
}

fn invalid() -> Refusal {
    error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed", "/credentials/revoke")
}
