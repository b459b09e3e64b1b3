//! HTTP responses.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

/// Parameters of an authorization response.
pub type Pairs = Vec<(&'static str, String)>;

/// The page of a proxy that responds instead of the provider.
pub const PROXY_PAGE: &str =
    "<!doctype html><title>Checking your browser</title><h1>One moment, please</h1>";

/// A response that no cache stores.
pub fn raw(status: u16, content_type: &str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (status, headers, body.into()).into_response()
}

pub fn json(status: u16, body: &Value) -> Response {
    raw(status, "application/json", body.to_string())
}

pub fn ok(body: &Value) -> Response {
    json(200, body)
}

pub fn found(location: &str) -> Response {
    redirect(StatusCode::FOUND, location)
}

pub fn redirect(status: StatusCode, location: &str) -> Response {
    (status, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store")]).into_response()
}

pub fn not_found() -> Response {
    raw(404, "text/plain", "not found")
}

pub fn proxy_page(status: u16) -> Response {
    raw(status, "text/html", PROXY_PAGE)
}

/// 503 with `Retry-After: 2`.
pub fn unavailable() -> Response {
    let mut response = proxy_page(503);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// `uri?a=b`, with spaces encoded as `%20`.
pub fn with_query(uri: &str, pairs: &Pairs) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{}", query.replace('+', "%20"))
}

/// An error response of a provider, as data until it is sent.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub status: u16,
    /// A string is HTML.
    pub body: Value,
    headers: Vec<(&'static str, &'static str)>,
}

impl Refusal {
    pub fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// An error of RFC 6749 §5.2.
    pub fn oauth(status: u16, error: &str, description: &str) -> Self {
        Self::new(status, json!({ "error": error, "error_description": description }))
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Status 429 with `Retry-After: 7`.
    pub fn too_many(mut self) -> Self {
        self.status = 429;
        self.header("retry-after", "7")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Value::String(page) => raw(self.status, "text/html; charset=utf-8", page),
            body => json(self.status, &body),
        };
        for (name, value) in self.headers {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Removes a member of a JSON object.
pub fn remove(body: &mut Value, name: &str) {
    if let Some(object) = body.as_object_mut() {
        object.remove(name);
    }
}

/// A JSON object without the members that are null.
pub fn present(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

/// Adds the members of `more` to `body`.
pub fn merge(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}
