//! Device authorization (RFC 8628): the endpoint, and the page where the user enters the code.

use axum::response::Response;
use serde_json::{Value, json};

use super::authorization;
use crate::faults::Fault;
use crate::grants::AuthorizationRequest;
use crate::pages;
use crate::params::Params;
use crate::provider::{DeviceEndpoint, Request};
use crate::random;
use crate::response::{self, Refusal};

/// Seconds between two polls.
const INTERVAL: i64 = 5;
const DAY: i64 = 86_400;

/// Issues a device code and a user code.
pub async fn authorize(request: Request) -> Response {
    let Some(spec) = &request.provider.device else { return response::not_found() };
    let form = request.form().unwrap_or_default();
    let encode = |body| (request.provider.token.encode)(&request, body);
    match issue(&request, spec, &form) {
        Ok(body) => encode(Refusal::new(200, body)),
        Err(refusal) => request.refuse(encode(refusal)),
    }
}

fn issue(request: &Request, spec: &DeviceEndpoint, form: &Params) -> Result<Value, Refusal> {
    let client = (spec.client)(request, form)?;
    let mut pending = AuthorizationRequest::new(&request.realm, client, "", form);
    (spec.check)(request, &mut pending)?;
    let device_code = (spec.new_code)();
    pending.device_code = Some(device_code.clone());
    let lifetime = if request.has(Fault::DeviceLivesADay) { DAY } else { spec.lifetime };
    // Without vowels, so that the code contains no words (RFC 8628 §6.1).
    let [left, right] = [random::consonants(4), random::consonants(4)];
    request.state.log(|log| log.record("device_code", &device_code));
    let expires = request.state.now() + lifetime;
    let user_code = format!("{left}{right}");
    request.state.grants().device_codes.add(pending, &user_code, expires, INTERVAL);
    let mut body = json!({
        "device_code": device_code,
        "user_code": format!("{left}-{right}"),
        "verification_uri": request.url(spec.page),
        "expires_in": lifetime,
        "interval": INTERVAL,
    });
    (spec.complete)(&mut body);
    Ok(body)
}

/// The page for the user code. `user_code` in the query fills it in; the user still has to confirm it.
pub async fn page(request: Request) -> Response {
    let code = request.query.get("user_code").unwrap_or_default();
    pages::enter_code(&request, code, pages::Entry::First)
}

/// The form of that page; a code that waits leads to the login page.
pub async fn enter(request: Request) -> Response {
    let form = request.form().unwrap_or_default();
    let entered = form.get("user_code").unwrap_or_default();
    // Case, spaces and hyphens do not matter.
    let code: String = entered.chars().filter(char::is_ascii_alphanumeric).collect();
    let code = code.to_ascii_uppercase();
    let now = request.state.now();
    let pending = request.state.grants().device_codes.waiting(&request.realm, &code, now);
    match pending {
        Some(pending) => authorization::begin(&request, pending),
        None => request.refuse(pages::enter_code(&request, entered, pages::Entry::Wrong)),
    }
}
