//! Accounts of the AT Protocol, where a server, a directory or a handle says what is not so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(missing_docs, reason = "the names say it")]

use std::sync::Arc;

use native_oauth::atproto::account_name::AccountName;
use native_oauth::atproto::loopback_client_id;
use native_oauth::authorization_response;
use native_oauth::http::Http;
use native_oauth::id_token::IdTokenContext;
use native_oauth::named_account::NamedAccount;
use native_oauth::provider::BLUESKY;
use native_oauth::provider_config::IssRule;
use native_oauth::{Client, ErrorKind, ProviderConfig, Result};
use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const DID: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";
const OTHER: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
const HANDLE: &str = "haneul.test";
const REDIRECT_URI: &str = "http://127.0.0.1:1/callback/bluesky";

/// One server that is everything at once: the directory, the account's server and its authorization
/// server; and another one.
struct Stage {
    server: MockServer,
    other: MockServer,
}

impl Stage {
    async fn new() -> Self {
        let stage = Self { server: MockServer::start().await, other: MockServer::start().await };
        stage.handle(HANDLE, DID).await;
        stage
    }

    fn client(&self) -> Client {
        self.client_of(&self.server.uri(), None)
    }

    /// After the lookup: at an issuer, and for one account where one was named.
    fn client_of(&self, issuer: &str, subject: Option<&str>) -> Client {
        let mut config = ProviderConfig::new(&BLUESKY)
            .with_client(&loopback_client_id("/callback/bluesky"), None);
        let uri = self.server.uri();
        config.plain_loopback = true;
        config.issuer = issuer.to_owned();
        config.lookup.directory = Some(uri.parse().unwrap());
        config.lookup.handle_resolver = Some(uri.parse().unwrap());
        config.endpoints.authorization = format!("{uri}/auth").parse().ok();
        config.endpoints.token = format!("{uri}/token").parse().ok();
        config.endpoints.revocation = format!("{uri}/revoke").parse().ok();
        config.endpoints.pushed_authorization_request = format!("{uri}/par").parse().ok();
        config.subject = subject.map(str::to_owned);
        Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config)
    }

    async fn handle(&self, handle: &str, did: &str) {
        Mock::given(path("/xrpc/com.atproto.identity.resolveHandle"))
            .and(query_param("handle", handle))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "did": did })))
            .mount(&self.server)
            .await;
    }

    /// The directory's document of a DID.
    async fn document(&self, did: &str, handle: &str, pds: &str) {
        self.document_at(&format!("/{did}"), did, handle, pds).await;
    }

    async fn document_at(&self, at: &str, did: &str, handle: &str, pds: &str) {
        self.responses(at, json!({
            "id": did, "alsoKnownAs": [format!("at://{handle}")],
            "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}]
        }))
        .await;
    }

    async fn responses(&self, at: &str, body: Value) {
        let response = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(path(at)).respond_with(response).mount(&self.server).await;
    }

    /// The server protects its accounts by these authorization servers (RFC 9728).
    async fn protected_by(server: &MockServer, resource: &str, issuers: &[&str]) {
        let body = json!({ "resource": resource, "authorization_servers": issuers });
        Mock::given(path("/.well-known/oauth-protected-resource"))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(server)
            .await;
    }

    async fn honest(&self) {
        let uri = self.server.uri();
        self.document(DID, HANDLE, &uri).await;
        Self::protected_by(&self.server, &uri, &[&uri]).await;
    }

    async fn resolved(&self, named: &str) -> Result<NamedAccount> {
        AccountName::parse(named).unwrap().resolve(&self.client()).await
    }

    /// A whole sign-in, where the token endpoint says that it is `sub`.
    async fn signed_in(&self, issuer: &str, named: Option<&str>, sub: Value) -> Result<String> {
        self.signed_in_for(issuer, named, sub, json!("atproto")).await
    }

    /// The same with this `scope` in the token response.
    async fn signed_in_for(
        &self,
        issuer: &str,
        named: Option<&str>,
        sub: Value,
        scope: Value,
    ) -> Result<String> {
        self.responses("/token", json!({
            "access_token": "a", "refresh_token": "r", "token_type": "DPoP", "scope": scope, "sub": sub
        }))
        .await;
        self.responses("/par", json!({ "request_uri": "urn:x", "expires_in": 60 })).await;
        Mock::given(path("/revoke"))
            .respond_with(ResponseTemplate::new(200))
            .mount(&self.server)
            .await;
        let client = self.client_of(issuer, named);
        let request = client.begin_authorization(REDIRECT_URI, 600).await?;
        let address = format!("{REDIRECT_URI}?code=a-code&state=s&iss={issuer}");
        let response = authorization_response::parse(&address)?;
        let code = response.into_code(client.config(), IssRule::Required)?;
        let tokens = client.exchange(code, REDIRECT_URI, &request.secrets).await?;
        let context = IdTokenContext::Code { nonce: "", now: 0 };
        Ok(client.identify(tokens, context, None).await?.userinfo.profile.subject)
    }

    async fn revoked(&self) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter(|request| request.url.path() == "/revoke").count()
    }
}

/// A handle leads by its DID and server to the authorization server, and so does the DID; the
/// server alone leads there without an account.
#[tokio::test]
async fn a_name_leads_to_its_authorization_server() {
    let stage = Stage::new().await;
    stage.honest().await;
    let issuer = stage.server.uri();
    let by_handle = stage.resolved("@Haneul.Test").await.unwrap();
    assert_eq!(by_handle.did.unwrap().as_str(), DID);
    assert_eq!((by_handle.issuer, by_handle.login_hint.as_deref()), (issuer.clone(), Some(HANDLE)));
    let by_did = stage.resolved(DID).await.unwrap();
    assert_eq!((by_did.issuer, by_did.login_hint.as_deref()), (issuer.clone(), Some(DID)));
    let by_server = stage.resolved(&format!("{issuer}/")).await.unwrap();
    assert_eq!(by_server, NamedAccount { issuer: issuer.clone(), did: None, login_hint: None });
    // An authorization server without accounts of its own has no such document.
    let entryway = stage.other.uri();
    let by_entryway = stage.resolved(&entryway).await.unwrap();
    assert_eq!(by_entryway.issuer, entryway);
}

/// AT Protocol, DID, "Supported DID Methods": a `did:web` is found at its host, and its handle leads to it.
#[tokio::test]
async fn a_did_of_the_web_is_found_at_its_host() {
    let stage = Stage { server: MockServer::start().await, other: MockServer::start().await };
    let uri = stage.server.uri();
    let did = format!("did:web:localhost%3A{}", stage.server.address().port());
    stage.handle(HANDLE, &did).await;
    stage.document_at("/.well-known/did.json", &did, HANDLE, &uri).await;
    Stage::protected_by(&stage.server, &uri, &[&uri]).await;
    for named in [HANDLE, &did] {
        let found = stage.resolved(named).await.unwrap();
        assert_eq!((found.issuer, found.did.unwrap().as_str()), (uri.clone(), &*did), "{named}");
    }
    let other = Stage { server: MockServer::start().await, other: MockServer::start().await };
    let did = format!("did:web:localhost%3A{}", other.server.address().port());
    other.document_at("/.well-known/did.json", DID, HANDLE, &uri).await;
    let refused = other.resolved(&did).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::DidUnresolved, "the document of another DID");
}

/// S69: a handle counts only if its account says that it is its own (AT Protocol, Handle): otherwise
/// any domain could point a handle at another's account.
#[tokio::test]
async fn a_handle_of_another_account_is_refused() {
    let stage = Stage::new().await;
    let uri = stage.server.uri();
    stage.document(DID, "other.test", &uri).await;
    Stage::protected_by(&stage.server, &uri, &[&uri]).await;
    let refused = stage.resolved(HANDLE).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::HandleMismatch);
    assert_eq!(refused.detail(), Some("haneul.test / other.test"));
    let unknown = stage.resolved("unknown.test").await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::HandleUnknown);
}

/// The document of a DID is about that DID; a server names one authorization server, as an origin,
/// and itself as the resource (RFC 9728, section 3.3).
#[tokio::test]
async fn documents_that_do_not_fit_are_refused() {
    let missing = Stage::new().await;
    assert_eq!(missing.resolved(DID).await.unwrap_err().kind(), ErrorKind::DidUnresolved);
    let of_another = Stage::new().await;
    of_another.responses(&format!("/{DID}"), json!({ "id": OTHER })).await;
    assert_eq!(of_another.resolved(DID).await.unwrap_err().kind(), ErrorKind::DidUnresolved);
    for (issuers, kind) in [
        (&[][..], ErrorKind::DiscoveryFailed),
        (&["https://a.example", "https://b.example"][..], ErrorKind::DiscoveryFailed),
        (&["https://a.example/path"][..], ErrorKind::DiscoveryFailed),
        (&["http://a.example"][..], ErrorKind::DiscoveryFailed),
    ] {
        let stage = Stage::new().await;
        let uri = stage.server.uri();
        stage.document(DID, HANDLE, &uri).await;
        Stage::protected_by(&stage.server, &uri, issuers).await;
        assert_eq!(stage.resolved(HANDLE).await.unwrap_err().kind(), kind, "{issuers:?}");
    }
    let stage = Stage::new().await;
    let uri = stage.server.uri();
    stage.document(DID, HANDLE, &uri).await;
    Stage::protected_by(&stage.server, "https://another.example", &[&uri]).await;
    assert_eq!(stage.resolved(HANDLE).await.unwrap_err().kind(), ErrorKind::DiscoveryMismatch);
}

/// S69: the token response names the account that was meant; another one is refused, and its tokens are
/// revoked (AT Protocol, OAuth, "Identity Authentication").
#[tokio::test]
async fn another_account_is_refused_and_its_tokens_given_back() {
    for (sub, kind) in [
        (json!(OTHER), ErrorKind::SubjectMismatch),
        (json!("haneul.test"), ErrorKind::ResponseMalformed),
        (Value::Null, ErrorKind::ResponseMalformed),
    ] {
        let stage = Stage::new().await;
        stage.honest().await;
        let issuer = stage.server.uri();
        let refused = stage.signed_in(&issuer, Some(DID), sub.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), kind, "{sub}");
        assert_eq!(stage.revoked().await, 1, "{sub}");
    }
    let stage = Stage::new().await;
    stage.honest().await;
    let issuer = stage.server.uri();
    assert_eq!(stage.signed_in(&issuer, Some(DID), json!(DID)).await.unwrap(), DID);
}

/// A token response has a scope, and `atproto` in it (AT Protocol, OAuth, "Authorization Scopes").
#[tokio::test]
async fn tokens_for_another_scope_are_refused_and_given_back() {
    for scope in [Value::Null, json!("transition:generic")] {
        let stage = Stage::new().await;
        stage.honest().await;
        let issuer = stage.server.uri();
        let refused = stage.signed_in_for(&issuer, Some(DID), json!(DID), scope.clone()).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.detail()),
            (ErrorKind::ResponseMalformed, Some("scope"))
        );
        assert_eq!(stage.revoked().await, 1, "{scope}");
    }
}

/// S69: a server can sign in no account whose own documents lead elsewhere, also where only the server was
/// named.
#[tokio::test]
async fn a_server_speaks_for_its_own_accounts_only() {
    for named in [None, Some(DID)] {
        let stage = Stage::new().await;
        // The account's server names the other authorization server.
        let (uri, other) = (stage.server.uri(), stage.other.uri());
        stage.document(DID, HANDLE, &uri).await;
        Stage::protected_by(&stage.server, &uri, &[&other]).await;
        let refused = stage.signed_in(&uri, named, json!(DID)).await.unwrap_err();
        assert_eq!((refused.kind(), refused.detail()), (ErrorKind::AccountMoved, Some(&*other)));
        assert_eq!(stage.revoked().await, 1);
    }
}

/// S66: no document leads to an address of this machine or network.
#[tokio::test]
async fn private_addresses_are_not_asked() {
    let stage = Stage::new().await;
    stage.honest().await;
    let mut config = stage.client().config().clone();
    config.plain_loopback = false;
    let http = Http::to_public_addresses("test", Arc::new(|| 0)).unwrap();
    let client = Client::new(http, config);
    for (named, kind) in [
        ("did:web:localhost%3A8080", ErrorKind::DiscoveryFailed),
        ("https://127.0.0.1", ErrorKind::PrivateAddress),
        ("https://[::1]", ErrorKind::PrivateAddress),
        ("https://169.254.169.254", ErrorKind::PrivateAddress),
        ("http://pds.example.com", ErrorKind::DiscoveryFailed),
    ] {
        let name = AccountName::parse(named).unwrap();
        assert_eq!(name.resolve(&client).await.unwrap_err().kind(), kind, "{named}");
    }
    let before = stage.server.received_requests().await.unwrap().len();
    let name = AccountName::parse(DID).unwrap();
    let refused = name.resolve(&client).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::DiscoveryFailed, "the directory is not https");
    assert_eq!(stage.server.received_requests().await.unwrap().len(), before);
}

/// AT Protocol, OAuth, "Localhost Client Development": the client id says itself where responses go.
#[test]
fn a_client_id_needs_no_registration() {
    assert_eq!(
        loopback_client_id("/callback/bluesky"),
        "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback%2Fbluesky&scope=atproto"
    );
}

/// The name is the record's, else the handle that leads back to the account; a picture is at the
/// account's own server.
#[tokio::test]
async fn the_profile_is_public() {
    for (handle_of, name) in [(DID, Some(HANDLE)), (OTHER, None)] {
        let stage = Stage { server: MockServer::start().await, other: MockServer::start().await };
        stage.handle(HANDLE, handle_of).await;
        stage.honest().await;
        let missing = json!({ "error": "RecordNotFound", "message": "m" });
        Mock::given(method("GET"))
            .and(path("/xrpc/com.atproto.repo.getRecord"))
            .respond_with(ResponseTemplate::new(400).set_body_json(missing))
            .mount(&stage.server)
            .await;
        let client = stage.client();
        let tokens = native_oauth::token_response::TokenResponse::of_access("a".into(), Vec::new());
        let known = native_oauth::userinfo::KnownIdentity::Subject(DID.to_owned());
        let read = client.userinfo(&tokens, known).await.unwrap();
        assert_eq!(read.profile.nickname.as_deref(), name);
        assert_eq!(read.notes, []);
        let requests = stage.server.received_requests().await.unwrap();
        assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
    }
}
