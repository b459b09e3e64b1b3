//! Proofs of possession (RFC 9449) as a server sees them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(missing_docs, reason = "the names say it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use native_oauth::authorization_request::AuthorizationRequest;
use native_oauth::authorization_response::{self, AuthorizationCode};
use native_oauth::dpop::DpopKey;
use native_oauth::http::Http;
use native_oauth::provider::TokenEndpointAuthMethod;
use native_oauth::provider_config::{ExtensionPolicy, IssRule};
use native_oauth::token_response::{TokenBinding, TokenResponse};
use native_oauth::userinfo::KnownIdentity;
use native_oauth::{Client, ErrorKind, ProviderConfig, Result};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const REDIRECT_URI: &str = "http://127.0.0.1:1/callback/company";

/// An issuer, and a client that uses DPoP there.
struct Stage {
    server: MockServer,
    client: Client,
}

impl Stage {
    async fn new(dpop: ExtensionPolicy) -> Self {
        let server = MockServer::start().await;
        let url = |path: &str| format!("{}/{path}", server.uri()).parse().unwrap();
        let mut config = ProviderConfig::issuer("company", &server.uri()).with_client("c", None);
        config.plain_loopback = true;
        (config.dpop, config.dpop_offered) = (dpop, true);
        config.endpoints.authorization = Some(url("auth"));
        config.endpoints.token = Some(url("token"));
        config.endpoints.userinfo = Some(url("me"));
        let http = Http::new("test", Arc::new(|| 1_790_000_000)).unwrap();
        Self { client: Client::new(http, config), server }
    }

    async fn responses(&self, at: &str, with: impl Respond + 'static) {
        Mock::given(path(at)).respond_with(with).mount(&self.server).await;
    }

    async fn request(&self) -> AuthorizationRequest {
        self.client.begin_authorization(REDIRECT_URI, 1_790_000_600).await.unwrap()
    }

    async fn exchange(&self, request: &AuthorizationRequest) -> Result<TokenResponse> {
        self.client.exchange(self.code(), REDIRECT_URI, &request.secrets).await
    }

    fn code(&self) -> AuthorizationCode {
        let response = authorization_response::parse(&format!("{REDIRECT_URI}?code=c&state=s"));
        response.unwrap().into_code(self.client.config(), IssRule::IfPresent).unwrap()
    }

    async fn profile(&self, tokens: &TokenResponse) -> Result<String> {
        let read = self.client.userinfo(tokens, KnownIdentity::None).await?;
        Ok(read.profile.subject)
    }

    /// The proofs that came to a path: header and claims.
    async fn proofs(&self, at: &str) -> Vec<(Value, Value)> {
        let requests = self.server.received_requests().await.unwrap();
        let there = requests.iter().filter(|request| request.url.path() == at);
        there.map(proof).collect()
    }
}

fn proof(request: &Request) -> (Value, Value) {
    let proof = request.headers.get("dpop").unwrap().to_str().unwrap();
    let part = |at: usize| {
        let part = proof.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn granted(token_type: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": "a-1", "refresh_token": "r-1", "token_type": token_type, "expires_in": 60
    }))
}

/// Refuses with a new nonce, `server-1` and so on, until `refusals` are over.
fn after(
    server: &'static str,
    refusals: usize,
    refusal: ResponseTemplate,
    response: ResponseTemplate,
) -> impl Respond {
    let asked = AtomicUsize::new(0);
    move |_: &Request| match asked.fetch_add(1, Ordering::SeqCst) {
        time if time < refusals => {
            refusal.clone().insert_header("DPoP-Nonce", format!("{server}-{}", time + 1))
        }
        _ => response.clone(),
    }
}

fn of_token_endpoint() -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_json(json!({ "error": "use_dpop_nonce" }))
}

fn of_resource() -> ResponseTemplate {
    let challenge = "DPoP error=\"use_dpop_nonce\", error_description=\"x\"";
    ResponseTemplate::new(401).insert_header("WWW-Authenticate", challenge)
}

fn person() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "sub": "s-1" }))
}

/// S64: RFC 9449, sections 8 and 9. A nonce is sent in one repetition, with a new proof, and then
/// with every request to that origin.
#[tokio::test]
async fn a_nonce_is_answered_once() {
    let stage = Stage::new(ExtensionPolicy::Required).await;
    stage.responses("/token", after("as", 1, of_token_endpoint(), granted("DPoP"))).await;
    stage.responses("/me", after("rs", 1, of_resource(), person())).await;
    let request = stage.request().await;
    let tokens = stage.exchange(&request).await.unwrap();
    assert_eq!(stage.profile(&tokens).await.unwrap(), "s-1");
    assert_eq!(stage.profile(&tokens).await.unwrap(), "s-1");
    let (token, me) = (stage.proofs("/token").await, stage.proofs("/me").await);
    let nonces = |proofs: &[(Value, Value)]| {
        proofs.iter().map(|(_, claims)| claims["nonce"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(nonces(&token), [Value::Null, "as-1".into()]);
    assert_eq!(nonces(&me), ["as-1", "rs-1", "rs-1"]);
    assert_ne!(me[0].1["jti"], me[1].1["jti"], "a new proof");
}

/// S64: a nonce that never ends ends after one repetition, at the token endpoint, at a resource and
/// where a request is pushed.
#[tokio::test]
async fn a_nonce_that_never_ends_is_given_up() {
    let stage = Stage::new(ExtensionPolicy::Required).await;
    stage.responses("/token", after("as", 9, of_token_endpoint(), granted("DPoP"))).await;
    stage.responses("/me", after("rs", 9, of_resource(), person())).await;
    stage.responses("/par", after("par", 9, of_token_endpoint(), person())).await;
    let request = stage.request().await;
    let refused = stage.exchange(&request).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.detail()),
        (ErrorKind::DpopNonceRefused, Some("127.0.0.1/token"))
    );
    let key = request.secrets.dpop_key.clone().unwrap();
    let binding = TokenBinding::Key(key);
    let tokens = TokenResponse { binding, ..TokenResponse::of_access("a".into(), Vec::new()) };
    assert_eq!(stage.profile(&tokens).await.unwrap_err().kind(), ErrorKind::DpopNonceRefused);
    let mut config = stage.client.config().clone();
    let par = format!("{}/par", stage.server.uri());
    config.endpoints.pushed_authorization_request = Some(par.parse().unwrap());
    let pushing = Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config);
    let refused = pushing.begin_authorization(REDIRECT_URI, 600).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::DpopNonceRefused);
    for at in ["/token", "/me", "/par"] {
        assert_eq!(stage.proofs(at).await.len(), 2, "{at}");
    }
}

/// S64: RFC 9449, sections 4.2 and 7.1. Each request has a proof of its own, of one key, for its own
/// address and token.
#[tokio::test]
async fn each_request_has_a_proof_of_its_own() {
    let stage = Stage::new(ExtensionPolicy::Required).await;
    stage.responses("/token", granted("DPoP")).await;
    stage.responses("/me", person()).await;
    let request = stage.request().await;
    let tokens = stage.exchange(&request).await.unwrap();
    stage.profile(&tokens).await.unwrap();
    stage.client.refresh(tokens.refresh.as_ref().unwrap(), &tokens.binding).await.unwrap();
    let mut proofs = stage.proofs("/token").await;
    proofs.extend(stage.proofs("/me").await);
    let claim = |at: usize, name: &str| proofs[at].1[name].clone();
    assert!((0..3).all(|at| proofs[at].0["jwk"] == proofs[0].0["jwk"]), "one key");
    assert!(claim(0, "jti") != claim(1, "jti") && claim(0, "jti") != claim(2, "jti"));
    assert_eq!(claim(2, "htm"), "GET");
    assert_eq!(claim(2, "htu"), format!("{}/me", stage.server.uri()));
    assert!(claim(2, "ath").is_string() && claim(0, "ath").is_null());
    let requests = stage.server.received_requests().await.unwrap();
    let me = requests.iter().find(|request| request.url.path() == "/me").unwrap();
    assert_eq!(me.headers["authorization"], "DPoP a-1");
    let jkt = format!("dpop_jkt={}", request.secrets.dpop_key.as_ref().unwrap().thumbprint());
    assert!(request.url.contains(&jkt), "{}", request.url);
}

/// S28, S64: RFC 9449, section 5. A bearer token in the place of a bound one is refused where
/// binding is required, and never stands for a session that was bound; a bound token that was not
/// asked for cannot be used.
#[tokio::test]
async fn a_token_of_the_wrong_type_is_refused() {
    use ExtensionPolicy::{IfOffered, Never, Required};
    for (policy, token_type, outcome) in [
        (Required, "Bearer", Err(ErrorKind::TokenNotBound)),
        (Required, "dpop", Ok(true)),
        (IfOffered, "DPoP", Ok(true)),
        (IfOffered, "bearer", Ok(false)),
        (Never, "DPoP", Err(ErrorKind::TokenTypeRefused)),
        (Never, "Bearer", Ok(false)),
        (Required, "mac", Err(ErrorKind::TokenTypeRefused)),
    ] {
        let stage = Stage::new(policy).await;
        stage.responses("/token", granted(token_type)).await;
        let tokens = stage.exchange(&stage.request().await).await;
        let bound =
            tokens.map(|tokens| tokens.binding.key().is_some()).map_err(|error| error.kind());
        assert_eq!(bound, outcome, "{policy:?} {token_type}");
    }
    let stage = Stage::new(IfOffered).await;
    stage.responses("/token", granted("Bearer")).await;
    let bound = TokenBinding::Key(DpopKey::generate().unwrap());
    let renewed = stage.client.refresh(&"r".into(), &bound).await.unwrap();
    assert_eq!(renewed.check().unwrap_err().kind(), ErrorKind::TokenNotBound);
    assert!(renewed.usable_refresh().is_some(), "what was rotated is not lost");
}

/// S64: RFC 9449, section 5. A bearer token for a proof leaves the refresh token of a public client
/// bound: each refresh proves the key of the exchange, and the access token is presented without one.
/// The refresh token of a client that authenticates is bound to no key.
#[tokio::test]
async fn a_refresh_token_alone_is_bound() {
    for secret in [None, Some("s".into())] {
        let mut stage = Stage::new(ExtensionPolicy::IfOffered).await;
        let mut config = stage.client.config().clone().with_client("c", secret.clone());
        config.client_auth = Some(TokenEndpointAuthMethod::ClientSecretPost);
        stage.client = Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config);
        stage.responses("/token", granted("bearer")).await;
        stage.responses("/me", person()).await;
        let mut tokens = stage.exchange(&stage.request().await).await.unwrap();
        for _ in 0..2 {
            tokens = stage.client.refresh(&"r-1".into(), &tokens.binding).await.unwrap();
            assert_eq!(tokens.check(), Ok(()));
        }
        stage.profile(&tokens).await.unwrap();
        let requests = stage.server.received_requests().await.unwrap();
        let keys = requests.iter().map(|request| {
            request.headers.contains_key("dpop").then(|| proof(request).0["jwk"].clone())
        });
        let [exchange, refresh, again, me] = keys.collect::<Vec<_>>().try_into().unwrap();
        let proved = exchange.clone().filter(|_| secret.is_none());
        assert!(exchange.is_some() && me.is_none());
        assert_eq!((&refresh, &again), (&proved, &proved), "one key, or none");
        assert_eq!(requests[3].headers["authorization"], "Bearer a-1");
    }
}

/// A proof that the server does not accept is told as such, and one that it wants unasked with the
/// setting that sends it.
#[tokio::test]
async fn a_refused_proof_is_explained() {
    let refusal = |error: &str| {
        ResponseTemplate::new(400)
            .set_body_json(json!({ "error": error, "error_description": "d" }))
    };
    for (policy, error, kind, words) in [
        (
            ExtensionPolicy::Required,
            "invalid_dpop_proof",
            ErrorKind::DpopRefused,
            "invalid_dpop_proof: d",
        ),
        (
            ExtensionPolicy::Never,
            "invalid_dpop_proof",
            ErrorKind::NotAnnounced,
            "dpop = \"required\"",
        ),
    ] {
        let stage = Stage::new(policy).await;
        Mock::given(method("POST")).respond_with(refusal(error)).mount(&stage.server).await;
        let refused = stage.exchange(&stage.request().await).await.unwrap_err();
        assert_eq!((refused.kind(), refused.detail()), (kind, Some(words)));
    }
}
