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
mod tests {
    use super::*;

    fn given(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// S68: the page can neither authenticate as another account nor say where it comes from.
    #[test]
    fn what_authenticates_is_withheld() {
        let sent = request(&given(&[
            ("Authorization", "Bearer mine"),
            ("COOKIE", "a=b"),
            ("origin", "https://evil.example"),
            ("Host", "evil.example"),
            ("Referer", "https://evil.example"),
            ("Proxy-Authorization", "Basic x"),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Content-Length", "5"),
            ("Transfer-Encoding", "chunked"),
            ("DPoP", "x"),
            ("Accept", "application/json"),
            ("X-Request-Id", "1"),
            ("x-request-id", "2"),
        ]))
        .unwrap();
        let names: Vec<_> = sent.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["accept", "x-request-id"]);
        assert_eq!(sent.get_all("x-request-id").iter().count(), 2);
    }

    /// S68: a header ends where it ends.
    #[test]
    fn a_header_cannot_be_injected() {
        for (name, value) in [
            ("x", "a\r\nAuthorization: Bearer b"),
            ("x", "a\nb"),
            ("x", "a\0b"),
            ("x: y\r\nz", "a"),
            ("x y", "a"),
            ("", "a"),
            ("Authorization ", "a"),
        ] {
            let refused = request(&given(&[(name, value)])).unwrap_err();
            assert_eq!(refused.code, RefusalCode::BadHeader, "{name:?}: {value:?}");
        }
    }

    #[test]
    fn methods_are_those_of_the_fetch_standard() {
        assert_eq!(method("get").unwrap(), Method::GET);
        assert_eq!(method("PATCH").unwrap(), Method::PATCH);
        assert_eq!(method("patch").unwrap().as_str(), "patch");
        for refused in ["", "TRACE", "connect", "Track", "GET /admin HTTP/1.1\r\n", "A B"] {
            assert_eq!(method(refused).unwrap_err().code, RefusalCode::BadMethod, "{refused}");
        }
    }

    #[test]
    fn the_page_gets_no_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.append("set-cookie", HeaderValue::from_static("session=1"));
        headers.append("set-cookie2", HeaderValue::from_static("session=1"));
        headers.append("x-name", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        let shown = given(&[("content-type", "text/plain"), ("x-name", "café")]);
        assert_eq!(response(&headers), shown);
    }
}
