use super::*;
use crate::provider::BUILT_IN;

/// The issuer of an account at a server that a user named is that server.
#[test]
fn a_server_is_its_own_issuer() {
    let provider = BUILT_IN.iter().find(|one| one.server_input == ServerInput::Server).unwrap();
    let of = |url: &str| ProviderConfig::new(provider).at_server(&url.parse().unwrap());
    assert_eq!(of("https://one.example").issuer, "https://one.example/");
    assert_ne!(of("https://one.example").issuer, of("https://two.example").issuer);
    let endpoints = of("https://one.example").endpoints;
    for (endpoint, path) in [
        (endpoints.authorization, provider.endpoints.authorization),
        (endpoints.token, provider.endpoints.token),
        (endpoints.userinfo, provider.endpoints.userinfo),
        (endpoints.revocation, provider.endpoints.revocation),
        (endpoints.registration, provider.endpoints.registration),
    ] {
        let expected = format!("https://one.example/{}", path.trim_start_matches('/'));
        assert_eq!(endpoint.map(String::from), Some(expected));
    }
}

/// S9: the endpoints of every built-in provider keep to the rules for configured ones.
#[test]
fn built_in_endpoints_are_urls() {
    for &provider in BUILT_IN {
        let mut urls = match provider.server_input {
            ServerInput::Server => {
                let server = "https://server.example".parse().unwrap();
                ProviderConfig::new(provider).at_server(&server).endpoints
            }
            ServerInput::None | ServerInput::Issuer | ServerInput::Handle => {
                EndpointUrls::from(&provider.endpoints)
            }
        };
        let mut urls = urls.of_tokens();
        for (key, url) in &mut urls {
            let Some(url) = url else { continue };
            endpoint(provider.id, key, url.as_str(), false).unwrap();
        }
        // The metadata name that of an account's server.
        let is_discovered = provider.server_input == ServerInput::Handle;
        assert_ne!(urls[0].1.is_some(), is_discovered, "{}", provider.id);
    }
}

/// S54: a picture may come from this machine only where the tokens do.
#[test]
fn this_machine_is_where_the_tokens_come_from() {
    let at = |token: &str| {
        let mut config = ProviderConfig::issuer("company", "https://id.example.com");
        config.endpoints.token = token.parse().ok();
        config.is_on_this_machine()
    };
    for here in ["http://127.0.0.1:9400/token", "http://[::1]/token", "https://localhost/token"] {
        assert!(at(here), "{here}");
    }
    for elsewhere in ["https://id.example.com/token", "https://localhost.evil.example/", ""] {
        assert!(!at(elsewhere), "{elsewhere}");
    }
}

/// Each profile request has its own endpoint; one that is not known is none.
#[test]
fn a_profile_request_goes_to_its_endpoint() {
    let mut config = ProviderConfig::issuer("company", "https://id.example.com");
    for (endpoint, path) in
        [(Endpoint::Userinfo, "/u"), (Endpoint::People, "/p"), (Endpoint::Emails, "/e")]
    {
        assert_eq!(config.endpoint(endpoint), None);
        let url = |path: &str| format!("https://id.example.com{path}").parse().ok();
        config.endpoints.userinfo = url("/u");
        config.endpoints.people = url("/p");
        config.endpoints.emails = url("/e");
        assert_eq!(config.endpoint(endpoint).map(Url::path), Some(path));
        config.endpoints = EndpointUrls::default();
    }
    let missing = config.token_endpoint().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::DiscoveryFailed);
    assert_eq!(config.client().unwrap_err().kind(), ErrorKind::NotSetUp);
}
