//! Tests of every built-in provider: its requests and its profile are compared with one snapshot, next
//! to its fixture. The fixture's `client` is the registered client; `full`, `sparse` and `hostile` are
//! responses to its profile requests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{BUILT_IN, Endpoints, ProfileResponses, Provider, RedirectMethod, ServerInput};
use crate::atproto::RECORD;
use crate::authorization_request::{AuthorizationRequest, RequestEntropy};
use crate::authorization_response::{self, Outcome};
use crate::client::Client;
use crate::dpop::DpopKey;
use crate::endpoint_urls::EndpointUrls;
use crate::http::Http;
use crate::profile::Profile;
use crate::provider_config::ProviderConfig;

const ENTROPY: RequestEntropy = RequestEntropy {
    jti: [1; 16],
    nonce: [2; 16],
    verifier: [3; 32],
    key: [4; 32],
    dpop_key: None,
};
const EXPIRES_AT: i64 = 1_790_000_600;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provider/fixtures")
}

fn fixture(provider: &Provider) -> Value {
    let path = folder().join(format!("{}.json", provider.id));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn config(provider: &'static Provider, fixture: &Value) -> ProviderConfig {
    let secret = fixture["client"]["secret"].as_str().map(SecretString::from);
    let config = ProviderConfig::new(provider);
    let config = match provider.server_input {
        ServerInput::Server => config.at_server(&"https://mastodon.example".parse().unwrap()),
        // The metadata of the account's server name them.
        ServerInput::Handle => ProviderConfig {
            issuer: "https://pds.example".to_owned(),
            endpoints: EndpointUrls {
                authorization: "https://pds.example/oauth/authorize".parse().ok(),
                token: "https://pds.example/oauth/token".parse().ok(),
                avatar_base: "https://pds.example/".parse().ok(),
                ..EndpointUrls::default()
            },
            ..config
        },
        ServerInput::None | ServerInput::Issuer => config,
    };
    config.with_client(fixture["client"]["id"].as_str().unwrap(), secret)
}

/// The redirect URI of the provider's preferred method.
fn redirect_uri(entry: &ProviderConfig) -> String {
    match entry.provider.redirect_methods[0] {
        RedirectMethod::DeepLink => format!("app.nameplate.desktop:/callback/{}", entry.id),
        RedirectMethod::Loopback => {
            let port = entry.provider.loopback.ports.map_or(50000, |ports| ports[0]);
            format!("http://{}:{port}/callback/{}", entry.provider.loopback.host.as_str(), entry.id)
        }
        RedirectMethod::HttpsPage | RedirectMethod::Manual => panic!("not by itself"),
    }
}

/// The state is checked and left out: a JWT names its time. So is the thumbprint of a new key.
fn parameters(query: &str, state: &str) -> String {
    let mut lines: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| match (value == state, &*name) {
            (true, _) if state.contains('.') => format!("{name}=[jwt]"),
            (_, "dpop_jkt") => format!("{name}=[thumbprint]"),
            (_, _) => format!("{name}={value}"),
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

fn state(prepared: &AuthorizationRequest) -> String {
    let url = Url::parse(&prepared.url).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

fn request(prepared: &AuthorizationRequest) -> String {
    let url = Url::parse(&prepared.url).unwrap();
    let (place, query) = prepared.url.split_once('?').unwrap();
    assert!(prepared.secrets.verify_state(&state(prepared), EXPIRES_AT - 1));
    assert_eq!(url.fragment(), None);
    format!("{place}\n{}", parameters(query, &state(prepared)))
}

/// What is sent for the code, seen by a token endpoint that refuses it.
async fn exchange(
    entry: &ProviderConfig,
    prepared: &AuthorizationRequest,
    redirect_uri: &str,
) -> String {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(400).set_body_string("{\"error\":\"invalid_grant\"}");
    Mock::given(any()).respond_with(refusal).mount(&server).await;
    let mut entry = entry.clone();
    let endpoint = entry.token_endpoint().unwrap().to_string();
    entry.endpoints.token = Some(server.uri().parse().unwrap());
    let response = format!("{redirect_uri}?code=4%2F0A&state={}", state(prepared));
    let Outcome::Code(code) = authorization_response::parse(&response).unwrap().outcome else {
        panic!()
    };
    let client = Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), entry);
    client.exchange(code, redirect_uri, &prepared.secrets).await.unwrap_err();
    let [sent] = &server.received_requests().await.unwrap()[..] else { panic!("one request") };
    let header = |name: &str| sent.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("accept"), Some("application/json"));
    assert_eq!(header("origin"), None, "Microsoft takes it for a page's");
    let basic = header("authorization").map(|_| "\nAuthorization: Basic").unwrap_or_default();
    let body = String::from_utf8(sent.body.clone()).unwrap();
    format!("{endpoint}{basic}\n{}", parameters(&body, &state(prepared)))
}

/// The other endpoints and what a client must know of the provider.
fn endpoints(provider: &Provider) -> String {
    let Endpoints { userinfo, people, emails, photo, jwks, revocation, .. } = provider.endpoints;
    let Endpoints { device_authorization, avatar_base, .. } = provider.endpoints;
    let asked: Vec<_> = provider.profile_requests.iter().map(|request| request.name).collect();
    let known =
        [userinfo, people, emails, photo, jwks, revocation, device_authorization, avatar_base];
    let known: Vec<_> = known.into_iter().filter(|endpoint| !endpoint.is_empty()).collect();
    let issuers = [&[provider.issuer][..], provider.issuer_aliases].concat().join(" or ");
    format!(
        "asks for {}\n{}\nissuer: {issuers}\nid_token: {:?}\nclient authentication: {:?}\nloopback ports: {}",
        asked.join(", "),
        known.join("\n"),
        provider.id_token,
        provider.secret,
        provider.loopback.ports.map_or("any".to_owned(), |ports| format!("{ports:?}")),
    )
}

/// The profile of the responses, as it is stored.
fn read(entry: &ProviderConfig, answered: &Value) -> String {
    let requests = entry.provider.profile_requests.iter().map(|request| request.name);
    let bodies: BTreeMap<_, _> = requests
        .chain([RECORD])
        .map(|name| (name, answered[name].clone()))
        .filter(|(_, body)| !body.is_null())
        .collect();
    let base = entry.endpoints.avatar_base.as_ref().map(ToString::to_string).unwrap_or_default();
    let id_token = answered.get("id_token").cloned();
    let responses = ProfileResponses { id_token, bodies, avatar_base: base };
    match (entry.provider.profile)(&responses) {
        Err(malformed) => malformed.to_string(),
        Ok(profile) => {
            let profile = profile.tidy();
            let trusted = (entry.provider.trusts_email)(&responses, &profile);
            format!("{}\ntrusted: {trusted}", fields(&profile))
        }
    }
}

fn fields(profile: &Profile) -> String {
    let Profile { subject, email_verified, .. } = profile;
    let given = [
        ("nickname", &profile.nickname),
        ("email", &profile.email),
        ("birthday", &profile.birthday),
        ("gender", &profile.gender),
        ("age_range", &profile.age_range),
        ("phone", &profile.phone),
        ("picture", &profile.picture),
    ];
    let given =
        given.iter().filter_map(|(name, value)| Some(format!("\n{name}: {}", value.as_ref()?)));
    format!("subject: {subject}\nverified: {email_verified}{}", given.collect::<String>())
}

/// S2, S5, S6, S32, U23: the requests of each provider, and the profile read from its fullest, its
/// barest and a hostile response.
#[tokio::test]
async fn every_provider_is_as_its_snapshot_says() {
    for provider in BUILT_IN {
        let fixture = fixture(provider);
        let entry = config(provider, &fixture);
        let redirect_uri = redirect_uri(&entry);
        let client = Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), entry.clone());
        let dpop_key = entry.uses_dpop().then(|| DpopKey::generate().unwrap());
        let entropy = RequestEntropy { dpop_key, ..ENTROPY };
        let prepared = client.authorization_request(&redirect_uri, entropy, EXPIRES_AT).unwrap();
        let mut parts = vec![
            ("authorize", request(&prepared)),
            ("token", exchange(&entry, &prepared, &redirect_uri).await),
            ("endpoints", endpoints(provider)),
        ];
        for name in ["full", "sparse", "hostile"] {
            parts.push((name, read(&entry, &fixture[name])));
        }
        let text: Vec<_> = parts.iter().map(|(name, text)| format!("# {name}\n{text}\n")).collect();
        insta::with_settings!({
            snapshot_path => folder(), prepend_module_to_snapshot => false, omit_expression => true,
        }, { insta::assert_snapshot!(provider.id, text.join("\n")) });
    }
}

/// Each fixture belongs to a provider.
#[test]
fn every_fixture_belongs_to_a_provider() {
    for file in std::fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        // A new snapshot ends in `.snap.new`.
        let name = path.file_name().unwrap().to_str().unwrap();
        let id = name.split_once('.').map_or(name, |(id, _)| id);
        assert!(super::built_in(id).is_some(), "{}", path.display());
    }
}

/// No scope allows to write (S10). A provider with a secret states how it is sent, and one with a
/// revocation states the endpoint.
#[test]
fn every_provider_is_consistent() {
    for provider in BUILT_IN {
        let Provider { id, scopes, revocations, endpoints, .. } = provider;
        assert!(
            !scopes.iter().any(|scope| scope.contains("bot") || scope.contains("write")),
            "{id}"
        );
        assert!(
            provider.authorization_parameters.iter().all(|(name, _)| *name != "client_secret"),
            "{id}"
        );
        let ends = revocations.sign_out.is_some() || revocations.disconnect.is_some();
        let is_discovered = provider.server_input == ServerInput::Handle;
        assert_eq!(ends, is_discovered || !endpoints.revocation.is_empty(), "{id}");
        let wants_jwks = provider.id_token != super::IdToken::Never;
        assert_eq!(wants_jwks, !endpoints.jwks.is_empty(), "{id}");
        let never = provider.set_up.secret == super::SecretNeed::Never;
        assert_eq!(never, provider.secret == super::TokenEndpointAuthMethod::None, "{id}");
    }
}
