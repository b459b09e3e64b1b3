//! Metadata and key sets.

use axum::response::Response;
use serde_json::json;

use crate::faults::Fault;
use crate::provider::{FaultyResponses, Request};
use crate::response;

/// The faults instead of metadata.
const METADATA_FAULTS: &FaultyResponses = &[
    (Fault::Discovery5xx, |_| response::unavailable()),
    (Fault::DiscoveryNotJson, |_| response::proxy_page(200)),
    (Fault::MetadataMoved, |_| response::not_found()),
];

/// The faults instead of a key set.
const KEYS_FAULTS: &FaultyResponses = &[
    (Fault::Jwks5xx, |_| response::unavailable()),
    (Fault::JwksEmpty, |_| response::ok(&json!({ "keys": [] }))),
];

pub async fn metadata(request: Request) -> Response {
    let Some((_, content)) = request.provider.metadata else { return response::not_found() };
    request.faulty_response(METADATA_FAULTS).unwrap_or_else(|| response::ok(&content(&request)))
}

/// The key set of the provider.
pub async fn keys(request: Request) -> Response {
    request
        .faulty_response(KEYS_FAULTS)
        .unwrap_or_else(|| response::ok(&json!({ "keys": (request.provider.keys)(&request) })))
}
