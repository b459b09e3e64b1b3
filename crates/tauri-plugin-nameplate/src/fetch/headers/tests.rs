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
