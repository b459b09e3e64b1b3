//! Which URLs the token of an account may be sent to. Pure.

use url::{Origin, Url};

use super::refusal::{Refusal, RefusalCode};

/// An API that pages may call with the tokens of one provider's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    provider: String,
    origin: Origin,
    prefixes: Vec<String>,
}

/// Which schemes an API may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schemes {
    /// https.
    Https,
    /// Also http to a loopback host, in a run with a home of its own.
    HttpsAndPlainLoopback,
}

impl Api {
    /// `origin` is scheme, host and port; each prefix is a path that begins with `/`. A prefix allows
    /// itself and what is below it: `/v1` and `/v1/` allow `/v1/users` and not `/v10`.
    ///
    /// # Errors
    /// What is wrong, for the author of the app.
    pub fn new<P: Into<String>>(
        provider: &str,
        origin: &str,
        prefixes: impl IntoIterator<Item = P>,
        schemes: Schemes,
    ) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("api {origin:?}: {what}"));
        let Ok(url) = Url::parse(origin) else { return wrong("is not a URL") };
        if !is_scheme_allowed(&url, schemes) {
            return wrong("must be https");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_user(&url)
        {
            return wrong("must be scheme, host and port only");
        }
        let prefixes: Vec<String> = prefixes.into_iter().map(Into::into).collect();
        if prefixes.is_empty() || !prefixes.iter().all(|prefix| prefix.starts_with('/')) {
            return wrong("needs path prefixes that begin with /");
        }
        Ok(Self { provider: provider.to_owned(), origin: url.origin(), prefixes })
    }

    fn allows_path(&self, path: &str) -> bool {
        self.prefixes.iter().any(|prefix| {
            let below = prefix.trim_end_matches('/');
            let rest = path.strip_prefix(below);
            path == prefix || rest.is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

fn is_scheme_allowed(url: &Url, schemes: Schemes) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback && schemes == Schemes::HttpsAndPlainLoopback,
        _ => false,
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whose token is sent.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The account's provider.
    pub provider: &'a str,
    /// The account's server, where a person named it: the provider has accounts of several, and the
    /// token of one goes to no other.
    pub server: Option<&'a str>,
}

/// The URL to send to, if the token of an account may go there.
///
/// # Errors
/// [`RefusalCode::BadUrl`] if servers could read it in two ways, [`RefusalCode::OriginRefused`] or
/// [`RefusalCode::PathRefused`] if no API of the provider allows it.
pub fn check(apis: &[Api], holder: Holder<'_>, text: &str) -> Result<Url, Refusal> {
    let Holder { provider, server } = holder;
    let bad = |why: &str| Refusal::new(RefusalCode::BadUrl, why);
    // URL parsers drop tabs and line breaks, and read a backslash as a slash.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(bad("has white space, a control character or a backslash"));
    }
    let mut url = Url::parse(text).map_err(|_| bad("is not an absolute URL"))?;
    if has_user(&url) || authority(text).contains('@') {
        return Err(bad("has a user name"));
    }
    if has_dot_segment(raw_path(text)) || has_dot_segment(url.path()) {
        return Err(bad("its path has a dot segment"));
    }
    url.set_fragment(None);
    let of_origin =
        || apis.iter().filter(|api| api.provider == provider && api.origin == url.origin());
    let is_other_server = server.is_some_and(|server| {
        Url::parse(server).map_or(true, |server| server.origin() != url.origin())
    });
    if is_other_server || of_origin().next().is_none() {
        return Err(Refusal::new(RefusalCode::OriginRefused, "the app allows no such origin"));
    }
    match of_origin().any(|api| api.allows_path(url.path())) {
        true => Ok(url),
        false => Err(Refusal::new(RefusalCode::PathRefused, "the app allows no such path")),
    }
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn raw_path(text: &str) -> &str {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    path.find('/').map_or("", |at| path.get(at..).unwrap_or_default())
}

/// Whether some server may read a segment as `.` or `..`: after decoding it once or more often, with
/// a backslash for a slash, or without what follows a semicolon (RFC 3986, section 3.3).
fn has_dot_segment(path: &str) -> bool {
    let mut path = path.to_owned();
    loop {
        let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
        if path.split(['/', '\\']).any(is_dots) || path.contains('\0') {
            return true;
        }
        let decoded = decoded(&path);
        if decoded == path {
            return false;
        }
        path = decoded;
    }
}

/// Decodes percent encodings once; each makes the text shorter.
fn decoded(text: &str) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let value = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        at += if value.is_some() { 3 } else { 1 };
        out.push(value.unwrap_or(*byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPANY: Holder<'_> = Holder { provider: "company", server: None };

    fn apis() -> Vec<Api> {
        let api = |provider, origin, prefix: &str| {
            Api::new(provider, origin, [prefix], Schemes::Https).unwrap()
        };
        vec![
            api("company", "https://api.example.com", "/v1/"),
            api("company", "https://api.example.com", "/me"),
            api("discord", "https://discord.example", "/api"),
        ]
    }

    fn refused(url: &str) -> RefusalCode {
        check(&apis(), COMPANY, url).expect_err(url).code
    }

    #[test]
    fn what_is_below_a_prefix_is_allowed() {
        for url in [
            "https://api.example.com/v1/",
            "https://api.example.com/v1/users?name=a..b&x=%2e%2e",
            "https://API.example.com:443/v1/groups/a%2Fb",
            "https://api.example.com/me",
            "https://api.example.com/me/picture",
            "https://api.example.com/v1/...",
            "https://api.example.com/v1/100%",
        ] {
            let allowed = check(&apis(), COMPANY, url);
            assert!(allowed.is_ok(), "{url}: {allowed:?}");
        }
        let url = check(&apis(), COMPANY, "https://api.example.com/me#fragment").unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/me");
    }

    /// S68: no other origin gets the token, however it is written.
    #[test]
    fn another_origin_is_refused() {
        for url in [
            "https://evil.example/v1/",
            "http://api.example.com/v1/",
            "https://api.example.com:8443/v1/",
            "https://api.example.com.evil.example/v1/",
            "https://api.example.com./v1/",
            "https://evil.example/https://api.example.com/v1/",
            "https://evil.example#https://api.example.com/v1/",
            "https://discord.example/api",
            "wss://api.example.com/v1/",
            "file:///v1/",
            "data:text/plain,x",
        ] {
            assert_eq!(refused(url), RefusalCode::OriginRefused, "{url}");
        }
        for url in ["//api.example.com/v1/", "/v1/", "", "api.example.com/v1/"] {
            assert_eq!(refused(url), RefusalCode::BadUrl, "{url}");
        }
    }

    /// S68: an account gets no farther than the APIs of its own provider.
    #[test]
    fn another_providers_api_is_refused() {
        let url = "https://discord.example/api";
        assert!(check(&apis(), Holder { provider: "discord", server: None }, url).is_ok());
        assert_eq!(refused(url), RefusalCode::OriginRefused);
        assert_eq!(
            check(
                &apis(),
                Holder { provider: "discord", server: None },
                "https://api.example.com/v1/"
            )
            .unwrap_err()
            .code,
            RefusalCode::OriginRefused
        );
    }

    /// S66, S68: the token of an account at one server goes to no other server of the provider.
    #[test]
    fn another_server_is_refused() {
        let url = "https://api.example.com/v1/";
        for (server, allowed) in [
            ("https://api.example.com", true),
            ("https://api.example.com/users/", true),
            ("https://other.example", false),
            ("http://api.example.com", false),
            ("api.example.com", false),
        ] {
            let holder = Holder { server: Some(server), ..COMPANY };
            assert_eq!(check(&apis(), holder, url).is_ok(), allowed, "{server}");
        }
    }

    /// S68: a path leads nowhere above its prefix, in no reading of it.
    #[test]
    fn a_path_does_not_leave_its_prefix() {
        for path in ["", "/", "/v10/", "/admin", "/V1/", "/v1", "/mee", "//v1/"] {
            let url = format!("https://api.example.com{path}");
            assert_eq!(refused(&url), RefusalCode::PathRefused, "{url}");
        }
        for path in [
            "/v1/../admin",
            "/v1/./x",
            "/v1/..",
            "/v1/%2e%2e/admin",
            "/v1/%2E./admin",
            "/v1/%252e%252e/admin",
            "/v1/%25252e%25252e%25252fadmin",
            "/v1/..%2fadmin",
            "/v1/x%2f..%2fadmin",
            "/v1/..%5cadmin",
            "/v1/..;/admin",
            "/v1/..;a=b/admin",
            "/v1/..%3b/admin",
            "/v1/%2e%2e%00/x",
            "/v1/\\..\\admin",
            "/v1/..\\admin",
            "/v1/.\t./admin",
            "/v1/.\n./admin",
        ] {
            let url = format!("https://api.example.com{path}");
            assert_eq!(refused(&url), RefusalCode::BadUrl, "{url}");
        }
    }

    /// S68: a user name before the host is no disguise for it.
    #[test]
    fn userinfo_is_refused() {
        for url in [
            "https://user@api.example.com/v1/",
            "https://user:password@api.example.com/v1/",
            "https://:@api.example.com/v1/",
            "https://@api.example.com/v1/",
            "https://api.example.com@evil.example/v1/",
            "https://api.example.com\\@evil.example/v1/",
        ] {
            assert_eq!(refused(url), RefusalCode::BadUrl, "{url}");
        }
    }

    #[test]
    fn an_api_is_an_origin_with_prefixes() {
        let new = |origin, prefixes: &[&str], schemes| {
            Api::new("company", origin, prefixes.iter().copied(), schemes)
        };
        for (origin, prefixes) in [
            ("http://api.example.com", &["/"][..]),
            ("https://api.example.com/v1", &["/"]),
            ("https://a@api.example.com", &["/"]),
            ("https://api.example.com?x", &["/"]),
            ("api.example.com", &["/"]),
            ("https://api.example.com", &[]),
            ("https://api.example.com", &["v1"]),
            ("http://10.0.0.1", &["/"]),
        ] {
            let both = [Schemes::Https, Schemes::HttpsAndPlainLoopback];
            assert!(
                both.iter().all(|schemes| new(origin, prefixes, *schemes).is_err()),
                "{origin}"
            );
        }
        let plain = "http://127.0.0.1:9400";
        assert!(new(plain, &["/"], Schemes::Https).is_err());
        assert!(new(plain, &["/"], Schemes::HttpsAndPlainLoopback).is_ok());
    }
}
