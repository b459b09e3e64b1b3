//! Microsoft's device code flow.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{PLAY, REALM, aadsts, token};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients::Client;
use crate::device::{self, Polled};
use crate::random;
use crate::world::{Shared, World};

const LIFE: i64 = 900;
const INTERVAL: i64 = 5;

/// `POST /oauth2/v2.0/devicecode`.
pub async fn codes(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = device::before(&world, REALM) {
        return fault;
    }
    let form = ask.form(&world).unwrap_or_default();
    match begin(&world, &ask, &form) {
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

fn bad(error: &str, code: u32, text: &str) -> Refused {
    aadsts(StatusCode::BAD_REQUEST, error, code, text)
}

fn begin(world: &World, ask: &Ask, form: &Params) -> Result<Value, Refused> {
    let client = token::authenticate(world, ask, form)?;
    let asked = Asked::new(REALM, client, "", form);
    if asked.scopes.is_empty() || asked.scopes.iter().any(|id| PLAY.scope(id).is_none()) {
        let text = "The provided value for the input parameter 'scope' is not valid.";
        return Err(bad("invalid_scope", 70_011, text));
    }
    let device_code = format!("{}AQABAAEAAAD", random::base64url(180));
    let codes = device::begin(world, asked, device_code, LIFE, INTERVAL);
    let (page, user) =
        (format!("{}/microsoft/devicelogin", world.base), codes.user.replace('-', ""));
    Ok(json!({
        "user_code": user,
        "device_code": codes.device,
        "verification_uri": page,
        "expires_in": LIFE,
        "interval": INTERVAL,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user} to authenticate."),
    }))
}

/// A poll: the words for a refusal and for an unknown code are Microsoft's own, not RFC 8628's.
pub fn redeem(world: &World, client: &'static Client, form: &Params) -> Result<Value, Refused> {
    let code = form.get("device_code").unwrap_or_default();
    let refusal = match device::poll(world, REALM, client, code) {
        Polled::Allowed(grant) => {
            world.ledger().counts(REALM).device_code += 1;
            return Ok(token::issue(world, &grant));
        }
        Polled::Pending => bad(
            "authorization_pending",
            70_016,
            "The provided request has not yet been authorized by the user. The user must input their code.",
        ),
        // Not in Microsoft's table; by RFC 8628 it may come from anybody, so it is played. The number is a guess.
        Polled::TooSoon(_) => bad("slow_down", 70_022, "The client is polling too often."),
        Polled::Denied => bad("authorization_declined", 65_004, "User declined to consent."),
        Polled::Expired => bad("expired_token", 70_019, "Verification code expired."),
        Polled::Unknown => bad("bad_verification_code", 70_018, "Invalid verification code."),
    };
    Err(refusal)
}
