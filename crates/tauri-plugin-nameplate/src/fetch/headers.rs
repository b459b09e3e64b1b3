//! Headers of a page's request and of the response. Pure.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::refusal::{Refusal, RefusalCode};

/// Request headers that only Rust may set: the forbidden request-headers of the Fetch
/// standard, and those that authenticate.
const WITHHELD: &[&str] = &[
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "dpop",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// Starts of the names of withheld request headers.
const WITHHELD_STARTS: &[&str] = &["proxy-", "sec-", "x-forwarded-"];

/// The method, spelled as the Fetch standard normalizes it.
///
/// # Errors
/// [`RefusalCode::BadMethod`].
pub fn method(text: &str) -> Result<Method, Refusal> {
    let bad = || Refusal::new(RefusalCode::BadMethod, "the method is not allowed");
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "CONNECT" | "TRACE" | "TRACK" => Err(bad()),
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" => upper.parse().map_err(|_| bad()),
        _ => text.parse().map_err(|_| bad()),
    }
}

/// The headers that are sent, without those that are withheld.
///
/// # Errors
/// [`RefusalCode::BadHeader`] for a name or value with other characters than HTTP allows, such as a
/// line break.
pub fn request(given: &[(String, String)]) -> Result<HeaderMap, Refusal> {
    let bad =
        || Refusal::new(RefusalCode::BadHeader, "a header has a character that is not allowed");
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name: HeaderName = name.parse().map_err(|_| bad())?;
        let value: HeaderValue = value.parse().map_err(|_| bad())?;
        if !is_withheld(name.as_str()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn is_withheld(name: &str) -> bool {
    WITHHELD.contains(&name) || WITHHELD_STARTS.iter().any(|start| name.starts_with(start))
}

/// The headers that the page gets: all but cookies. Bytes that are not ASCII are read as Latin-1, as
/// browsers do.
pub fn response(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().filter(|(name, _)| !is_cookie(name.as_str()));
    let text = |value: &HeaderValue| value.as_bytes().iter().copied().map(char::from).collect();
    shown.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn is_cookie(name: &str) -> bool {
    matches!(name, "set-cookie" | "set-cookie2")
}

#[cfg(test)]
mod tests;
