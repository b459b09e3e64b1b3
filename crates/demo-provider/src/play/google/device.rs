//! Google's flow for TVs and limited input: a client type of its own, `verification_url`, and its own status codes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{EMAIL, PROFILE, REALM};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Asked, Grant};
use crate::clients::{self, Client};
use crate::device::{self, Polled};
use crate::random;
use crate::world::{Shared, World};

const LIFE: i64 = 1800;
const INTERVAL: i64 = 5;

/// `POST /device/code`.
pub async fn codes(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = device::before(&world, REALM) {
        return fault;
    }
    let form = ask.form(&world).unwrap_or_default();
    match begin(&world, &form) {
        Ok(body) => answer::json(StatusCode::OK, &body),
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

/// Where the person types the code.
pub async fn page(ask: Ask) -> Response {
    device::entry(&ask, REALM)
}

/// No secret yet, but the right type of client, and the three scopes of a sign-in alone.
fn begin(world: &World, form: &Params) -> Result<Value, Refused> {
    let unauthorized = |text| error(StatusCode::UNAUTHORIZED, "invalid_client", Some(text));
    let client = form.get("client_id").and_then(|id| clients::find(REALM, id));
    let client = client.ok_or_else(|| unauthorized("The OAuth client was not found."))?;
    if client.id != clients::GOOGLE_DEVICE {
        return Err(unauthorized("Invalid client type."));
    }
    let mut asked = Asked::new(REALM, client, "", form);
    if asked.scopes.is_empty() {
        let text = "Missing required parameter: scope";
        return Err(error(StatusCode::BAD_REQUEST, "invalid_request", Some(text)));
    }
    asked.scopes = asked.scopes.iter().map(|id| allowed(id)).collect::<Result<_, _>>()?;
    let device_code = format!("AH-1Ng{}", random::base64url(90));
    let codes = device::begin(world, asked, device_code, LIFE, INTERVAL);
    Ok(json!({
        "device_code": codes.device,
        "user_code": codes.user,
        "expires_in": LIFE,
        "interval": INTERVAL,
        "verification_url": format!("{}/google/device", world.base),
    }))
}

fn allowed(scope: &str) -> Result<String, Refused> {
    match scope {
        "openid" => Ok(scope.to_owned()),
        "email" | EMAIL => Ok(EMAIL.to_owned()),
        "profile" | PROFILE => Ok(PROFILE.to_owned()),
        other => {
            let text = format!("Invalid device flow scope: {other}");
            Err(error(StatusCode::BAD_REQUEST, "invalid_scope", Some(&text)))
        }
    }
}

/// A poll. The first three are documented with their status; the words for a code that is over or was
/// never issued are a guess.
pub fn redeem(world: &World, client: &Client, form: &Params) -> Result<Arc<Grant>, Refused> {
    let code = form.get("device_code").unwrap_or_default();
    let (status, name, text) = match device::poll(world, REALM, client, code) {
        Polled::Allowed(grant) => {
            world.ledger().counts(REALM).device_code += 1;
            return Ok(grant);
        }
        Polled::Pending => {
            (StatusCode::PRECONDITION_REQUIRED, "authorization_pending", "Precondition Required")
        }
        Polled::TooSoon(_) => (StatusCode::FORBIDDEN, "slow_down", "Forbidden"),
        Polled::Denied => (StatusCode::FORBIDDEN, "access_denied", "Forbidden"),
        Polled::Expired => (StatusCode::BAD_REQUEST, "expired_token", "Token expired"),
        Polled::Unknown => (StatusCode::BAD_REQUEST, "invalid_grant", "Malformed device code."),
    };
    Err(error(status, name, Some(text)))
}
