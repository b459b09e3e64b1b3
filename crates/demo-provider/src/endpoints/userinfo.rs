//! Profiles: what an endpoint tells of the user behind a bearer token.

use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::provider::{BearerError, Context, FaultyResponses, Request};
use crate::response::{self, Refusal};

/// Size of what [`Fault::ProfileTooLarge`] adds, in bytes.
const FILLER: usize = 4 * 1024 * 1024;
pub const GET_OR_POST: MethodFilter = MethodFilter::GET.or(MethodFilter::POST);

/// The faults instead of a profile.
const FAULTS: &FaultyResponses = &[
    (Fault::Profile5xx, |_| response::unavailable()),
    (Fault::Profile401, |request| request.bearer_refusal(BearerError::Unknown).into_response()),
    (Fault::Profile429, |request| {
        (request.provider.too_many_requests)().too_many().into_response()
    }),
    (Fault::ProfileProxy403, |_| response::proxy_page(403)),
    (Fault::ProfileRedirects, |request| request.elsewhere("profile")),
    (Fault::ProfileNotJson, |_| response::proxy_page(200)),
];

pub fn get_profile(profile: fn(&Request) -> Result<Value, Refusal>) -> MethodRouter<Context> {
    profile_endpoint(MethodFilter::GET, profile)
}

pub fn get_json(body: fn(&Request) -> Result<Value, Refusal>) -> MethodRouter<Context> {
    json_endpoint(MethodFilter::GET, body)
}

/// An endpoint with a profile, for requests with a valid token.
pub fn profile_endpoint(
    method: MethodFilter,
    profile: fn(&Request) -> Result<Value, Refusal>,
) -> MethodRouter<Context> {
    on(method, move |request: Request| async move {
        profile(&request).map(|profile| respond(&request, profile))
    })
}

/// An endpoint with other JSON, which no fault changes.
pub fn json_endpoint(
    method: MethodFilter,
    body: fn(&Request) -> Result<Value, Refusal>,
) -> MethodRouter<Context> {
    on(
        method,
        move |request: Request| async move { body(&request).map(|body| response::ok(&body)) },
    )
}

/// Sends a profile, with the faults that change it.
pub fn respond(request: &Request, body: Value) -> Response {
    request
        .faulty_response(FAULTS)
        .unwrap_or_else(|| response::ok(&(request.provider.envelope)(change(request, body))))
}

/// The faults within a profile.
fn change(request: &Request, mut body: Value) -> Value {
    let has = |fault| request.has(fault);
    let id = request.provider.id_members.iter().find(|name| body.get(**name).is_some());
    let id = id.copied().unwrap_or_default();
    if has(Fault::ProfileWrongShape) {
        return json!([body]);
    }
    if has(Fault::ProfileFieldsMissing) {
        body = json!({ id: body[id] });
    }
    if has(Fault::ProfileWithoutId) {
        response::remove(&mut body, id);
    }
    if has(Fault::ProfileSubMismatch) {
        body[id] =
            if body[id].is_string() { json!("4242424242") } else { json!(4_242_424_242_u64) };
    }
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        if has(Fault::ProfileFieldsNull) && name != id {
            *value = Value::Null;
        }
        if has(Fault::ProfileFieldsEmpty) && name != id {
            empty(value);
        }
        if has(Fault::ProfileWrongType) {
            *value = if value.is_object() { json!(7) } else { json!({ "unexpected": true }) };
        }
    }
    if has(Fault::ProfileTooLarge) {
        body["filler"] = json!("x".repeat(FILLER));
    }
    body
}

/// Replaces every string by an empty one.
fn empty(value: &mut Value) {
    match value {
        Value::String(text) => text.clear(),
        Value::Array(values) => values.iter_mut().for_each(empty),
        Value::Object(members) => members.values_mut().for_each(empty),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
