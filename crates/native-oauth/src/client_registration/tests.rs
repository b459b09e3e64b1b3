//! What a server answers to a registration.

use std::sync::Arc;

use secrecy::ExposeSecret;
use wiremock::matchers::{any, body_partial_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::http::Http;
use crate::provider_config::ProviderConfig;

const LOOPBACK: &str = "http://127.0.0.1/callback/oidc";
const SCHEME: &str = "app.nameplate.desktop:/callback/oidc";

fn client(server: &MockServer) -> Client {
    let mut config = ProviderConfig::issuer("oidc", &server.uri());
    config.plain_loopback = true;
    config.endpoints.registration = Some(server.uri().parse().unwrap());
    Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config)
}

async fn registered(response: ResponseTemplate) -> (MockServer, Result<RegisteredClient>) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let uris = [LOOPBACK, SCHEME].map(str::to_owned);
    let registered = client(&server).registration().register("Nameplate", &uris).await;
    (server, registered)
}

fn created(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(body)
}

/// RFC 7591, section 2: a native public client, whose redirect URIs are the program's own.
#[tokio::test]
async fn a_native_public_client_is_asked_for() {
    let (server, made) = registered(created(json!({ "client_id": "c" }))).await;
    let made = made.unwrap();
    assert_eq!(made.credentials.id, "c");
    assert_eq!(made.auth, TokenEndpointAuthMethod::None);
    assert_eq!(made.redirect_uris, [LOOPBACK, SCHEME]);
    assert!(made.management.is_none());
    let [sent] = &server.received_requests().await.unwrap()[..] else { panic!("one request") };
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(
        sent,
        json!({
            "client_name": "Nameplate", "application_type": "native",
            "redirect_uris": [LOOPBACK, SCHEME], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        })
    );
}

/// A server that takes no private-use scheme is asked for the loopback URI alone.
#[tokio::test]
async fn a_refused_scheme_is_left_out() {
    let server = MockServer::start().await;
    Mock::given(body_partial_json(json!({ "redirect_uris": [LOOPBACK, SCHEME] })))
        .respond_with(
            ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_redirect_uri"})),
        )
        .mount(&server)
        .await;
    Mock::given(body_partial_json(json!({ "redirect_uris": [LOOPBACK] })))
        .respond_with(created(json!({ "client_id": "c" })))
        .with_priority(6)
        .mount(&server)
        .await;
    let uris = [LOOPBACK, SCHEME].map(str::to_owned);
    let made = client(&server).registration().register("Nameplate", &uris).await.unwrap();
    assert_eq!(made.redirect_uris, [LOOPBACK]);
}

/// RFC 7591, section 3.2.1: what the server changed is what counts.
#[tokio::test]
async fn the_response_says_how_the_client_authenticates() {
    for (body, auth, expiry) in [
        (json!({"client_secret": "s"}), TokenEndpointAuthMethod::ClientSecretBasic, None),
        (
            json!({"client_secret": "s", "client_secret_expires_at": 0,
                   "token_endpoint_auth_method": "none"}),
            TokenEndpointAuthMethod::None,
            None,
        ),
        (
            json!({"client_secret": "s", "client_secret_expires_at": 9,
                   "token_endpoint_auth_method": "client_secret_post"}),
            TokenEndpointAuthMethod::ClientSecretPost,
            Some(9),
        ),
    ] {
        let mut body = body;
        body["client_id"] = json!("c");
        let (_server, made) = registered(created(body)).await;
        let made = made.unwrap();
        assert_eq!((made.auth, made.secret_expires_at), (auth, expiry));
        assert_eq!(made.credentials.secret.unwrap().expose_secret(), "s");
    }
}

/// S67: a response without a usable client is refused, and says what is wrong.
#[tokio::test]
async fn an_unusable_response_is_refused() {
    let long = "x".repeat(LONGEST_ID + 1);
    for (body, kind) in [
        (json!({}), ErrorKind::ResponseMalformed),
        (json!({"client_id": ""}), ErrorKind::ResponseMalformed),
        (json!({"client_id": 7}), ErrorKind::ResponseMalformed),
        (json!({"client_id": "a\u{7}"}), ErrorKind::ResponseMalformed),
        (json!({"client_id": long}), ErrorKind::ResponseMalformed),
        (json!({"client_id": "c", "client_secret": ["s"]}), ErrorKind::ResponseMalformed),
        (
            json!({"client_id": "c", "redirect_uris": ["https://evil.example/"]}),
            ErrorKind::ResponseMalformed,
        ),
        (
            json!({"client_id": "c", "token_endpoint_auth_method": "private_key_jwt"}),
            ErrorKind::ServerRequires,
        ),
        (
            json!({"client_id": "c", "token_endpoint_auth_method": "client_secret_basic"}),
            ErrorKind::ServerRequires,
        ),
    ] {
        let (_server, made) = registered(created(body.clone())).await;
        assert_eq!(made.unwrap_err().kind(), kind, "{body}");
    }
    let (_server, page) = registered(ResponseTemplate::new(200).set_body_string("<html>")).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::ResponseUnreadable);
    let huge = ResponseTemplate::new(201).set_body_bytes(vec![b' '; 2 << 20]);
    let (_server, huge) = registered(huge).await;
    assert_eq!(huge.unwrap_err().kind(), ErrorKind::ResponseMalformed);
    let elsewhere = ResponseTemplate::new(307).insert_header("location", "https://evil.example");
    let (_server, elsewhere) = registered(elsewhere).await;
    assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::Redirected);
}

/// RFC 7591, section 3: registration may want an initial access token, or not exist.
#[tokio::test]
async fn a_closed_registration_is_told_apart_from_a_refusal() {
    for (status, error, kind) in [
        (401, "invalid_token", ErrorKind::RegistrationClosed),
        (403, "insufficient_scope", ErrorKind::RegistrationClosed),
        (404, "not_found", ErrorKind::RegistrationClosed),
        (400, "invalid_software_statement", ErrorKind::RegistrationRefused),
    ] {
        let response = ResponseTemplate::new(status)
            .set_body_json(json!({"error": error, "error_description": "no native clients"}));
        let (_server, made) = registered(response).await;
        let refused = made.unwrap_err();
        assert_eq!(refused.kind(), kind);
        assert!(refused.detail().unwrap().contains("no native clients"), "{refused}");
    }
    let server = MockServer::start().await;
    let mut closed = client(&server);
    closed.config.endpoints.registration = None;
    let refused =
        closed.registration().register("Nameplate", &[LOOPBACK.to_owned()]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RegistrationClosed);
}

/// RFC 7592, section 2.3; the token goes to the server that gave it alone.
#[tokio::test]
async fn a_registration_is_deleted_at_its_own_server() {
    let server = MockServer::start().await;
    let registered_at = |uri: String| {
        created(json!({"client_id": "c", "registration_client_uri": uri,
                       "registration_access_token": "t0ken"}))
    };
    let own = registered_at(format!("{}/clients/c", server.uri()));
    Mock::given(method("POST")).respond_with(own).up_to_n_times(1).mount(&server).await;
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let uris = [LOOPBACK.to_owned()];
    let client = client(&server);
    let made = client.registration().register("Nameplate", &uris).await.unwrap();
    client.registration().unregister(&made.management.unwrap()).await.unwrap();
    let foreign = registered_at("https://evil.example/clients/c".to_owned());
    Mock::given(method("POST")).respond_with(foreign).mount(&server).await;
    let made = client.registration().register("Nameplate", &uris).await.unwrap();
    assert!(made.management.is_none());
}
