//! The token endpoint: requests and responses.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demo_provider::Fault;
use demo_provider::providers::{google, kakao};
use nameplate::{Code, PendingSignIn, RedirectMethod, SignOutScope};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::browser::parameters;
use crate::fixture::{Fixture, complete, realm, response_of};

/// A Discord whose token and profile endpoints are a server that records requests.
async fn watched() -> (Fixture, MockServer) {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_json(
        json!({"access_token": "the-token", "token_type": "Bearer", "expires_in": 60, "scope": "identify email"}),
    );
    Mock::given(method("POST")).respond_with(token).mount(&server).await;
    let profile = ResponseTemplate::new(200).set_body_json(json!({"id": "1", "username": "mira"}));
    Mock::given(method("GET")).respond_with(profile).mount(&server).await;
    let fixture = Fixture::with(|_| of_discord(&server.uri(), "")).await;
    (fixture, server)
}

fn of_discord(at: &str, more: &str) -> String {
    format!(
        "[discord]\nclient_id = \"the-client\"\n{more}\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\navatar_base = \"{at}\"\n"
    )
}

async fn exchange(fixture: &Fixture) -> (PendingSignIn, nameplate::Result<nameplate::User>) {
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = response_of(&begun, "code=the-code");
    let ended = complete(&fixture.nameplate, &response).await;
    (begun, ended)
}

fn form(request: &Request) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// S27: the request has the redirect URI and the verifier, and no headers of a browser.
#[tokio::test]
async fn the_code_is_exchanged_by_the_book() {
    let (fixture, server) = watched().await;
    let (begun, ended) = exchange(&fixture).await;
    ended.unwrap();
    let requests = server.received_requests().await.unwrap();
    let posted: Vec<_> = requests.iter().filter(|request| request.method == "POST").collect();
    assert_eq!(posted.len(), 1);
    let mut sent = form(posted[0]);
    let verifier = sent.remove("code_verifier").unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(challenge, parameters(&begun.url)["code_challenge"]);
    let expected = [
        ("client_id", "the-client"),
        ("code", "the-code"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", begun.redirect_uri.as_str()),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(posted[0].headers["content-type"], "application/x-www-form-urlencoded");
    for request in &requests {
        for name in ["origin", "referer", "cookie", "sec-fetch-mode"] {
            assert!(!request.headers.contains_key(name), "{name} at {}", request.url);
        }
    }
}

/// S27, S30: redirects of the token and profile endpoints are not followed.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start().await;
        let redirect = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        Mock::given(method("POST")).respond_with(redirect).mount(&server).await;
        let fixture = Fixture::with(|_| of_discord(&server.uri(), "")).await;
        assert_eq!(exchange(&fixture).await.1.unwrap_err().code(), Code::Redirected, "{status}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        fixture.assert_nothing_kept();
    }
    let fixture = Fixture::new().await;
    for provider in ["discord", "google", "kakao", "company"] {
        fixture.demo.set_faults(realm(provider), [Fault::TokenRedirects]);
        assert_eq!(fixture.refusal(provider).await, Code::Redirected, "{provider}");
    }
    fixture.demo.set_faults("discord", [Fault::ProfileRedirects]);
    assert_eq!(fixture.refusal("discord").await, Code::Redirected);
    // With an id_token the profile is left out.
    for provider in ["google", "kakao", "company"] {
        fixture.demo.set_faults(realm(provider), [Fault::ProfileRedirects]);
        let user = fixture.sign_in(provider).await.unwrap();
        assert_eq!(user.accounts[0].notes, [Code::UserinfoUnavailable.to_string()], "{provider}");
    }
    let paths = fixture.demo.request_log().paths;
    assert!(paths.keys().all(|path| !path.starts_with("/demo/elsewhere")));
}

/// S28: only bearer tokens, in any case.
#[tokio::test]
async fn only_a_bearer_token_is_taken() {
    let fixture = Fixture::new().await;
    for provider in ["discord", "google", "kakao", "company"] {
        for fault in [Fault::TokenTypeMac, Fault::TokenWithoutType] {
            fixture.demo.set_faults(realm(provider), [fault]);
            assert_eq!(fixture.refusal(provider).await, Code::TokenTypeRefused, "{provider}");
        }
        fixture.demo.set_faults(realm(provider), [Fault::TokenTypeUpper]);
        let user = fixture.sign_in(provider).await.unwrap();
        fixture
            .nameplate
            .accounts()
            .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
            .await
            .unwrap();
    }
}

/// S29: optional fields of RFC 6749 may be missing, and a lifetime may be a string.
#[tokio::test]
async fn optional_fields_of_a_token_response() {
    let fixture = Fixture::new().await;
    let week = Some(fixture.now() + 604_800);
    for (fault, expires_at, scopes) in [
        (Fault::TokenWithoutExpiresIn, None, vec!["identify", "email"]),
        (Fault::TokenExpiresInString, week, vec!["identify", "email"]),
        (Fault::TokenWithoutScope, week, vec!["identify", "email"]),
        (Fault::TokenWithoutRefreshToken, week, vec!["identify", "email"]),
    ] {
        fixture.demo.set_faults("discord", [fault]);
        let account = fixture.sign_in("discord").await.unwrap().accounts.remove(0);
        assert_eq!(account.expires_at, expires_at, "{fault:?}");
        assert_eq!(account.scopes, scopes, "{fault:?}");
    }
}

/// S30: an oversized, non-JSON or failed token response ends the sign-in with its own code, and
/// nothing is left.
#[tokio::test]
async fn a_token_response_that_cannot_be_used() {
    let fixture = Fixture::new().await;
    for (fault, code) in [
        (Fault::TokenTooLarge, Code::ResponseMalformed),
        (Fault::TokenNotJson, Code::ResponseUnreadable),
        (Fault::TokenProxy403, Code::ProviderRefused),
        (Fault::TokenWithoutAccessToken, Code::ResponseMalformed),
        (Fault::Token5xx, Code::WaitAsked),
        (Fault::TokenResponseLost, Code::ProviderBusy),
        (Fault::Token429, Code::WaitAsked),
        (Fault::TokenInvalidClient, Code::PublicClientOff),
        (Fault::TokenInvalidGrant, Code::CodeRefused),
        (Fault::TokenError200, Code::CodeRefused),
    ] {
        fixture.demo.set_faults("discord", [fault]);
        assert_eq!(fixture.refusal("discord").await, code, "{fault:?}");
        fixture.advance(7);
    }
    for fault in [Fault::IdTokenMissing] {
        for provider in ["google", "company"] {
            fixture.demo.set_faults(realm(provider), [fault]);
            assert_eq!(fixture.refusal(provider).await, Code::IdTokenMissing);
        }
    }
    fixture.demo.set_faults("oidc", [Fault::Jwks5xx]);
    assert_eq!(fixture.refusal("company").await, Code::WaitAsked);
    fixture.demo.set_faults("oidc", [Fault::Discovery5xx]);
    assert_eq!(fixture.refusal("company").await, Code::WaitAsked);
    fixture.advance(7);
    fixture.demo.set_faults("oidc", [Fault::DiscoveryNotJson]);
    let refused = fixture.sign_in("company").await.unwrap_err();
    assert_eq!(refused.code(), Code::DiscoveryFailed);
    assert!(refused.detail().unwrap().contains("200 OK"), "what came instead is said: {refused}");
}

/// S30: an endpoint with an untrusted certificate gets nothing.
#[tokio::test]
async fn a_certificate_without_a_known_issuer_is_refused() {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("untrusted/cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("untrusted/key.pem")).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        acceptor.accept(stream).await.map(drop)
    });
    let fixture = Fixture::with(|_| of_discord(&at, "")).await;
    let refused = exchange(&fixture).await.1.unwrap_err();
    assert_eq!(refused.code(), Code::TlsFailed, "and not as one that cannot be reached");
    assert!(refused.detail().unwrap().starts_with("127.0.0.1: "), "{refused}");
    let handshake = server.await.unwrap().unwrap_err().to_string();
    assert!(handshake.contains("UnknownCA") || handshake.contains("Certificate"), "{handshake}");
}

/// S30: an unreachable host is reported by its name only.
#[tokio::test]
async fn an_endpoint_that_is_not_there() {
    let fixture = Fixture::with(|_| of_discord("http://127.0.0.1:9", "")).await;
    let failed = exchange(&fixture).await.1.unwrap_err();
    assert_eq!(
        (failed.code(), failed.detail()),
        (Code::Unreachable, Some("127.0.0.1: no connection"))
    );
    fixture.assert_nothing_kept();
}

/// S31: a client secret is sent to the token endpoint only, together with PKCE.
#[tokio::test]
async fn a_client_secret_is_never_the_only_protection() {
    let fixture = Fixture::new().await;
    for (provider, secret) in [("google", google::CLIENT_SECRET), ("kakao", kakao::CLIENT_SECRET)] {
        let begun = fixture.begin(provider, RedirectMethod::Manual).await;
        assert!(!begun.url.contains(secret));
        assert_eq!(parameters(&begun.url)["code_challenge_method"], "S256");
        let response = fixture.grant(&begun).await;
        complete(&fixture.nameplate, &response).await.unwrap();
        assert!(fixture.vault.entries().values().all(|entry| !entry.contains(secret)));
        assert!(
            !format!("{:?}", fixture.nameplate.provider_setup().config()).contains(secret),
            "not even for debugging"
        );
    }
    let ledger = fixture.demo.request_log();
    assert_eq!((ledger.client_secrets.len(), ledger.verifiers.len()), (2, 2));
}

/// S31: configuration or metadata decide the authentication method; a missing and a wrong secret
/// have their own codes.
#[tokio::test]
async fn the_client_shows_its_secret_as_it_should() {
    let (fixture, server) = watched().await;
    for (more, in_body, in_header) in [
        ("", false, false),
        ("client_secret = \"s3cret\"", true, false),
        ("client_secret = \"s3cret\"\nclient_auth = \"basic\"", false, true),
        ("client_secret = \"s3cret\"\nclient_auth = \"none\"", false, false),
    ] {
        server.reset().await;
        fixture.write_providers(&of_discord(&server.uri(), more));
        assert_eq!(exchange(&fixture).await.1.unwrap_err().code(), Code::ProviderRefused);
        let request = server.received_requests().await.unwrap().remove(0);
        assert_eq!(form(&request).contains_key("client_secret"), in_body, "{more}");
        assert_eq!(request.headers.contains_key("authorization"), in_header, "{more}");
    }
    let fixture = Fixture::new().await;
    let without = fixture.demo.providers_toml().replace(google::CLIENT_SECRET, "wrong");
    fixture.write_providers(&without);
    assert_eq!(fixture.refusal("google").await, Code::SecretRefused);
}

/// A token that no header can carry, or that is too long, is refused, and not stored or quoted.
#[tokio::test]
async fn a_token_that_cannot_be_used_is_named() {
    for token in ["s3cret\u{1b}[2J", "s3cret\r\n", &"s3cret".repeat((64 << 10) + 1)] {
        let server = MockServer::start().await;
        let granted = json!({ "access_token": token, "token_type": "Bearer" });
        let granted = ResponseTemplate::new(200).set_body_json(granted);
        Mock::given(method("POST")).respond_with(granted).mount(&server).await;
        let fixture = Fixture::with(|_| of_discord(&server.uri(), "")).await;
        let refused = exchange(&fixture).await.1.unwrap_err();
        assert_eq!(refused.code(), Code::TokenMalformed);
        assert!(refused.detail().unwrap().starts_with("access_token: "), "{refused}");
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
        fixture.assert_nothing_kept();
    }
}
