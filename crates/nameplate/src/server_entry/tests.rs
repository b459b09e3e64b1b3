use native_oauth::endpoint_urls::EndpointUrls;

use super::*;
use crate::config::Config;
use crate::home::Home;

/// The entry of an installed program, which trusts no server that a user names.
fn entry() -> Entry {
    Config::of_text_alone("").unwrap().entry("oidc").unwrap().clone()
}

/// S66: neither the server nor what it names is at an address of this machine or network.
#[test]
fn a_private_address_is_refused() {
    for issuer in
        ["https://127.0.0.1", "https://10.1.2.3/x", "https://localhost:8443", "https://[::1]"]
    {
        let refused = at_server(&entry(), issuer).unwrap_err();
        assert_eq!(refused.code(), Code::PrivateAddress, "{issuer}");
    }
    let named = at_server(&entry(), "https://id.example.com").unwrap();
    check_endpoints(&named).unwrap();
    let private: Url = "https://169.254.169.254/latest/".parse().unwrap();
    let each: [fn(&mut EndpointUrls, Option<Url>); 12] = [
        |of, url| of.authorization = url,
        |of, url| of.token = url,
        |of, url| of.userinfo = url,
        |of, url| of.jwks = url,
        |of, url| of.people = url,
        |of, url| of.revocation = url,
        |of, url| of.device_authorization = url,
        |of, url| of.registration = url,
        |of, url| of.pushed_authorization_request = url,
        |of, url| of.emails = url,
        |of, url| of.photo = url,
        |of, url| of.avatar_base = url,
    ];
    for change in each {
        let mut entry = named.clone();
        change(&mut entry.oauth.endpoints, Some(private.clone()));
        assert_eq!(check_endpoints(&entry).unwrap_err().code(), Code::PrivateAddress);
    }
}

/// S66: a handle leads to a host that the user did not name, unless it is a part of the handle; so can the metadata of an
/// issuer.
#[test]
fn a_host_that_was_not_named_is_noticed() {
    let unnamed = |named: &[Option<&str>]| {
        let page = Url::parse("https://pds.example:8443/oauth/authorize?client_id=c").unwrap();
        unnamed_host(Some(&page), named)
    };
    let host = Some("pds.example:8443".to_owned());
    for other in [
        "alice.example",
        "did:plc:1",
        "ds.example:8443",
        "pds.example",
        "https://pds.example",
        "pds.example:8443@evil.example",
        "",
    ] {
        assert_eq!(unnamed(&[Some(other)]), host, "{other}");
    }
    for same in [
        "pds.example:8443",
        "https://PDS.example:8443",
        "pds.example:8443/tenant",
        "@a@pds.example:8443",
    ] {
        assert_eq!(unnamed(&[Some(same)]), None, "{same}");
    }
    assert_eq!(unnamed(&[Some("did:plc:1"), Some("https://pds.example:8443")]), None);
    for (named, page, asked) in [
        ("@Alice.bsky.social", "https://bsky.social/authorize", false),
        ("bsky.social.example", "https://bsky.social/authorize", true),
        ("evilbsky.social", "https://bsky.social/authorize", true),
        ("a.b.example.com", "https://example.com/authorize", true),
        // Which computer a single label is depends on the network.
        ("mallory.wiki", "https://wiki/authorize", true),
    ] {
        let page = Url::parse(page).unwrap();
        assert_eq!(unnamed_host(Some(&page), &[Some(named)]).is_some(), asked, "{named}");
    }
}

/// S66: nor is the page for the code of a device (RFC 8628, section 3.2).
#[test]
fn a_private_address_for_a_code_is_refused() {
    let named = at_server(&entry(), "https://id.example.com").unwrap();
    let checked = |uri: &str, complete: Option<&str>| {
        let prompt = UserCodePrompt {
            user_code: "ABCD".to_owned(),
            verification_uri: uri.to_owned(),
            verification_uri_complete: complete.map(str::to_owned),
        };
        check_verification_uris(&named, &prompt).map_err(|error| error.code())
    };
    let (public, private) = ("https://id.example.com/device", "https://192.168.1.1/device");
    assert_eq!(checked(public, Some(public)), Ok(()));
    assert_eq!(checked(private, None), Err(Code::PrivateAddress));
    assert_eq!(checked(public, Some(private)), Err(Code::PrivateAddress));
}

/// S66: http is for a home of its own.
#[test]
fn a_server_is_https() {
    for issuer in ["http://id.example.com", "http://127.0.0.1:9400/oidc"] {
        let refused = at_server(&entry(), issuer).unwrap_err();
        assert_eq!(refused.code(), Code::ServerMalformed, "{issuer}");
    }
}

/// RFC 9700, section 4.4.2.2.
#[test]
fn redirect_uris_are_those_of_the_issuer() {
    let of = |issuer: &str| at_server(&entry(), issuer).unwrap().redirect_id;
    assert_eq!(of("https://a.example"), of("https://a.example"));
    assert_ne!(of("https://a.example"), of("https://a.example/"));
    assert!(of("https://a.example").starts_with("oidc-"));
}

/// The template of a client metadata document (docs/https-redirect) is one for what a sign-in sends; its values are those that
/// the specification of the AT Protocol requires of a native client.
#[test]
fn the_template_of_a_client_fits_a_sign_in() {
    const TEMPLATE: &str = include_str!("../../../../docs/https-redirect/client-metadata.json");
    let template: serde_json::Value = serde_json::from_str(TEMPLATE).unwrap();
    let client_id = template["client_id"].as_str().unwrap();
    let table = format!("[bluesky]\nclient_id = \"{client_id}\"");
    let configured = Config::of_text_alone(&table).unwrap().entry("bluesky").unwrap().clone();
    let server = at_server(&configured, "https://pds.example.com").unwrap();
    let entry = with_configured_client(server, &configured);
    assert_eq!(entry.oauth.client.as_ref().unwrap().id, client_id);
    let dir = tempfile::tempdir().unwrap();
    let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
    // Each method sends the loopback URI; its port is any (RFC 8252, section 7.3).
    let methods = entry.methods.iter().filter_map(|grant| grant.redirect_method());
    for method in methods {
        let uri = redirect_uris::of_method(&home, &entry, method).unwrap();
        let mut uri = Url::parse(&uri).unwrap();
        uri.set_port(None).unwrap();
        assert_eq!(template["redirect_uris"], serde_json::json!([uri]), "{method:?}");
    }
    assert_eq!(template["scope"], entry.oauth.scopes.join(" "));
    for (name, value) in [
        ("application_type", serde_json::json!("native")),
        ("token_endpoint_auth_method", "none".into()),
        ("dpop_bound_access_tokens", true.into()),
        ("grant_types", serde_json::json!(["authorization_code", "refresh_token"])),
        ("response_types", serde_json::json!(["code"])),
    ] {
        assert_eq!(template[name], value, "{name}");
    }
}
