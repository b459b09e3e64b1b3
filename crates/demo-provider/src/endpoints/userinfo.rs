//! Profiles: what an endpoint tells of the user behind a bearer token.

use std::future;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::grants::Grant;
use crate::provider::{BearerError, Context, Request};
use crate::response::{self, PROXY_PAGE};

/// Size of what [`Fault::ProfileTooLarge`] adds, in bytes.
const FILLER: usize = 4 * 1024 * 1024;

type Profile = fn(&Request, &Grant) -> Value;

/// An endpoint with a profile that needs this scope, if one.
pub fn profile(scope: Option<&'static str>, profile: Profile) -> MethodRouter<Context> {
    get(move |request: Request| async move { read(&request, scope, profile).await })
}

/// The same for GET and POST.
pub fn profile_or_post(scope: Option<&'static str>, profile: Profile) -> MethodRouter<Context> {
    let methods = MethodFilter::GET.or(MethodFilter::POST);
    on(methods, move |request: Request| async move { read(&request, scope, profile).await })
}

/// A profile that needs this scope, if one.
pub async fn read(request: &Request, scope: Option<&str>, profile: Profile) -> Response {
    let granted = request.authorized().and_then(|(grant, _)| {
        let has = scope.is_none_or(|scope| grant.has(scope));
        has.then_some(grant).ok_or(BearerError::Scope)
    });
    match granted {
        Ok(grant) => respond_with_profile(request, profile(request, &grant)).await,
        Err(error) => request.bearer_refusal(error).into_response(),
    }
}

/// Sends a profile, with the faults that change it.
pub async fn respond_with_profile(request: &Request, body: Value) -> Response {
    let has = |fault| request.has(fault);
    if has(Fault::ProfileHangs) {
        future::pending::<()>().await;
    }
    if has(Fault::Profile5xx) {
        return response::unavailable();
    }
    if has(Fault::Profile401) {
        return request.bearer_refusal(BearerError::Unknown).into_response();
    }
    if has(Fault::Profile429) {
        let refusal = (request.provider.too_many_requests)();
        return refusal.too_many().into_response();
    }
    if has(Fault::ProfileProxy403) {
        return response::raw(403, "text/html", PROXY_PAGE);
    }
    if has(Fault::ProfileRedirects) {
        let location = format!("{}/demo/elsewhere/profile", request.state.base);
        return response::redirect(StatusCode::TEMPORARY_REDIRECT, &location);
    }
    if has(Fault::ProfileNotJson) {
        return response::raw(200, "text/html", PROXY_PAGE);
    }
    response::ok(&(request.provider.envelope)(change(request, body)))
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
