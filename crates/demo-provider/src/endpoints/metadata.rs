//! Metadata and key sets.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::provider::Request;
use crate::response::{self, PROXY_PAGE};

pub async fn metadata(request: Request) -> Response {
    let Some((_, content)) = request.provider.metadata else { return response::not_found() };
    if request.has(Fault::Discovery5xx) {
        return response::unavailable();
    }
    if request.has(Fault::DiscoveryNotJson) {
        return response::raw(StatusCode::OK, "text/html", PROXY_PAGE);
    }
    if request.has(Fault::MetadataMoved) {
        return response::not_found();
    }
    response::ok(&content(&request))
}

pub async fn keys(request: Request) -> Response {
    let keys = (request.provider.keys)(&request);
    key_set(&request, &keys)
}

/// A key set with these keys.
pub fn key_set(request: &Request, keys: &[Value]) -> Response {
    if request.has(Fault::Jwks5xx) {
        return response::unavailable();
    }
    let keys = if request.has(Fault::JwksEmpty) { &[] } else { keys };
    response::ok(&json!({ "keys": keys }))
}
