//! The generic issuer's device authorization, by RFC 8628.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Issuer, PLAY, PROVIDER, token};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Asked, Grant};
use crate::clients::Client;
use crate::device::{self, GRANT_TYPE, Polled};
use crate::faults::Fault;
use crate::random;
use crate::world::{Shared, World};

const LIFE: i64 = 600;
const INTERVAL: i64 = 5;
const DAY: i64 = 86_400;

/// Into the discovery document (RFC 8628 §4).
pub fn announce(document: &mut Value, issuer: &str) {
    document["device_authorization_endpoint"] = json!(format!("{issuer}/device_authorization"));
    if let Some(grants) = document["grant_types_supported"].as_array_mut() {
        grants.push(json!(GRANT_TYPE));
    }
}

/// `POST device_authorization`.
pub async fn codes(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = device::before(&world, PROVIDER) {
        return fault;
    }
    let form = ask.form(&world).unwrap_or_default();
    match begin(&world, &ask, &form) {
        Ok(body) => answer::json(StatusCode::OK, &body),
        Err(refusal) => {
            world.refused(PROVIDER);
            refusal.into_response()
        }
    }
}

/// Where the person types the code, or finds it filled in.
pub async fn page(ask: Ask) -> Response {
    device::entry(&ask, PROVIDER)
}

/// The client says who it is as at the token endpoint (RFC 8628 §3.1).
fn begin(world: &World, ask: &Ask, form: &Params) -> Result<Value, Refused> {
    let client = token::authenticate(world, ask, form)?;
    let mut asked = Asked::new(PROVIDER, client, "", form);
    asked.scopes.retain(|id| PLAY.scope(id).is_some());
    let life = if world.has(PROVIDER, Fault::DeviceLivesADay) { DAY } else { LIFE };
    let codes = device::begin(world, asked, random::base64url(43), life, INTERVAL);
    let page = format!("{}/oidc/device", world.base);
    Ok(json!({
        "device_code": codes.device,
        "user_code": codes.user,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", codes.user),
        "expires_in": life,
        "interval": INTERVAL,
    }))
}

/// A poll of the token endpoint (RFC 8628 §3.5).
pub fn redeem(
    world: &World,
    issuer: &Issuer,
    client: &Client,
    form: &Params,
) -> Result<Arc<Grant>, Refused> {
    let code = form.get("device_code").unwrap_or_default();
    let (name, text) = match device::poll(world, &issuer.realm, client, code) {
        Polled::Allowed(grant) => {
            world.ledger().counts(&issuer.realm).device_code += 1;
            return Ok(grant);
        }
        Polled::Pending => ("authorization_pending", "nobody has decided yet"),
        Polled::TooSoon(_) => ("slow_down", "wait five seconds longer between two polls"),
        Polled::Denied => ("access_denied", "the person said no"),
        Polled::Expired => ("expired_token", "the device code is over"),
        Polled::Unknown => ("invalid_grant", "the device code is unknown or used"),
    };
    Err(error(StatusCode::BAD_REQUEST, name, Some(text)))
}
