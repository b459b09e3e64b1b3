//! Configured issuers, which differ in refresh tokens, metadata and revocation.

use demo_provider::{Fault, Rotation};
use nameplate::vault::Vault as _;
use nameplate::{
    Code, Intent, RedirectMethod, RefreshPolicy, SignInRequest, SignOutScope, TokenType,
};
use native_oauth::dpop::DpopKey;
use secrecy::ExposeSecret;
use serde_json::Value;
use wiremock::matchers::{any, body_string_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, company, complete};

/// `Retry-After` of the demo's 503, in seconds.
const PATIENCE: i64 = 2;

async fn fixture() -> Fixture {
    Fixture::with(|demo| company(demo, "oidc")).await
}

async fn signed_in(fixture: &Fixture) -> String {
    fixture.sign_in("company").await.unwrap().accounts[0].id.to_string()
}

/// The vault item of an account.
fn session(fixture: &Fixture, account: &str) -> Value {
    serde_json::from_str(&fixture.vault.entries()[account]).unwrap()
}

fn unsent(fixture: &Fixture) -> i64 {
    fixture.rows("SELECT count(*) FROM revocations")
}

async fn leave(fixture: &Fixture, account: &str, leave: SignOutScope) -> Result<(), Code> {
    fixture.nameplate.accounts().sign_out(account, leave).await.map_err(|error| error.code())
}

/// Whether the issuer accepts the access token, and the refresh token.
async fn alive(fixture: &Fixture, session: &Value) -> [bool; 2] {
    let token = |name: &str| session[name].as_str().unwrap().to_owned();
    let at = |path: &str| format!("{}/oidc/{path}", fixture.demo.base());
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", session["client_id"].as_str().unwrap()),
        ("refresh_token", &*token("refresh_token")),
    ];
    fixture.demo.set_rotation("oidc", Rotation::Keep);
    let userinfo = fixture.browser.post(&at("userinfo"), &token("access_token"), &[]).await;
    let refresh = fixture.browser.post(&at("token"), "", &form).await;
    [userinfo == 200, refresh == 200]
}

/// Uses the keychain, which starts recovery in the background.
async fn use_the_keychain(fixture: &Fixture) {
    fixture.begin("company", RedirectMethod::Manual).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
}

async fn until_settled(fixture: &Fixture) {
    while unsent(fixture) > 0 {
        tokio::task::yield_now().await;
    }
}

/// OpenID Connect Core, section 11: `offline_access` is requested if the issuer announces it, with
/// `prompt=consent`, without which issuers ignore the scope or refuse the request.
#[tokio::test]
async fn a_session_lasts_where_the_issuer_offers_it() {
    for faults in [&[][..], &[Fault::OfflineAccessRefused]] {
        let fixture = fixture().await;
        fixture.demo.set_faults("oidc", faults.iter().copied());
        let account = signed_in(&fixture).await;
        let first = session(&fixture, &account);
        assert!(first["refresh_token"].is_string(), "{faults:?}");
        fixture.access_token(&account, RefreshPolicy::Always).await.unwrap();
        // A second account: selected and consented to in one request.
        let begun = fixture.begin("company", RedirectMethod::Manual).await;
        assert_eq!(parameters(&begun.url)["prompt"], "login consent");
        let response = fixture.browser.decide(&begun.url, "no-avatar", "allow").await;
        let mira = complete(&fixture.nameplate, &response).await.unwrap();
        let id = mira.accounts[0].id.as_str();
        assert!(session(&fixture, id)["refresh_token"].is_string(), "{faults:?}");
    }
}

/// OpenID Connect Core, section 11: signing in again requests consent, and `offline_access` with it,
/// only without a refresh token.
#[tokio::test]
async fn signing_in_again_asks_for_consent_only_where_it_must() {
    let fixture = fixture().await;
    let account = fixture.sign_in("company").await.unwrap().accounts[0].id.clone();
    let again = || SignInRequest {
        intent: Intent::Reauthenticate(account.clone()),
        ..ask("company", RedirectMethod::Manual)
    };
    let first = session(&fixture, account.as_str())["refresh_token"].clone();
    let begun = fixture.nameplate.sign_ins().begin(again()).await.unwrap();
    assert_eq!(parameters(&begun.url).get("prompt"), None);
    assert_eq!(parameters(&begun.url)["scope"], "openid email profile");
    complete(&fixture.nameplate, &fixture.grant(&begun).await).await.unwrap();
    assert_eq!(session(&fixture, account.as_str())["refresh_token"], first);
    fixture.access_token(account.as_str(), RefreshPolicy::Always).await.unwrap();
    // After a year the refresh token has expired.
    fixture.demo.advance_clock(366 * 24 * 60 * 60);
    fixture.advance(366 * 24 * 60 * 60);
    let ended =
        fixture.access_token(account.as_str(), RefreshPolicy::WhenNeeded).await.unwrap_err();
    assert_eq!(ended.code(), Code::NeedsSignIn);
    let begun = fixture.nameplate.sign_ins().begin(again()).await.unwrap();
    assert_eq!(parameters(&begun.url)["prompt"], "consent");
    assert_eq!(parameters(&begun.url)["scope"], "openid email profile offline_access");
    complete(&fixture.nameplate, &fixture.grant(&begun).await).await.unwrap();
    fixture.access_token(account.as_str(), RefreshPolicy::Always).await.unwrap();
}

/// Without a refresh token nothing is sent, with an error; the access token stays valid.
#[tokio::test]
async fn nothing_is_renewed_without_a_refresh_token() {
    let fixture =
        Fixture::with(|demo| company(demo, "oidc") + "scopes = [\"openid\", \"profile\"]\n").await;
    let account = signed_in(&fixture).await;
    let asked = fixture.demo.request_log().paths;
    let refused = fixture.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!((refused.code(), refused.provider()), (Code::NoRefreshToken, Some("company")));
    let given = fixture.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(given.token.expose_secret(), session(&fixture, &account)["access_token"]);
    assert_eq!(fixture.demo.request_log().paths, asked);
    // After its expiry a sign-in is needed.
    fixture.advance(3600);
    let refused = fixture.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::NeedsSignIn);
}

/// S46: if revocation ends one token only, both are revoked (RFC 7009, section 2.1).
#[tokio::test]
async fn signing_out_leaves_no_token_alive() {
    for faults in [&[][..], &[Fault::RevokeOneToken]] {
        for how in [SignOutScope::Here, SignOutScope::Everywhere] {
            let fixture = fixture().await;
            fixture.demo.set_faults("oidc", faults.iter().copied());
            let account = signed_in(&fixture).await;
            let former = session(&fixture, &account);
            assert_eq!(alive(&fixture, &former).await, [true, true]);
            leave(&fixture, &account, how).await.unwrap();
            assert_eq!(alive(&fixture, &former).await, [false, false], "{faults:?} {how:?}");
            fixture.assert_nothing_kept();
        }
    }
}

/// S64: RFC 9449, section 5. A key that the refresh token alone is bound to stays in the session; each
/// refresh and the refresh token's revocation prove it, and the access token is a bearer token.
#[tokio::test]
async fn a_refresh_proves_the_key_of_the_refresh_token() {
    let server = MockServer::start().await;
    let tokens = serde_json::json!({ "access_token": "a", "token_type": "Bearer" });
    let renewed = ResponseTemplate::new(200).set_body_json(tokens);
    Mock::given(any()).respond_with(renewed).mount(&server).await;
    let fixture = fixture().await;
    let account = signed_in(&fixture).await;
    let key = DpopKey::generate().unwrap().text().expose_secret().to_owned();
    let token_endpoint = format!("{}/token", server.uri());
    let mut item = session(&fixture, &account);
    item["dpop_key"] = key.as_str().into();
    item["endpoints"]["token_endpoint"] = token_endpoint.as_str().into();
    let revocation_endpoint = format!("{}/revoke", server.uri());
    item["endpoints"]["revocation_endpoint"] = revocation_endpoint.as_str().into();
    fixture.vault.put(&account, &item.to_string().into()).unwrap();
    let at = format!(
        "token_endpoint = \"{token_endpoint}\"\nrevocation_endpoint = \"{revocation_endpoint}\"\n"
    );
    fixture.write_providers(&(company(&fixture.demo, "oidc") + &at));
    for _ in 0..2 {
        let sessions = fixture.nameplate.sessions();
        let given = sessions.access_token(&account, RefreshPolicy::Always).await.unwrap();
        assert_eq!((given.token.expose_secret(), given.token_type), ("a", TokenType::Bearer));
        assert_eq!(session(&fixture, &account)["dpop_key"], key);
    }
    leave(&fixture, &account, SignOutScope::Here).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let [refreshed @ .., revoked, access_revoked] = &requests[..] else { panic!("{requests:?}") };
    let proof =
        |request: &wiremock::Request| Some(request.headers.get("dpop")?.to_str().ok()?.to_owned());
    let proofs = refreshed.iter().chain([revoked]).map(|request| proof(request).unwrap());
    // The header has the public key.
    let keys: Vec<_> = proofs.map(|proof| proof.split('.').next().unwrap().to_owned()).collect();
    assert!(keys.len() == 3 && keys.iter().all(|key| *key == keys[0]), "one key");
    assert_eq!(proof(access_revoked), None, "a bearer token is bound to no key");
}

/// S46: the refresh token first, each with its hint; an expired access token is not sent.
#[tokio::test]
async fn the_refresh_token_goes_first() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    for (passed, hints) in [(0, &["refresh_token", "access_token"][..]), (3600, &["refresh_token"])]
    {
        server.reset().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let at = format!("revocation_endpoint = \"{}/revoke\"\n", server.uri());
        let fixture = Fixture::with(|demo| company(demo, "oidc") + &at).await;
        let account = signed_in(&fixture).await;
        let former = session(&fixture, &account);
        fixture.advance(passed);
        leave(&fixture, &account, SignOutScope::Here).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        assert_eq!(requests.len(), hints.len());
        for (request, hint) in requests.iter().zip(hints) {
            let sent: std::collections::BTreeMap<_, _> =
                url::form_urlencoded::parse(&request.body).into_owned().collect();
            assert_eq!(sent["token"], former[hint].as_str().unwrap());
            assert_eq!(sent["token_type_hint"], *hint);
            assert_eq!(sent["client_id"], demo_provider::providers::oidc::CLIENT_ID);
        }
    }
}

/// S46: an error for the access token is no error of the sign-out; a refusal is final, a busy
/// issuer is asked again.
#[tokio::test]
async fn the_access_token_prevents_no_sign_out() {
    let fixture = fixture().await;
    fixture.demo.set_faults("oidc", [Fault::RevokeOneToken, Fault::RevokeNoAccessToken]);
    let account = signed_in(&fixture).await;
    let former = session(&fixture, &account);
    leave(&fixture, &account, SignOutScope::Here).await.unwrap();
    assert_eq!(alive(&fixture, &former).await, [true, false]);
    fixture.assert_nothing_kept();

    for (then, left) in [(None, false), (Some(Fault::RevokeNoAccessToken), true)] {
        fixture.demo.set_faults("oidc", [Fault::RevokeOneToken, Fault::RevokeAccess503]);
        let account = signed_in(&fixture).await;
        let former = session(&fixture, &account);
        leave(&fixture, &account, SignOutScope::Here).await.unwrap();
        assert_eq!(alive(&fixture, &former).await, [true, false]);
        assert_eq!(unsent(&fixture), 1);
        fixture.demo.set_faults("oidc", [Fault::RevokeOneToken].into_iter().chain(then));
        fixture.advance(PATIENCE);
        use_the_keychain(&fixture).await;
        until_settled(&fixture).await;
        assert_eq!(alive(&fixture, &former).await, [left, false]);
        assert_eq!(fixture.state().problem, None);
        fixture.assert_nothing_kept();
    }
}

/// S46: a final refusal is not tried again, and shown with the provider's message.
#[tokio::test]
async fn a_final_refusal_is_told_and_not_kept() {
    let fixture = fixture().await;
    let account = signed_in(&fixture).await;
    fixture.demo.set_faults("oidc", [Fault::Revoke401]);
    let refused =
        fixture.nameplate.accounts().sign_out(&account, SignOutScope::Here).await.unwrap_err();
    assert_eq!((refused.code(), refused.provider()), (Code::RevokeRefused, Some("company")));
    let words = refused.detail().unwrap();
    assert!(words.contains("401") && words.contains("invalid_client"), "{words}");
    assert_eq!(unsent(&fixture), 0);
    fixture.assert_nothing_kept();
}

/// S46: a server that does not revoke refresh tokens may revoke access tokens (RFC 7009, section
/// 2.2.1).
#[tokio::test]
async fn a_refused_refresh_token_keeps_no_access_token_alive() {
    let server = MockServer::start().await;
    let unsupported = serde_json::json!({ "error": "unsupported_token_type" });
    let refresh = Mock::given(body_string_contains("token_type_hint=refresh_token"));
    let refused = ResponseTemplate::new(400).set_body_json(unsupported);
    refresh.respond_with(refused).expect(1).mount(&server).await;
    let access = Mock::given(body_string_contains("token_type_hint=access_token"));
    access.respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    let at = format!("revocation_endpoint = \"{}/revoke\"\n", server.uri());
    let fixture = Fixture::with(|demo| company(demo, "oidc") + &at).await;
    let account = signed_in(&fixture).await;
    assert_eq!(leave(&fixture, &account, SignOutScope::Here).await, Err(Code::RevokeRefused));
    server.verify().await;
}

/// S46: the revocation endpoint at sign-in is used if the metadata has none any more.
#[tokio::test]
async fn the_revocation_endpoint_of_the_sign_in_is_remembered() {
    let fixture = fixture().await;
    let account = signed_in(&fixture).await;
    fixture.demo.set_faults("oidc", [Fault::RevocationNowhere]);
    leave(&fixture, &account, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.demo.request_log().grants["oidc"].revocations, 1);
    fixture.assert_nothing_kept();
}

/// S46: an unreadable session cannot be revoked, which is reported.
#[tokio::test]
async fn a_damaged_session_is_no_told_provider() {
    let fixture = fixture().await;
    let account = signed_in(&fixture).await;
    fixture.vault.put(&account, &"damaged".into()).unwrap();
    let said = leave(&fixture, &account, SignOutScope::Everywhere).await;
    assert_eq!(said, Err(Code::RevokeTokenLost));
    fixture.assert_nothing_kept();
}

/// S46: each response of a revocation endpoint is final or tried again.
#[tokio::test]
async fn later_and_never_are_told_apart() {
    let server = MockServer::start().await;
    let at = format!("revocation_endpoint = \"{}/revoke\"\n", server.uri());
    for (status, error, code) in [
        (200, "", None),
        (200, "unsupported_token_type", Some(Code::RevokeRefused)),
        (400, "invalid_token", None),
        (400, "invalid_grant", None),
        (400, "unsupported_token_type", Some(Code::RevokeRefused)),
        (400, "unauthorized_client", Some(Code::RevokeRefused)),
        (401, "invalid_client", Some(Code::RevokeRefused)),
        (401, "", Some(Code::RevokeRefused)),
        (403, "", Some(Code::RevokeRefused)),
        (404, "", Some(Code::RevokeRefused)),
        (400, "temporarily_unavailable", Some(Code::RevokeLater)),
        (408, "", Some(Code::RevokeLater)),
        (429, "", Some(Code::RevokeLater)),
        (503, "", Some(Code::RevokeLater)),
        (302, "", Some(Code::RevokeLater)),
    ] {
        server.reset().await;
        let body = serde_json::json!({ "error": error });
        let response = ResponseTemplate::new(status);
        let response = if error.is_empty() { response } else { response.set_body_json(body) };
        Mock::given(any()).respond_with(response).mount(&server).await;
        let fixture = Fixture::with(|demo| company(demo, "oidc") + &at).await;
        let account = signed_in(&fixture).await;
        assert_eq!(
            leave(&fixture, &account, SignOutScope::Here).await.err(),
            code,
            "{status} {error}"
        );
        let kept = i64::from(code == Some(Code::RevokeLater));
        assert_eq!(unsent(&fixture), kept, "{status} {error}");
        assert!(fixture.users().is_empty());
    }
}

/// S46: a final refusal of a stored revocation deletes it, and is shown once.
#[tokio::test]
async fn a_later_refusal_is_told_once() {
    let fixture = fixture().await;
    let account = signed_in(&fixture).await;
    fixture.demo.set_faults("oidc", [Fault::Revoke503]);
    assert_eq!(leave(&fixture, &account, SignOutScope::Here).await, Err(Code::RevokeLater));
    fixture.demo.set_faults("oidc", [Fault::Revoke401]);
    fixture.advance(PATIENCE);
    use_the_keychain(&fixture).await;
    until_settled(&fixture).await;
    let shown = || fixture.state().problem.map(|problem| problem.code);
    assert_eq!(shown(), Some(Code::RevokeRefused));
    fixture.nameplate.notices().dismiss_problem();
    assert_eq!(shown(), None);
    let asked = fixture.demo.request_log().paths["/oidc/revoke"];
    use_the_keychain(&fixture).await;
    assert_eq!(shown(), None);
    assert_eq!(fixture.demo.request_log().paths["/oidc/revoke"], asked);
    fixture.assert_nothing_kept();
}

/// RFC 8414: an issuer may have all metadata there, or only its revocation endpoint.
#[tokio::test]
async fn metadata_may_stand_where_rfc_8414_has_it() {
    for fault in [Fault::MetadataMoved, Fault::RevocationElsewhere] {
        let fixture = fixture().await;
        fixture.demo.set_faults("oidc", [fault]);
        let account = signed_in(&fixture).await;
        fixture.access_token(&account, RefreshPolicy::Always).await.unwrap();
        leave(&fixture, &account, SignOutScope::Everywhere).await.unwrap();
        assert_eq!(fixture.demo.request_log().grants["oidc"].revocations, 1, "{fault:?}");
        fixture.assert_nothing_kept();
    }
}

/// S46: disconnecting reports a missing revocation endpoint; signing out does not.
#[tokio::test]
async fn leaving_everywhere_names_a_provider_without_revocation() {
    let fixture = fixture().await;
    fixture.demo.set_faults("oidc", [Fault::RevocationNowhere]);
    let account = signed_in(&fixture).await;
    leave(&fixture, &account, SignOutScope::Here).await.unwrap();
    let account = signed_in(&fixture).await;
    let said = fixture
        .nameplate
        .accounts()
        .sign_out(&account, SignOutScope::Everywhere)
        .await
        .unwrap_err();
    assert_eq!((said.code(), said.provider()), (Code::RevokeUnavailable, Some("company")));
    assert_eq!(unsent(&fixture), 0);
    fixture.assert_nothing_kept();
}
