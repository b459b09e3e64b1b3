//! The three ways to revoke GitHub's tokens: two for the application, with its secret, and one for everybody.

use std::sync::Arc;

use serde::Deserialize;

use super::PROVIDER;
use super::api::{bad_credentials, error, require_user_agent};
use crate::providers::prelude::*;

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

pub fn grant(request: &Request) -> Result<Response, Refusal> {
    by_application(request, |request, grant, _| request.revoke(grant, Reach::Account))
}

pub fn token(request: &Request) -> Result<Response, Refusal> {
    by_application(request, |request, grant, token| request.revoke(grant, Reach::Token(token)))
}

/// No authentication: the holder of a token may revoke it. Unknown tokens are accepted.
pub fn credentials(request: &Request) -> Result<Response, Refusal> {
    require_user_agent(request)?;
    let body: Credentials = request.json().ok_or_else(invalid)?;
    if !(1..=LIMIT).contains(&body.credentials.len()) {
        return Err(invalid());
    }
    for token in &body.credentials {
        let grant = request.state.grants().grant_of(&request.realm, token);
        if let Some(grant) = grant {
            request.revoke(&grant, Reach::Token(token));
        }
    }
    Ok(response::json(202, &json!({})))
}

/// Revokes for an application, which authenticates by Basic and names a token. The bodies of the refusals are guesses.
fn by_application(
    request: &Request,
    revoke: fn(&Request, &Arc<Grant>, &str),
) -> Result<Response, Refusal> {
    require_user_agent(request)?;
    // `/github/api/applications/{client}/...`
    let id = request.path.split('/').nth(4).unwrap_or_default();
    let (user, given) = request.basic().ok_or_else(bad_credentials)?;
    let right = |client: &&Client| match client.secret {
        Secret::Required(secret) => secret == given && user == id,
        Secret::None => false,
    };
    let client = PROVIDER.client(id).filter(right).ok_or_else(bad_credentials)?;
    let OneToken { access_token } = request.json().ok_or_else(invalid)?;
    let grant = request.state.grants().grant_of(&request.realm, &access_token);
    let grant = grant.filter(|grant| grant.client.id == client.id);
    let not_found = || error(404, "Not Found", "/apps/oauth-applications");
    revoke(request, &grant.ok_or_else(not_found)?, &access_token);
    Ok(response::raw(204, "application/json", ""))
}

fn invalid() -> Refusal {
    error(422, "Validation Failed", "/credentials/revoke")
}
