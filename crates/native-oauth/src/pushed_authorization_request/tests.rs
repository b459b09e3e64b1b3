use std::collections::BTreeMap;

use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::dpop::DpopKey;
use crate::http::Http;
use crate::provider::TokenEndpointAuthMethod;
use crate::provider_config::{ExtensionPolicy, ProviderConfig};

fn client(par: ExtensionPolicy, endpoint: Option<String>) -> Client {
    let mut config = ProviderConfig::issuer("company", "https://id.example.com");
    config.par = par;
    config.endpoints.authorization = Some("https://id.example.com/auth?tenant=1".parse().unwrap());
    config.endpoints.pushed_authorization_request =
        endpoint.map(|endpoint| endpoint.parse().unwrap());
    Client::new(
        Http::new("test", std::sync::Arc::new(|| 0)).unwrap(),
        config.with_client("c", None),
    )
}

fn pairs(query: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

async fn server(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path("/par")).respond_with(response).mount(&server).await;
    server
}

async fn pushed(server: &MockServer) -> Result<AuthorizationRequest> {
    let client = client(ExtensionPolicy::IfOffered, Some(format!("{}/par", server.uri())));
    client.begin_authorization("http://127.0.0.1:1/x", 600).await
}

/// S65: the browser carries the reference and nothing of the request; the endpoint's own query
/// stays with it (RFC 9126, sections 2.1 and 4).
#[tokio::test]
async fn the_browser_carries_a_reference() {
    let response = json!({ "request_uri": "urn:example:1 2", "expires_in": 60 });
    let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
    let request = pushed(&server).await.unwrap();
    let url = Url::parse(&request.url).unwrap();
    let shown = json!({ "tenant": "1", "client_id": "c", "request_uri": "urn:example:1 2" });
    assert_eq!(json!(pairs(url.query().unwrap())), shown);
    let sent = &server.received_requests().await.unwrap()[0];
    let form = String::from_utf8_lossy(&sent.body);
    assert_eq!(form.matches("client_id=").count(), 1, "{form}");
    let form = pairs(&form);
    assert_eq!((&*form["response_type"], &*form["code_challenge_method"]), ("code", "S256"));
    assert!(form.contains_key("state") && form.contains_key("nonce"));
    assert!(!form.contains_key("tenant"));
}

/// S65: the client id is a parameter of the request, also where the header has it (RFC 9126,
/// section 2.1).
#[tokio::test]
async fn a_pushed_request_names_its_client() {
    for auth in
        [TokenEndpointAuthMethod::ClientSecretBasic, TokenEndpointAuthMethod::ClientSecretPost]
    {
        let response = json!({ "request_uri": "urn:example:1" });
        let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
        let endpoint = format!("{}/par", server.uri());
        let mut client = client(ExtensionPolicy::IfOffered, Some(endpoint));
        client.config.client.as_mut().unwrap().secret = Some("s".to_owned().into());
        client.config.client_auth = Some(auth);
        client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
        let sent = &server.received_requests().await.unwrap()[0];
        let ids = form_urlencoded::parse(&sent.body).filter(|(name, _)| name == "client_id");
        assert_eq!(ids.collect::<Vec<_>>(), [("client_id".into(), "c".into())], "{auth:?}");
    }
}

/// S64, S65: the pushed request proves the key whose thumbprint it names (RFC 9449, section
/// 10.1).
#[tokio::test]
async fn a_pushed_request_proves_its_key() {
    let response = json!({ "request_uri": "urn:example:1" });
    let server = server(ResponseTemplate::new(201).set_body_json(response)).await;
    let mut client = client(ExtensionPolicy::Required, Some(format!("{}/par", server.uri())));
    client.config.dpop = ExtensionPolicy::Required;
    let request = client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
    let sent = &server.received_requests().await.unwrap()[0];
    let key: &DpopKey = request.secrets.dpop_key.as_ref().unwrap();
    assert_eq!(pairs(&String::from_utf8_lossy(&sent.body))["dpop_jkt"], key.thumbprint());
    assert!(sent.headers.contains_key("dpop"));
}

/// S65: where it is required, nothing goes another way; and a refusal is not gone around.
#[tokio::test]
async fn what_is_pushed_is_sent_in_no_other_way() {
    let unconfigured = client(ExtensionPolicy::Required, None);
    let refused = unconfigured.begin_authorization("http://127.0.0.1:1/x", 600).await;
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.detail()),
        (ErrorKind::DiscoveryFailed, Some(PAR_ENDPOINT))
    );
    let error = |error: &str| {
        let body = json!({ "error": error, "error_description": "d" });
        ResponseTemplate::new(400).set_body_json(body)
    };
    for (response, kind) in [
        (error("invalid_redirect_uri"), ErrorKind::RedirectRefused),
        (error("invalid_client"), ErrorKind::ClientRefused),
        (error("invalid_scope"), ErrorKind::ScopeNotSetUp),
        (ResponseTemplate::new(503), ErrorKind::ProviderBusy),
        (ResponseTemplate::new(201).set_body_json(json!({})), ErrorKind::ResponseMalformed),
        (
            ResponseTemplate::new(201)
                .set_body_json(json!({ "request_uri": "u".repeat(MAX_REFERENCE_BYTES + 1) })),
            ErrorKind::ResponseMalformed,
        ),
    ] {
        let server = server(response).await;
        assert_eq!(pushed(&server).await.unwrap_err().kind(), kind);
    }
}

/// Nothing is pushed where that is switched off or not offered.
#[tokio::test]
async fn a_request_is_pushed_only_where_it_is_offered() {
    for client in [
        client(ExtensionPolicy::Never, Some("https://id.example.com/par".into())),
        client(ExtensionPolicy::IfOffered, None),
    ] {
        let request = client.begin_authorization("http://127.0.0.1:1/x", 600).await.unwrap();
        assert!(request.url.contains("code_challenge="), "{}", request.url);
    }
}
