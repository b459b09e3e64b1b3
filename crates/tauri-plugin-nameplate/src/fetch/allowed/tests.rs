//! Which URLs are refused.

use super::*;

const COMPANY: Holder<'_> = of_app("company", "https://login.example.com");
const DISCORD: Holder<'_> = of_app("discord", "https://discord.example");

const fn of_app<'a>(provider: &'a str, issuer: &'a str) -> Holder<'a> {
    Holder { provider, issuer, server: Server::OfApp }
}

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

/// S68: the token of an account is sent only to the APIs of its own provider.
#[test]
fn another_providers_api_is_refused() {
    let url = "https://discord.example/api";
    assert!(check(&apis(), DISCORD, url).is_ok());
    assert_eq!(refused(url), RefusalCode::OriginRefused);
    assert_eq!(
        check(&apis(), DISCORD, "https://api.example.com/v1/").unwrap_err().code,
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
        let holder = Holder { issuer: server, server: Server::Named, ..COMPANY };
        assert_eq!(check(&apis(), holder, url).is_ok(), allowed, "{server}");
    }
}

/// S66, S68: an API of the issuer is at the account's own server, below its issuer.
#[test]
fn the_issuers_api_is_that_of_the_account() {
    let api = |schemes| [Api::of_issuer("company", ["/me", "/v1/"], schemes).unwrap()];
    let code = |issuer, server, url: &str| {
        let holder = Holder { issuer, server, ..COMPANY };
        check(&api(Schemes::Https), holder, url).map_err(|refusal| refusal.code).err()
    };
    let refused = Some(RefusalCode::OriginRefused);
    let path_refused = Some(RefusalCode::PathRefused);
    for (issuer, url, expected) in [
        ("https://one.example", "https://one.example/me", None),
        ("https://one.example/", "https://one.example/v1/users", None),
        ("https://one.example/tenant", "https://one.example/tenant/me", None),
        ("https://one.example/tenant", "https://one.example/me", path_refused),
        ("https://one.example/tenant", "https://one.example/tenant2/me", path_refused),
        ("https://one.example/tenant", "https://one.example/tenantme", path_refused),
        ("https://one.example", "https://one.example/admin", path_refused),
        ("https://one.example", "https://other.example/me", refused),
        ("https://one.example", "https://one.example:8443/me", refused),
        ("http://one.example", "http://one.example/me", refused),
        ("local", "https://one.example/me", refused),
    ] {
        for server in [Server::OfApp, Server::Named] {
            assert_eq!(code(issuer, server, url), expected, "{issuer} {url}");
        }
    }
    let holder = Holder { issuer: "http://127.0.0.1:9400/oidc", ..COMPANY };
    let url = "http://127.0.0.1:9400/oidc/me";
    assert!(check(&api(Schemes::Https), holder, url).is_err());
    assert!(check(&api(Schemes::HttpsAndPlainLoopback), holder, url).is_ok());
    assert!(Api::of_issuer("company", ["me"], Schemes::Https).is_err());
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
        assert!(both.iter().all(|schemes| new(origin, prefixes, *schemes).is_err()), "{origin}");
    }
    let plain = "http://127.0.0.1:9400";
    assert!(new(plain, &["/"], Schemes::Https).is_err());
    assert!(new(plain, &["/"], Schemes::HttpsAndPlainLoopback).is_ok());
}
