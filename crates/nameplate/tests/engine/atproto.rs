//! Servers and directories of the AT Protocol that lie: what a user is told, and that nothing stays.

use nameplate::{
    Code, Error, Intent, Language, PendingSignIn, RedirectMethod, RefreshPolicy, SignInRequest,
};
use serde_json::{Value, json};
use url::form_urlencoded;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, ask, complete};

const HANDLE: &str = "haneul.test";
const DID: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";
const OTHER: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

/// A directory, and a server that has the account.
struct Server {
    mock: MockServer,
    fixture: Fixture,
}

fn request(named: &str) -> SignInRequest {
    SignInRequest { server: Some(named.to_owned()), ..ask("bluesky", RedirectMethod::Manual) }
}

impl Server {
    /// An honest one. What a test has it say instead is mounted first.
    async fn new() -> Self {
        let mock = MockServer::start().await;
        let uri = mock.uri();
        let table = format!("[bluesky]\nplc_directory = \"{uri}\"\nhandle_resolver = \"{uri}\"\n");
        Self { fixture: Fixture::with(|_| table).await, mock }
    }

    async fn says(&self, at: &str, status: u16, body: Value) {
        let response = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(path(at)).respond_with(response).mount(&self.mock).await;
    }

    /// The rest, as it should be.
    async fn honest(&self) {
        let uri = self.mock.uri();
        self.says("/xrpc/com.atproto.identity.resolveHandle", 200, json!({ "did": DID })).await;
        self.document(HANDLE).await;
        self.protected_by(&uri).await;
        self.says("/.well-known/oauth-authorization-server", 200, self.metadata()).await;
        self.says("/par", 201, json!({ "request_uri": "urn:x", "expires_in": 60 })).await;
        self.says("/revoke", 200, json!({})).await;
        self.grants(DID).await;
        let no_record = json!({ "error": "RecordNotFound", "message": "m" });
        self.says("/xrpc/com.atproto.repo.getRecord", 400, no_record).await;
    }

    fn metadata(&self) -> Value {
        let uri = self.mock.uri();
        json!({
            "issuer": uri, "authorization_endpoint": format!("{uri}/authorize"),
            "token_endpoint": format!("{uri}/token"), "revocation_endpoint": format!("{uri}/revoke"),
            "pushed_authorization_request_endpoint": format!("{uri}/par"),
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    async fn document(&self, handle: &str) {
        let uri = self.mock.uri();
        self.says(&format!("/{DID}"), 200, json!({
            "id": DID, "alsoKnownAs": [format!("at://{handle}")],
            "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": uri}]
        }))
        .await;
    }

    async fn protected_by(&self, issuer: &str) {
        let said = json!({ "resource": self.mock.uri(), "authorization_servers": [issuer] });
        self.says("/.well-known/oauth-protected-resource", 200, said).await;
    }

    async fn grants(&self, sub: &str) {
        let granted = json!({
            "access_token": "a-token", "refresh_token": "a-refresh-token", "token_type": "DPoP",
            "expires_in": 3600, "scope": "atproto", "sub": sub
        });
        self.says("/token", 200, granted).await;
    }

    async fn begin(&self, named: &str) -> nameplate::Result<PendingSignIn> {
        let request = SignInRequest { confirmed_host: Some(self.host()), ..request(named) };
        self.fixture.nameplate.sign_ins().begin(request).await
    }

    fn host(&self) -> String {
        self.mock.address().to_string()
    }

    /// A sign-in, where the user consents.
    async fn sign_in(&self, named: &str) -> nameplate::Result<nameplate::User> {
        let begun = self.begin(named).await?;
        self.respond(&begun, "code=a-code").await
    }

    /// What becomes of the newest request with this response.
    async fn respond(
        &self,
        begun: &PendingSignIn,
        response: &str,
    ) -> nameplate::Result<nameplate::User> {
        self.respond_as(begun, response, Some(&self.mock.uri())).await
    }

    /// The same, in the name of this issuer (RFC 9207).
    async fn respond_as(
        &self,
        begun: &PendingSignIn,
        response: &str,
        issuer: Option<&str>,
    ) -> nameplate::Result<nameplate::User> {
        let pushed = self.requests("/par").await.pop().unwrap();
        let mut fields = form_urlencoded::parse(&pushed);
        let state = fields.find(|(name, _)| name == "state").unwrap().1.into_owned();
        let url = format!("{}?{response}", begun.redirect_uri);
        let mut response = form_urlencoded::Serializer::new(url);
        response.append_pair("state", &state);
        response.extend_pairs(issuer.map(|issuer| ("iss", issuer)));
        complete(&self.fixture.nameplate, &response.finish()).await
    }

    /// The bodies of the requests for a path.
    async fn requests(&self, at: &str) -> Vec<Vec<u8>> {
        let requests = self.mock.received_requests().await.unwrap();
        let there = requests.into_iter().filter(|request| request.url.path() == at);
        there.map(|request| request.body).collect()
    }

    /// The sentence for the user, which is there in both languages.
    fn sentence(&self, error: &Error) -> String {
        let told = |language| self.fixture.nameplate.explain(language, error);
        let (korean, english) = (told(Language::Ko), told(Language::En));
        for text in [&korean.message, &korean.next, &english.message, &english.next] {
            assert!(text.ends_with('.') && !text.contains('{'), "{text}");
        }
        english.message
    }
}

/// S65, S69: a server without PAR is not asked for anything.
#[tokio::test]
async fn a_server_without_pushed_requests_is_refused() {
    let server = Server::new().await;
    let mut metadata = server.metadata();
    metadata.as_object_mut().unwrap().remove("pushed_authorization_request_endpoint");
    server.says("/.well-known/oauth-authorization-server", 200, metadata).await;
    server.honest().await;
    let refused = server.begin(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::DiscoveryFailed);
    assert!(server.sentence(&refused).starts_with("The OpenID configuration of Bluesky"));
    assert_eq!(
        (server.requests("/par").await.len(), server.requests("/token").await.len()),
        (0, 0)
    );
    server.fixture.assert_nothing_kept();
}

/// S17, S64, S69: a response without its issuer or of another one, and a token that is not bound, are refused.
#[tokio::test]
async fn a_response_without_issuer_or_key_is_refused() {
    for (issuer, code) in
        [(None, Code::IssuerMissing), (Some("https://bsky.example"), Code::IssuerMismatch)]
    {
        let server = Server::new().await;
        server.honest().await;
        let begun = server.begin(HANDLE).await.unwrap();
        let refused = server.respond_as(&begun, "code=a-code", issuer).await.unwrap_err();
        assert_eq!(refused.code(), code, "{}", server.sentence(&refused));
        assert_eq!(server.requests("/token").await.len(), 0);
        server.fixture.assert_nothing_kept_once_cleared().await;
    }
    let server = Server::new().await;
    let bearer = json!({
        "access_token": "a-token", "token_type": "Bearer", "expires_in": 3600, "scope": "atproto", "sub": DID
    });
    server.says("/token", 200, bearer).await;
    server.honest().await;
    let refused = server.sign_in(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::TokenNotBound, "{}", server.sentence(&refused));
    server.fixture.assert_nothing_kept_once_cleared().await;
}

/// S69: the owner of a handle can point it at an account of another. Nothing is sent to a server.
#[tokio::test]
async fn a_handle_of_another_account_begins_nothing() {
    let server = Server::new().await;
    server.document("nari.test").await;
    server.honest().await;
    let refused = server.begin(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::HandleMismatch);
    assert_eq!(
        server.sentence(&refused),
        "The account behind this handle has another one (haneul.test / nari.test), so the handle may not be its own."
    );
    assert_eq!(server.requests("/par").await.len(), 0);
    server.fixture.assert_nothing_kept();
}

/// S69: a server signs in an account whose own documents lead to another authorization server, and
/// another account than the one that was named. The tokens are revoked.
#[tokio::test]
async fn a_server_that_speaks_for_another_account_is_refused() {
    let elsewhere = "https://another.example.com";
    let moved = format!("This account belongs to another server now: {elsewhere}.");
    let other = format!("You signed in with a different account than the one you named ({OTHER}).");
    for (code, sentence) in [(Code::AccountMoved, moved), (Code::SubjectMismatch, other)] {
        let server = Server::new().await;
        let named = if code == Code::AccountMoved {
            // An authorization server that a user named has no such document.
            let absent = ResponseTemplate::new(404);
            let once = Mock::given(path("/.well-known/oauth-protected-resource"));
            once.respond_with(absent).up_to_n_times(1).mount(&server.mock).await;
            server.protected_by(elsewhere).await;
            server.mock.uri()
        } else {
            server.grants(OTHER).await;
            HANDLE.to_owned()
        };
        server.honest().await;
        let refused = server.sign_in(&named).await.unwrap_err();
        assert_eq!((refused.code(), server.sentence(&refused)), (code, sentence));
        let [revoked] = &server.requests("/revoke").await[..] else { panic!("one revocation") };
        assert!(String::from_utf8_lossy(revoked).contains("token=a-refresh-token"));
        server.fixture.assert_nothing_kept_once_cleared().await;
    }
}

/// S69: a server whose metadata are those of another (RFC 9728, section 3.3). The user typed a handle,
/// so the next step is about the address, and not about `providers.toml`.
#[tokio::test]
async fn metadata_of_another_server_are_refused() {
    let server = Server::new().await;
    let said = json!({ "resource": "https://another.example.com", "authorization_servers": [] });
    server.says("/.well-known/oauth-protected-resource", 200, said).await;
    server.honest().await;
    let refused = server.begin(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::DiscoveryMismatch);
    assert_eq!(
        server.sentence(&refused),
        "The server at haneul.test identifies itself as another server."
    );
    let next = server.fixture.nameplate.explain(Language::En, &refused).next;
    assert!(next.starts_with("Check the address"), "{next}");
    assert_eq!(server.requests("/par").await.len(), 0);
    server.fixture.assert_nothing_kept();
}

/// N3: the browser is opened again for the handle that was typed, and not for one that has the name of
/// its server.
#[tokio::test]
async fn the_handle_is_named_again() {
    let server = Server::new().await;
    server.honest().await;
    server.begin(HANDLE).await.unwrap();
    let sign_ins = server.fixture.nameplate.sign_ins();
    let again = sign_ins.current().unwrap().request;
    assert_eq!(again.server.as_deref(), Some(HANDLE));
    server.sign_in(HANDLE).await.unwrap();
    let state = server.fixture.state();
    let card = state.providers.iter().find(|card| card.id == "bluesky").unwrap();
    assert_eq!(card.named_before, [HANDLE]);

    // An account is signed in again by its DID, which no user types.
    let account = state.users[0].accounts[0].id.as_str();
    let again = sign_ins.request_for_account(account, Intent::Reauthenticate).unwrap();
    let again = SignInRequest { method: Some(RedirectMethod::Manual.into()), ..again };
    let begun = sign_ins.begin(again).await.unwrap();
    server.respond(&begun, "code=a-code").await.unwrap();
    let state = server.fixture.state();
    let card = state.providers.iter().find(|card| card.id == "bluesky").unwrap();
    assert_eq!(card.named_before, [HANDLE]);

    let begun = server.begin(HANDLE).await.unwrap();
    let denied = server.respond(&begun, "error=access_denied").await.unwrap_err();
    assert_eq!(server.sentence(&denied), "Access was declined at Bluesky.");
}

/// S61: the session of a configured client is not ended by a configuration that lacks the client.
#[tokio::test]
async fn a_session_waits_for_its_configured_client() {
    let server = Server::new().await;
    server.honest().await;
    let file = server.fixture.home.providers_file();
    let without = std::fs::read_to_string(file).unwrap();
    let with = format!("{without}client_id = \"https://app.example.com/client.json\"\n");
    server.fixture.write_providers(&with);
    let user = server.sign_in(HANDLE).await.unwrap();
    let account = user.accounts[0].id.as_str();
    let sessions = server.fixture.nameplate.sessions();
    server.fixture.write_providers(&without);
    let refused = sessions.access_token(account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    server.fixture.write_providers(&with);
    sessions.access_token(account, RefreshPolicy::Always).await.unwrap();
}

/// S64: a server that asks for another nonce without end, and one that takes no proof, such as one
/// that was used before.
#[tokio::test]
async fn a_server_that_takes_no_proof_is_refused() {
    let server = Server::new().await;
    let asks = ResponseTemplate::new(400).set_body_json(json!({ "error": "use_dpop_nonce" }));
    Mock::given(path("/par"))
        .respond_with(move |request: &wiremock::Request| {
            let proof = request.headers["dpop"].to_str().unwrap();
            asks.clone().insert_header("DPoP-Nonce", &proof[proof.len() - 20..])
        })
        .mount(&server.mock)
        .await;
    server.honest().await;
    let refused = server.begin(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::DpopNonceRefused);
    assert_eq!(
        server.sentence(&refused),
        "Bluesky keeps asking for another DPoP nonce, so the request was stopped after one retry (127.0.0.1/par)."
    );
    assert_eq!(server.requests("/par").await.len(), 2);
    server.fixture.assert_nothing_kept();

    let server = Server::new().await;
    let replayed =
        json!({ "error": "invalid_dpop_proof", "error_description": "DPoP proof replayed" });
    server.says("/token", 400, replayed).await;
    server.honest().await;
    let refused = server.sign_in(HANDLE).await.unwrap_err();
    assert_eq!(refused.code(), Code::DpopRefused);
    let told = server.sentence(&refused);
    assert!(told.ends_with(" did not accept the proof of this session’s key (DPoP)."), "{told}");
    server.fixture.assert_nothing_kept_once_cleared().await;
}

/// S64: a session whose key is missing or damaged sends nothing.
#[tokio::test]
async fn a_session_without_its_key_is_refused() {
    for damaged in [Value::Null, json!("MIGHAgEAMBMGByqGSM49")] {
        let server = Server::new().await;
        server.honest().await;
        let user = server.sign_in(HANDLE).await.unwrap();
        let account = user.accounts[0].id.as_str();
        let mut session: Value =
            serde_json::from_str(&server.fixture.vault.entries()[account]).unwrap();
        session["dpop_key"] = damaged;
        let vault = &server.fixture.vault;
        nameplate::vault::Vault::put(vault, account, &session.to_string().into()).unwrap();
        let sent = server.mock.received_requests().await.unwrap().len();
        let sessions = server.fixture.nameplate.sessions();
        let refused = sessions.access_token(account, RefreshPolicy::Always).await.unwrap_err();
        assert_eq!(refused.code(), Code::SessionKeyLost);
        assert_eq!(
            server.sentence(&refused),
            "The key that this Bluesky session is bound to is missing or damaged in the keychain, so nothing was sent."
        );
        assert_eq!(server.mock.received_requests().await.unwrap().len(), sent);
    }
}

/// S66: a handle does not say which host the browser opens: the user confirms it. Nothing is kept or pushed before. An
/// account that signs in again does so at its own server.
#[tokio::test]
async fn the_host_of_a_handle_is_confirmed() {
    let server = Server::new().await;
    server.honest().await;
    let sign_ins = server.fixture.nameplate.sign_ins();
    let refused = sign_ins.begin(request(HANDLE)).await.unwrap_err();
    assert_eq!((refused.code(), refused.detail()), (Code::HostNotConfirmed, Some(&*server.host())));
    let problem = server.fixture.state().problem.unwrap();
    assert_eq!(problem.message, format!("{HANDLE} signs in at this server."));
    assert_eq!(problem.detail, Some(server.host()));
    assert_eq!(problem.remedies, [nameplate::Remedy::ConfirmHost]);
    assert_eq!(server.requests("/par").await.len(), 0);
    server.fixture.assert_nothing_kept();

    assert!(sign_ins.request_at_host("evil.example").is_none(), "that host was not shown");
    let confirmed = Some("evil.example".to_owned());
    let elsewhere = SignInRequest { confirmed_host: confirmed, ..request(HANDLE) };
    assert_eq!(sign_ins.begin(elsewhere).await.unwrap_err().code(), Code::HostNotConfirmed);
    let confirmed = sign_ins.request_at_host(&server.host()).unwrap();
    let begun = sign_ins.begin(confirmed).await.unwrap();
    assert_eq!(server.fixture.state().problem, None);
    assert!(sign_ins.request_at_host(&server.host()).is_none(), "there is nothing to confirm");
    // The browser opens again, by the same method or another one.
    sign_ins.begin(sign_ins.current().unwrap().request).await.unwrap();
    let loopback = Some(RedirectMethod::Loopback.into());
    let other =
        sign_ins.request("bluesky", Some(HANDLE), loopback, nameplate::TokenStorage::Keychain);
    sign_ins.begin(other).await.unwrap();
    drop(begun);
    sign_ins.cancel().await.unwrap();
    assert_eq!(sign_ins.begin(request(HANDLE)).await.unwrap_err().code(), Code::HostNotConfirmed);

    let user = server.sign_in(HANDLE).await.unwrap();
    let account = user.accounts[0].id.as_str();
    let again = sign_ins.request_for_account(account, Intent::Reauthenticate).unwrap();
    sign_ins.begin(again).await.unwrap();
}
