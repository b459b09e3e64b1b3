//! GitHub's device flow: no secret, and `slow_down` names the new interval.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::{PLAY, REALM, encoded, refuse, refused, scopes, token};
use crate::answer::Refused;
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients::{self, Client};
use crate::device::{self, Polled};
use crate::random;
use crate::world::{Shared, World};

const LIFE: i64 = 900;
const INTERVAL: i64 = 5;
const ERRORS: &str = "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow";

/// `POST /login/device/code`.
pub async fn codes(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = device::before(&world, REALM) {
        return fault;
    }
    let form = ask.form(&world).unwrap_or_default();
    match begin(&world, &form) {
        Ok(body) => encoded(&ask, &body),
        Err(refusal) => refuse(&world, &ask, &refusal),
    }
}

/// Where the person types the code.
pub async fn page(ask: Ask) -> Response {
    device::entry(&ask, REALM)
}

fn begin(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = known(form)?;
    let mut asked = Asked::new(REALM, client, "", form);
    asked.scopes = scopes(client.id, form);
    let codes = device::begin(world, asked, random::hex(40), LIFE, INTERVAL);
    Ok(json!({
        "device_code": codes.device,
        "user_code": codes.user,
        "verification_uri": format!("{}/{}/login/device", world.base, PLAY.name),
        "expires_in": LIFE,
        "interval": INTERVAL,
    }))
}

/// The client id alone; a secret that comes along is not looked at, which is a guess.
fn known(form: &Params) -> Result<&'static Client, Refused> {
    let client = form.get("client_id").and_then(|id| clients::find(REALM, id));
    let client = client.ok_or_else(token::incorrect_client_credentials)?;
    if client.id == clients::GITHUB_APP {
        return Err(error(
            "device_flow_disabled",
            "Device Flow must be explicitly enabled for this App",
        ));
    }
    Ok(client)
}

/// The codes are documented, most of the words are a guess.
fn error(code: &str, description: &str) -> Refused {
    refused(code, description, ERRORS)
}

/// A poll of the token endpoint.
pub fn redeem(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = known(form)?;
    let code = form.get("device_code").unwrap_or_default();
    let grant = match device::poll(world, REALM, client, code) {
        Polled::Allowed(grant) => grant,
        Polled::Pending => {
            return Err(error(
                "authorization_pending",
                "The authorization request is still pending.",
            ));
        }
        Polled::TooSoon(interval) => {
            let text = "Too many requests have been made in the same timeframe.";
            let mut refusal = error("slow_down", text);
            refusal.body["interval"] = json!(interval);
            return Err(refusal);
        }
        Polled::Denied => {
            return Err(error("access_denied", "The authorization request was denied."));
        }
        Polled::Expired => {
            return Err(error("expired_token", "The device_code has expired."));
        }
        Polled::Unknown => {
            return Err(error("incorrect_device_code", "The device_code provided is not valid."));
        }
    };
    token::check_email(&grant)?;
    let minted = token::mint(&grant);
    token::file(&mut world.book(), &grant, &minted, world.now());
    world.ledger().counts(REALM).device_code += 1;
    Ok(token::body(&grant, &minted))
}
