use super::*;
use crate::url_rules::normal_issuer;

/// Issuers with a path keep it, one that ends in a slash keeps that, and no part of the path
/// of the metadata is left.
#[test]
fn an_issuer_is_read_from_whatever_is_pasted() {
    for (pasted, issuer) in [
        ("https://gitlab.com", "https://gitlab.com"),
        (" https://git.example.com/gitlab/ ", "https://git.example.com/gitlab/"),
        ("https://x.okta.com/oauth2/default", "https://x.okta.com/oauth2/default"),
        (
            "https://x.okta.com/oauth2/default/.well-known/openid-configuration",
            "https://x.okta.com/oauth2/default",
        ),
        ("https://x.eu.auth0.com/", "https://x.eu.auth0.com/"),
        ("x.eu.auth0.com/.well-known/openid-configuration", "https://x.eu.auth0.com"),
        (
            "https://id.example.com/realms/x/.well-known/openid-configuration?ui=1#top",
            "https://id.example.com/realms/x",
        ),
        (
            "https://id.example.com/.well-known/oauth-authorization-server/realms/x",
            "https://id.example.com/realms/x",
        ),
        ("http://127.0.0.1:9400/oidc", "http://127.0.0.1:9400/oidc"),
    ] {
        assert_eq!(normal_issuer(pasted), issuer, "{pasted}");
    }
}

/// S9: what an address may be, and that the ways to hide another host in it are refused.
#[test]
fn an_address_is_https_and_nothing_besides() {
    let of = |text: &str, plain| check("x", "key", text, plain).is_ok();
    for (text, installed, own_home) in [
        ("https://id.example.com/a?b=c", true, true),
        ("http://127.0.0.1:9400/a", false, true),
        ("http://[::1]:9400/a", false, true),
        ("http://localhost/a", false, true),
        ("http://localhost.example.com/a", false, false),
        ("http://128.0.0.1/a", false, false),
        ("ftp://127.0.0.1/a", false, false),
        ("https://u@id.example.com/a", false, false),
        ("https://:p@id.example.com/a", false, false),
        ("https://id.example.com/a#b", false, false),
        ("file:///etc/passwd", false, false),
        ("x", false, false),
    ] {
        assert_eq!((of(text, false), of(text, true)), (installed, own_home), "{text}");
    }
}

/// OpenID Connect Discovery, section 3: an issuer has no query, also an empty one.
#[test]
fn an_issuer_has_no_query() {
    assert!(issuer("x", "https://id.example.com/realms/x", false).is_ok());
    for text in ["https://id.example.com/?", "https://id.example.com/?to=https://evil.example"] {
        let refused = issuer("x", text, false).unwrap_err();
        assert_eq!(refused, "[x] issuer: has a query", "{text}");
    }
    assert!(issuer("x", "http://id.example.com", false).is_err());
}

/// What leads to a document without a path behind it is the issuer itself.
#[test]
fn a_path_behind_the_document_may_be_empty() {
    assert_eq!(
        normal_issuer("https://id.example.com/.well-known/oauth-authorization-server/"),
        "https://id.example.com"
    );
}
