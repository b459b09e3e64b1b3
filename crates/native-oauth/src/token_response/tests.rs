use super::*;

/// Scopes are separated by blanks, and shown: one of hidden characters alone is none.
#[test]
fn scopes_are_those_of_the_response() {
    use crate::provider_config::ProviderConfig;
    let config = ProviderConfig::issuer("company", "https://id.example.com");
    let http = crate::http::Http::new("test", std::sync::Arc::new(|| 0)).unwrap();
    let client = Client::new(http, config.with_client("c", None));
    let tokens = |scope: Option<&str>| {
        let response =
            serde_json::json!({"access_token": "a", "token_type": "bearer", "scope": scope});
        let response: WireResponse = serde_json::from_value(response).unwrap();
        client.unchecked(&response, None, TokenBinding::Bearer)
    };
    let named = tokens(Some("openid \u{200b} email"));
    assert_eq!(
        (named.scopes, named.names_scopes),
        (["openid", "email"].map(str::to_owned).to_vec(), true)
    );
    let requested = tokens(None);
    assert_eq!((&requested.scopes, requested.names_scopes), (&client.config.scopes, false));
}

/// Tokens are printable ASCII of a limited length, and so are scopes; what is wrong is named, and
/// never quoted.
#[test]
fn a_token_has_limits() {
    let tokens = |access: &str, refresh: &str, scope: &str| TokenResponse {
        refresh: Some(refresh.into()),
        ..TokenResponse::of_access(access.into(), vec![scope.to_owned()])
    };
    let checked = |tokens: TokenResponse| tokens.check();
    let longest = "t".repeat(64 << 10);
    assert_eq!(checked(tokens(&longest, &longest, "s")), Ok(()));
    for (tokens, words) in [
        (tokens(&format!("{longest}t"), "r", "s"), "access_token: 65537 bytes, limit 65536"),
        (tokens("a", &format!("{longest}t"), "s"), "refresh_token: 65537 bytes, limit 65536"),
        (tokens("a", "r\u{1b}[2J", "s"), "refresh_token: characters outside of printable ASCII"),
        (tokens("a\r\nX: y", "r", "s"), "access_token: characters outside of printable ASCII"),
        (tokens("토큰", "r", "s"), "access_token: characters outside of printable ASCII"),
        (tokens("a", "r", &"s".repeat(16 << 10)), "scope: 16385 bytes, limit 16384"),
    ] {
        let refused = checked(tokens).unwrap_err();
        assert_eq!((refused.kind(), refused.detail()), (ErrorKind::TokenMalformed, Some(words)));
    }
}

/// RFC 9449, section 5: what tokens are bound to, by their type, the proof and the client. Only a
/// bound access token is presented with a proof.
#[test]
fn tokens_are_bound_as_the_response_says() {
    use crate::provider::TokenEndpointAuthMethod;
    use crate::provider_config::ProviderConfig;
    use ExtensionPolicy::{IfOffered, Required};
    let key = DpopKey::generate().unwrap();
    let tokens = |dpop, secret: Option<&str>, kind: &str, refresh: Option<&str>, key| {
        let config = ProviderConfig::issuer("company", "https://id.example.com");
        let config = config.with_client("c", secret.map(Into::into));
        let client_auth = Some(TokenEndpointAuthMethod::ClientSecretPost);
        let config = ProviderConfig { dpop, client_auth, ..config };
        let http = crate::http::Http::new("test", std::sync::Arc::new(|| 0)).unwrap();
        let response = serde_json::json!({
            "access_token": "a", "token_type": kind, "refresh_token": refresh,
        });
        let response: WireResponse = serde_json::from_value(response).unwrap();
        Client::new(http, config).tokens(&response, key).map_err(|error| error.kind())
    };
    let bound = TokenBinding::Key(key.clone());
    let refresh = TokenBinding::RefreshToken(key.clone());
    for (secret, kind, token, binding, proof) in [
        (None, "dpop", Some("r"), bound, Some(&key)),
        (None, "bearer", Some("r"), refresh, None),
        (None, "bearer", None, TokenBinding::Bearer, None),
        (Some("s"), "bearer", Some("r"), TokenBinding::Bearer, None),
    ] {
        let tokens = tokens(IfOffered, secret, kind, token, Some(&key)).unwrap();
        assert_eq!((&tokens.binding, tokens.presented().key), (&binding, proof));
    }
    let refused = |tokens: Result<TokenResponse, ErrorKind>| tokens.unwrap_err();
    let unbound = tokens(Required, None, "bearer", None, Some(&key));
    assert_eq!(refused(unbound), ErrorKind::TokenNotBound);
    let unasked = tokens(IfOffered, None, "dpop", None, None);
    assert_eq!(refused(unasked), ErrorKind::TokenTypeRefused);
    let unknown = tokens(IfOffered, None, "unknown", None, None);
    assert_eq!(refused(unknown), ErrorKind::TokenTypeRefused);
}
