//! The authorization request: its parameters, and what it never contains.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nameplate::{Code, RedirectMethod, SignOutScope};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, complete, quiet, response_of, state_of, waiting_url};

const PROVIDERS: [&str; 4] = ["discord", "google", "kakao", "company"];

/// S1: only the system browser shows an authorization request: no file opens a webview at a URL,
/// navigates one to a URL, or runs a script in one.
#[test]
fn no_code_opens_an_address_in_a_webview() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in [
        "src-tauri/src",
        "crates/tauri-plugin-nameplate/src",
        "crates/nameplate/src",
        "crates/nameplate-cli/src",
    ] {
        let files = sources(&top.join(folder));
        assert!(!files.is_empty(), "{folder}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            // Only the window's own pages, which are part of the program.
            let text = text.replace("WebviewUrl::default()", "").replace("::WebviewUrl;", "");
            for way in ["WebviewUrl", "WebviewBuilder", ".navigate(", ".eval("] {
                assert!(!text.contains(way), "{way} in {}", file.display());
            }
        }
    }
    let config = std::fs::read_to_string(top.join("tauri.conf.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    for window in config["app"]["windows"].as_array().unwrap() {
        assert!(window.get("url").is_none_or(|url| !url.as_str().unwrap().contains("://")));
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// S2: each attempt has a new verifier of 43 unreserved characters, whose S256 was the challenge.
#[tokio::test]
async fn pkce_is_s256_and_new_for_each_attempt() {
    let fixture = Fixture::new().await;
    let mut challenges = Vec::new();
    for provider in ["discord", "discord", "google", "kakao", "company"] {
        let begun = fixture.begin(provider, quiet(provider)).await;
        let sent = parameters(&begun.url);
        assert_eq!(sent["code_challenge_method"], "S256", "{provider}");
        challenges.push(sent["code_challenge"].clone());
        let response = fixture.grant(&begun).await;
        complete(&fixture.nameplate, &response).await.unwrap();
    }
    let verifiers = fixture.demo.request_log().verifiers;
    assert_eq!(verifiers.len(), challenges.len());
    for verifier in verifiers {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(verifier.len() == 43 && verifier.chars().all(unreserved), "{verifier}");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        assert!(challenges.contains(&challenge));
    }
}

/// S3: every provider, client and method has a challenge, and never `plain`.
#[tokio::test]
async fn there_is_no_request_without_pkce() {
    let fixture = Fixture::new().await;
    for provider in PROVIDERS {
        for method in [RedirectMethod::DeepLink, RedirectMethod::Loopback, RedirectMethod::Manual] {
            let Ok(begun) = fixture.nameplate.sign_ins().begin(ask(provider, method)).await else {
                continue;
            };
            let sent = parameters(&begun.url);
            assert_eq!(sent["code_challenge_method"], "S256", "{provider} {method:?}");
            assert_eq!(sent["code_challenge"].len(), 43);
        }
    }
    // The verifier is sent even if the server forgets the challenge.
    fixture.sign_in("discord").await.unwrap();
    assert_eq!(fixture.demo.request_log().verifiers.len(), 1);
}

/// S4: the state has 128 random bits, an audience and an expiry, and nothing else.
#[tokio::test]
async fn a_state_carries_no_data() {
    let fixture = Fixture::new().await;
    let mut ids = Vec::new();
    for provider in PROVIDERS {
        let begun = fixture.begin(provider, quiet(provider)).await;
        let mut claims = claims(&state_of(&begun));
        let id = claims["jti"].take().as_str().unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
        assert_eq!(
            claims,
            json!({"iss": "native-oauth", "aud": "native-oauth:state", "exp": begun.expires_at, "jti": null})
        );
        assert!(!ids.contains(&id));
        ids.push(id);
    }
}

fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// S5: with an id_token, each attempt has its own nonce.
#[tokio::test]
async fn a_nonce_is_new_for_each_attempt() {
    let fixture = Fixture::new().await;
    let mut nonces = Vec::new();
    for provider in ["google", "google", "kakao", "company"] {
        let nonce =
            parameters(&fixture.begin(provider, RedirectMethod::Manual).await.url)["nonce"].clone();
        assert!(nonce.len() >= 22 && !nonces.contains(&nonce), "{nonce}");
        nonces.push(nonce);
    }
    let discord = parameters(&fixture.begin("discord", RedirectMethod::DeepLink).await.url);
    assert!(!discord.contains_key("nonce"), "Discord gives no id_token");
}

/// S6: only a code is requested, and a token in the response is not read.
#[tokio::test]
async fn only_a_code_is_asked_for_and_taken() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [demo_provider::Fault::CallbackToken]);
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    assert_eq!(parameters(&begun.url)["response_type"], "code");
    let only_token = response_of(&begun, "access_token=stolen&token_type=bearer");
    assert_eq!(
        complete(&fixture.nameplate, &only_token).await.unwrap_err().code(),
        Code::NotAResponse
    );
    let both = fixture.grant(&begun).await;
    let stranger = parameters(&both)["access_token"].clone();
    complete(&fixture.nameplate, &both).await.unwrap();
    assert!(fixture.vault.entries().values().all(|entry| !entry.contains(&stranger)));
}

/// S7: each provider has its own redirect path, and a response at another one is refused.
#[tokio::test]
async fn a_response_counts_only_where_it_was_asked_for() {
    let fixture = Fixture::new().await;
    for provider in PROVIDERS {
        let begun = fixture.begin(provider, quiet(provider)).await;
        assert!(begun.redirect_uri.ends_with(&format!("/callback/{provider}")));
        assert_eq!(parameters(&begun.url)["redirect_uri"], begun.redirect_uri);
    }
    let begun = fixture.begin("company", RedirectMethod::Manual).await;
    let state = state_of(&begun);
    for elsewhere in [
        "http://127.0.0.1:53682/callback/google",
        "http://127.0.0.1:1/callback/company",
        "http://localhost:53682/callback/company",
        "http://127.0.0.1:53682/callback/company/",
        "app.nameplate.desktop.dev:/callback/company",
    ] {
        let misled = format!("{elsewhere}?code=c&state={state}");
        let refused = complete(&fixture.nameplate, &misled).await.unwrap_err();
        assert_eq!(refused.code(), Code::WrongRedirect, "{elsewhere}");
    }
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// S9: endpoints of the metadata obey the rule of configured ones.
#[tokio::test]
async fn discovered_endpoints_must_be_https() {
    let issuer = MockServer::start().await;
    let fixture = Fixture::with(|_| {
        format!("[company]\nkind = \"oidc\"\nissuer = \"{}\"\nclient_id = \"x\"\n", issuer.uri())
    })
    .await;
    for key in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for address in [
            "http://id.example.com/x",
            "ftp://127.0.0.1/x",
            "javascript:alert(1)",
            "https://u:p@id.example.com/",
            "x",
        ] {
            let mut metadata = json!({"issuer": issuer.uri(), "authorization_endpoint": "https://id.example.com/a"});
            metadata[key] = address.into();
            serve(&issuer, &metadata).await;
            let refused = fixture
                .nameplate
                .sign_ins()
                .begin(ask("company", RedirectMethod::Manual))
                .await
                .unwrap_err();
            assert_eq!(refused.code(), Code::DiscoveryFailed, "{key} {address}");
        }
    }
    fixture.assert_nothing_kept();
}

async fn serve(issuer: &MockServer, metadata: &Value) {
    issuer.reset().await;
    let response = ResponseTemplate::new(200).set_body_json(metadata);
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(response)
        .mount(issuer)
        .await;
}

/// S37: unusable metadata ends the sign-in before it begins, and nothing is left.
#[tokio::test]
async fn metadata_that_cannot_be_used() {
    let issuer = MockServer::start().await;
    let fixture = Fixture::with(|_| {
        format!("[company]\nkind = \"oidc\"\nissuer = \"{}\"\nclient_id = \"x\"\n", issuer.uri())
    })
    .await;
    let uri = issuer.uri();
    for (metadata, code) in [
        (json!({"issuer": format!("{uri}/")}), Code::DiscoveryMismatch),
        (json!({"issuer": uri.replace("127.0.0.1", "localhost")}), Code::DiscoveryMismatch),
        (json!({"issuer": "https://id.example.com"}), Code::DiscoveryMismatch),
        (json!({}), Code::DiscoveryFailed),
        (json!({"issuer": uri}), Code::DiscoveryFailed),
        (json!({"issuer": uri, "authorization_endpoint": 7}), Code::DiscoveryFailed),
        (json!([]), Code::DiscoveryFailed),
    ] {
        serve(&issuer, &metadata).await;
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask("company", RedirectMethod::Manual))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code, "{metadata}");
        assert_eq!(refused.provider(), Some("company"));
        fixture.assert_nothing_kept();
    }
    issuer.reset().await;
    let refused = fixture
        .nameplate
        .sign_ins()
        .begin(ask("company", RedirectMethod::Manual))
        .await
        .unwrap_err()
        .code();
    assert_eq!(refused, Code::DiscoveryFailed, "404");
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
}

/// S57: an id from a caller is only looked up.
#[tokio::test]
async fn what_a_caller_names_is_checked() {
    let fixture = Fixture::new().await;
    for unknown in
        ["", "myspace", "../discord", "discord\n", "Discord", "https://evil.example", "%64iscord"]
    {
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask(unknown, RedirectMethod::Manual))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::UnknownProvider, "{unknown:?}");
        assert_eq!(
            fixture.nameplate.provider_setup().register_url(unknown).unwrap_err().code(),
            Code::UnknownProvider
        );
    }
    for (provider, method) in
        [("google", RedirectMethod::DeepLink), ("kakao", RedirectMethod::DeepLink)]
    {
        let refused = fixture.nameplate.sign_ins().begin(ask(provider, method)).await.unwrap_err();
        assert_eq!(refused.code(), Code::MethodRefused, "{provider}");
    }
    for account in ["", "../x", "' OR 1=1 --"] {
        let refused =
            fixture.nameplate.accounts().sign_out(account, SignOutScope::Here).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnknownAccount);
    }
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
}

/// S57: only the attempt's own authorization request and constants of the program are opened.
#[tokio::test]
async fn what_may_be_opened_is_ours() {
    let fixture = Fixture::new().await;
    assert_eq!(waiting_url(&fixture.nameplate), None);
    for provider in PROVIDERS {
        let begun = fixture.begin(provider, quiet(provider)).await;
        assert_eq!(waiting_url(&fixture.nameplate), Some(begun.url));
    }
    for provider in ["discord", "google", "kakao"] {
        let url = fixture.nameplate.provider_setup().register_url(provider).unwrap();
        assert!(url.starts_with("https://") && !url.contains("127.0.0.1"), "{url}");
    }
    // A configured issuer has no known page.
    assert_eq!(
        fixture.nameplate.provider_setup().register_url("company").unwrap_err().code(),
        Code::UnknownProvider
    );
}
