//! LINE's own answers to "is this token good?": for access tokens by GET, for id_tokens by POST.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::REALM;
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::world::{Shared, World};

fn invalid(text: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, "invalid_request", Some(text))
}

fn answered(world: &World, checked: Result<Value, Refused>) -> Response {
    match checked {
        Ok(body) => answer::json(StatusCode::OK, &body),
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

/// `GET verify?access_token=`.
pub async fn access_token(State(world): State<Shared>, ask: Ask) -> Response {
    let token = ask.query.get("access_token").unwrap_or_default();
    let (now, book) = (world.now(), world.book());
    let good = book.access(REALM, token).filter(|token| token.expires > now);
    let known = good.map(|token| {
        let scopes = token.grant.scopes.iter().filter(|id| *id != "email");
        let scopes: Vec<&str> = scopes.map(String::as_str).collect();
        json!({ "scope": scopes.join(" "), "client_id": token.grant.client.id, "expires_in": token.expires - now })
    });
    drop(book);
    answered(&world, known.ok_or_else(|| invalid("access token expired")))
}

/// `POST verify` with `id_token` and `client_id`, and `nonce` where there was one.
pub async fn id_token(State(world): State<Shared>, ask: Ask) -> Response {
    let form = ask.form(&world).unwrap_or_default();
    answered(&world, check(&world, &form))
}

/// What was signed here is in the ledger: whatever is not was made up or changed.
fn check(world: &World, form: &Params) -> Result<Value, Refused> {
    let token = form.get("id_token").unwrap_or_default();
    let issued = world.ledger().id_tokens.contains(token);
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let claims = claims.filter(|_| issued).ok_or_else(|| invalid("Invalid IdToken."))?;
    if claims["exp"].as_i64().is_none_or(|end| end <= world.now()) {
        return Err(invalid("IdToken expired."));
    }
    if claims["aud"].as_str() != form.get("client_id") {
        return Err(invalid("Invalid IdToken Audience."));
    }
    if form.get("nonce").is_some_and(|nonce| claims["nonce"] != nonce) {
        return Err(invalid("Invalid IdToken Nonce."));
    }
    Ok(claims)
}
