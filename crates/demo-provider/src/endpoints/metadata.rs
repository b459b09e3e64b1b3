//! Metadata and key sets.

use axum::response::Response;
use serde_json::json;

use crate::faults::Fault;
use crate::provider::Request;
use crate::response::{self, PROXY_PAGE};

pub async fn metadata(request: Request) -> Response {
    let Some((_, content)) = request.provider.metadata else { return response::not_found() };
    if request.has(Fault::Discovery5xx) {
        return response::unavailable();
    }
    if request.has(Fault::DiscoveryNotJson) {
        return response::raw(200, "text/html", PROXY_PAGE);
    }
    if request.has(Fault::MetadataMoved) {
        return response::not_found();
    }
    response::ok(&content(&request))
}

/// The key set of the provider.
pub async fn keys(request: Request) -> Response {
    if request.has(Fault::Jwks5xx) {
        return response::unavailable();
    }
    let keys =
        if request.has(Fault::JwksEmpty) { Vec::new() } else { (request.provider.keys)(&request) };
    response::ok(&json!({ "keys": keys }))
}
