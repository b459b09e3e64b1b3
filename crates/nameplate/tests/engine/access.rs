//! A valid access token whenever asked: what renews it, what ends it, and what does not.

use demo_provider::{Fault, Rotation};
use nameplate::{AccountState, Channel, Code, Intent, RefreshPolicy};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wiremock::matchers::{body_string_contains, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::stage::{Stage, ask, company, realm};

/// How long a token of the demo's Discord lives.
const WEEK: i64 = 7 * 24 * 60 * 60;
/// Longer than a token of anybody lives.
const PAST_EXPIRY: i64 = WEEK + 60;
/// The longest that the demo asks to wait.
const PATIENCE: i64 = 7;

async fn signed_in(stage: &Stage, provider: &str) -> String {
    stage.sign_in(provider).await.unwrap().accounts[0].id.to_string()
}

async fn token(stage: &Stage, account: &str, want: RefreshPolicy) -> Result<String, Code> {
    let given = stage.login.access_token(account, want).await;
    given.map(|given| given.token.expose_secret().to_owned()).map_err(|error| error.code())
}

fn state(stage: &Stage) -> AccountState {
    stage.login.users().unwrap()[0].accounts[0].state
}

/// What the vault holds of an account.
fn session(stage: &Stage, account: &str) -> Value {
    serde_json::from_str(&stage.vault.entries()[account]).unwrap()
}

fn refreshes(stage: &Stage, provider: &str) -> u64 {
    stage.demo.ledger().grants[realm(provider)].refresh_token
}

/// `[company]` that gives refresh tokens.
async fn lasting_company(path: &str) -> Stage {
    let scopes = "scopes = [\"openid\", \"email\", \"profile\", \"offline_access\"]\n";
    Stage::with(|demo| company(demo, path) + scopes).await
}

/// S40: a token that is good for a while is given as it is, and nobody is asked.
#[tokio::test]
async fn a_fresh_token_is_given_as_it_is() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    let asked = stage.demo.ledger().paths;
    let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    stage.advance(WEEK - 301);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    assert_eq!(stage.demo.ledger().paths, asked);
    stage.advance(2);
    assert_ne!(token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    assert_eq!(refreshes(&stage, "discord"), 1);
}

/// S40: ten callers at once are given one and the same new token.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_at_once_is_given_the_same() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    stage.advance(PAST_EXPIRY);
    let (here, there) = (stage.login.clone(), stage.another());
    let asking = (0..10).map(|at| {
        let (login, account) = (if at % 2 == 0 { &here } else { &there }.clone(), account.clone());
        tokio::spawn(async move {
            let given = login.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap();
            given.token.expose_secret().to_owned()
        })
    });
    let mut given = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        given.push(asked.await.unwrap());
    }
    assert!(given.iter().all(|token| *token == given[0]));
    assert_eq!(refreshes(&stage, "discord"), 1);
}

/// S41, U18: a refresh token that comes takes the old one's place; where none comes, the old one
/// stays and is good again.
#[tokio::test]
async fn a_new_refresh_token_takes_the_old_ones_place() {
    for (provider, comes) in [
        ("discord", true),
        ("google", false),
        ("kakao", false),
        ("microsoft", true),
        ("naver", false),
    ] {
        let stage = Stage::new().await;
        let account = signed_in(&stage, provider).await;
        let mut former = session(&stage, &account)["refresh_token"].clone();
        for round in 1..=3 {
            stage.advance(PAST_EXPIRY);
            token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
            let now = session(&stage, &account)["refresh_token"].clone();
            assert_eq!(now != former, comes, "{provider}");
            assert!(now.is_string(), "{provider}");
            assert_eq!(refreshes(&stage, provider), round, "{provider}");
            former = now;
        }
    }
}

/// The window shows when the new token expires.
#[tokio::test]
async fn a_renewed_token_has_a_new_end() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    stage.advance(PAST_EXPIRY);
    let given = stage.login.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(given.expires_at, Some(stage.now() + WEEK));
    assert_eq!(stage.login.users().unwrap()[0].accounts[0].expires_at, given.expires_at);
}

/// S42: the provider has given a new token away that never came, and the old one is dead: only
/// then a sign-in is needed, and the profile is kept.
#[tokio::test]
async fn a_lost_answer_may_need_a_sign_in() {
    let stage = Stage::new().await;
    stage.demo.set_rotation("discord", Rotation::AtOnce);
    let before = stage.sign_in("discord").await.unwrap();
    let account = before.accounts[0].id.to_string();
    stage.advance(PAST_EXPIRY);
    stage.demo.set_faults("discord", [Fault::TokenAnswerLost]);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::ProviderBusy));
    assert_eq!(state(&stage), AccountState::Active, "nobody knows yet");
    stage.demo.set_faults("discord", []);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::NeedsSignIn));
    assert_eq!(state(&stage), AccountState::NeedsSignIn);
    let after = &stage.login.users().unwrap()[0];
    assert_eq!((&after.nickname, &after.avatar), (&before.nickname, &before.avatar));
    assert!(stage.login.avatar(after.id.as_str()).unwrap().is_some());
}

/// S42: and where the old token lives until the new one is used, nothing is lost.
#[tokio::test]
async fn a_lost_answer_costs_nothing_where_the_old_token_lives() {
    let stage = Stage::new().await;
    stage.demo.set_rotation("discord", Rotation::OnUse);
    let account = signed_in(&stage, "discord").await;
    stage.advance(PAST_EXPIRY);
    stage.demo.set_faults("discord", [Fault::TokenAnswerLost]);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::ProviderBusy));
    stage.demo.set_faults("discord", []);
    token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(state(&stage), AccountState::Active);
}

/// S42: a new token that the keychain does not take is an error; what was there stays.
#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_given() {
    let stage = Stage::new().await;
    stage.demo.set_rotation("discord", Rotation::OnUse);
    let account = signed_in(&stage, "discord").await;
    let before = stage.vault.entries();
    stage.advance(PAST_EXPIRY);
    stage.vault.set(crate::vault::Mood::Tiring(0, nameplate::vault::VaultError::Locked));
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::KeychainLocked));
    assert_eq!((stage.vault.entries(), state(&stage)), (before, AccountState::Active));
    stage.vault.set(crate::vault::Mood::Willing);
    token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
}

/// S43, U21: the provider's own word ends a session, at every provider; nothing is sent after it, and
/// signing in again is all it takes.
#[tokio::test]
async fn the_providers_word_ends_a_session() {
    for provider in ["discord", "google", "kakao"] {
        let stage = Stage::new().await;
        let before = stage.sign_in(provider).await.unwrap();
        let account = before.accounts[0].id.to_string();
        stage.advance(PAST_EXPIRY);
        stage.demo.set_faults(provider, [Fault::TokenInvalidGrant]);
        let ended =
            stage.login.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap_err();
        assert_eq!((ended.code(), ended.provider()), (Code::NeedsSignIn, Some(provider)));
        assert_eq!(state(&stage), AccountState::NeedsSignIn, "{provider}");
        let after = &stage.login.users().unwrap()[0];
        assert_eq!((&after.id, &after.nickname), (&before.id, &before.nickname));
        let asked = stage.demo.ledger().paths;
        assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(Code::NeedsSignIn));
        assert_eq!(stage.demo.ledger().paths, asked, "{provider}");
        stage.demo.set_faults(provider, []);
        stage.demo.advance_clock(u32::try_from(PAST_EXPIRY).unwrap());
        let again = stage.login.ask_again(&account, Intent::Reauthenticate).unwrap();
        let begun = stage.login.begin(again).await.unwrap();
        let answer = stage.grant(&begun).await;
        let user = stage.login.finish(&answer).await.unwrap();
        assert_eq!((&user.id, user.accounts[0].id.as_str()), (&before.id, account.as_str()));
        assert_eq!(state(&stage), AccountState::Active);
        token(&stage, &account, RefreshPolicy::Always).await.unwrap();
    }
}

/// S43: where the provider wants the person to be present, the session is over: the profile stays,
/// and nothing is sent again until they sign in.
#[tokio::test]
async fn a_refresh_that_needs_the_person_ends_the_session() {
    for error in
        ["interaction_required", "consent_required", "login_required", "account_selection_required"]
    {
        let server = wiremock::MockServer::start().await;
        let refusal = serde_json::json!({ "error": error, "error_description": "AADSTS50076: x" });
        let refusal = wiremock::ResponseTemplate::new(400).set_body_json(refusal);
        let refreshing = wiremock::matchers::body_string_contains("grant_type=refresh_token");
        wiremock::Mock::given(refreshing).respond_with(refusal).mount(&server).await;
        let tokens = serde_json::json!({"access_token": "t", "refresh_token": "r", "token_type": "Bearer", "expires_in": 3600, "scope": "identify email"});
        let tokens = wiremock::ResponseTemplate::new(200).set_body_json(tokens);
        let spending = wiremock::matchers::body_string_contains("grant_type=authorization_code");
        wiremock::Mock::given(spending).respond_with(tokens).mount(&server).await;
        let me = wiremock::ResponseTemplate::new(200)
            .set_body_json(serde_json::json!({"id": "1", "username": "mira"}));
        let reading = wiremock::matchers::method("GET");
        wiremock::Mock::given(reading).respond_with(me).mount(&server).await;
        let at = server.uri();
        let stage = Stage::with(|_| {
            format!("[discord]\nclient_id = \"c\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\navatar_base = \"{at}\"\n")
        })
        .await;
        let begun = stage.begin("discord", nameplate::Channel::DeepLink).await;
        let answer = crate::stage::answer(&begun, "code=c");
        let account = stage.login.finish(&answer).await.unwrap().accounts[0].id.to_string();
        stage.advance(3600);
        for _ in 0..3 {
            assert_eq!(
                token(&stage, &account, RefreshPolicy::WhenNeeded).await,
                Err(Code::NeedsSignIn),
                "{error}"
            );
            let _ = stage.login.read_again(&account).await;
        }
        assert_eq!(state(&stage), AccountState::NeedsSignIn, "{error}");
        assert_eq!(stage.login.users().unwrap()[0].nickname, "mira", "the profile stays");
        let asked = server.received_requests().await.unwrap();
        let sent = asked.iter().filter(|request| {
            String::from_utf8_lossy(&request.body).contains("grant_type=refresh_token")
        });
        assert_eq!(sent.count(), 1, "{error}: no loop");
    }
}

/// S43, U18: nothing else does: while the old token works it is given, afterwards the error says
/// why there is none, and once the trouble is over there is a new one.
#[tokio::test]
async fn trouble_ends_no_session() {
    for (fault, code) in [
        (Fault::Token5xx, Code::WaitAsked),
        (Fault::TokenProxy403, Code::ProviderRefused),
        (Fault::TokenInvalidClient, Code::PublicClientOff),
        // A captive portal.
        (Fault::TokenNotJson, Code::AnswerUnreadable),
        (Fault::TokenRedirects, Code::Redirected),
        (Fault::TokenTooLarge, Code::AnswerMalformed),
        (Fault::TokenTypeMac, Code::TokenTypeRefused),
        (Fault::TokenWithoutAccessToken, Code::AnswerMalformed),
    ] {
        let stage = Stage::new().await;
        stage.demo.set_rotation("discord", Rotation::Keep);
        let account = signed_in(&stage, "discord").await;
        let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        stage.demo.set_faults("discord", [fault]);
        stage.advance(WEEK - 60);
        assert_eq!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first.clone()),
            "{fault:?}"
        );
        assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(code), "{fault:?}");
        stage.advance(120);
        assert_eq!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await,
            Err(code),
            "{fault:?}"
        );
        assert_eq!(state(&stage), AccountState::Active, "{fault:?}");
        stage.demo.set_faults("discord", []);
        stage.advance(PATIENCE);
        assert_ne!(token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    }
}

/// S43: a provider that asks for patience is left alone for as long as it says: no request goes
/// there, whoever asks and however often; meanwhile a token that works is given, and otherwise the
/// error says when to try again. A sign-in does not even open the browser.
#[tokio::test]
async fn a_provider_that_asks_for_patience_is_left_alone() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    stage.demo.set_faults("discord", [Fault::Token429]);
    stage.advance(WEEK - 60);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Ok(first.clone()));
    let asked = stage.demo.ledger().paths;
    stage.demo.set_faults("discord", []);
    for _ in 0..10 {
        assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Ok(first.clone()));
        let refused = stage.login.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
        assert_eq!((refused.code(), refused.provider()), (Code::WaitAsked, Some("discord")));
        assert_eq!(refused.words(), Some("7"), "the seconds that are left");
        let wish = crate::stage::ask("discord", nameplate::Channel::DeepLink);
        assert_eq!(stage.login.begin(wish).await.unwrap_err().code(), Code::WaitAsked);
    }
    let problem = stage.login.state().unwrap().problem.unwrap();
    assert!(problem.message.contains("7"), "{}", problem.message);
    assert_eq!(stage.demo.ledger().paths, asked, "nothing was sent");
    stage.advance(6);
    assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(Code::WaitAsked));
    assert_eq!((stage.demo.ledger().paths, state(&stage)), (asked, AccountState::Active));
    stage.advance(1);
    assert_ne!(token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
}

/// S43: once the token is over, the error says when to try again, and nobody is signed out.
#[tokio::test]
async fn a_token_that_is_over_waits_as_well() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "google").await;
    stage.advance(PAST_EXPIRY);
    stage.demo.set_faults("google", [Fault::Token429]);
    for _ in 0..3 {
        assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::WaitAsked));
    }
    assert_eq!(stage.demo.ledger().paths["/google/token"], 2, "the sign-in's, and the one refused");
    assert_eq!(state(&stage), AccountState::Active);
}

/// S43: nor do an issuer's metadata and keys that are out of reach; and they cost no refresh token.
#[tokio::test]
async fn an_issuer_in_trouble_ends_no_session() {
    for fault in [Fault::Discovery5xx, Fault::DiscoveryNotJson, Fault::Jwks5xx] {
        let stage = lasting_company("oidc").await;
        let account = signed_in(&stage, "company").await;
        let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        stage.demo.set_faults("oidc", [fault]);
        stage.advance(3600 - 60);
        assert_eq!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first),
            "{fault:?}"
        );
        stage.advance(120);
        token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap_err();
        assert_eq!((state(&stage), refreshes(&stage, "company")), (AccountState::Active, 0));
        stage.demo.set_faults("oidc", []);
        stage.advance(PATIENCE);
        token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    }
}

/// S43: a clock that was set back, or a year ahead, ends nothing.
#[tokio::test]
async fn a_wrong_clock_ends_no_session() {
    for (provider, stage) in [
        ("discord", Stage::new().await),
        ("google", Stage::new().await),
        ("company", lasting_company("oidc").await),
    ] {
        let account = signed_in(&stage, provider).await;
        let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        stage.advance(-90 * 24 * 60 * 60);
        assert_ne!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap(),
            first,
            "{provider}"
        );
        stage.advance(365 * 24 * 60 * 60);
        token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!(state(&stage), AccountState::Active);
        assert_eq!(refreshes(&stage, provider), 2, "once after each change");
    }
}

/// S43, U19: without a network a token that works is given, and one that does not is no sign-out.
#[tokio::test]
async fn no_network_ends_no_session() {
    for (provider, lives) in [("discord", WEEK), ("company", 3600)] {
        let mut stage = match provider {
            "company" => lasting_company("oidc").await,
            _ => Stage::new().await,
        };
        let account = signed_in(&stage, provider).await;
        let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        stage.unplug().await;
        stage.advance(lives - 60);
        assert_eq!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first),
            "{provider}"
        );
        stage.advance(120);
        assert_eq!(
            token(&stage, &account, RefreshPolicy::WhenNeeded).await,
            Err(Code::Unreachable)
        );
        assert_eq!(state(&stage), AccountState::Active, "{provider}");
    }
}

/// S43: a session without a refresh token is used to its end, and ends there.
#[tokio::test]
async fn without_a_refresh_token_a_session_ends_with_its_token() {
    let scopes = "scopes = [\"openid\", \"profile\"]\n";
    let stage = Stage::with(|demo| company(demo, "oidc") + scopes).await;
    let account = signed_in(&stage, "company").await;
    assert!(session(&stage, &account)["refresh_token"].is_null());
    let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    stage.advance(3599);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await.as_ref(), Ok(&first));
    assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(Code::NoRefreshToken));
    stage.advance(1);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, Err(Code::NeedsSignIn));
    let user = &stage.login.users().unwrap()[0];
    assert_eq!((user.nickname.as_str(), state(&stage)), ("하늘", AccountState::NeedsSignIn));
}

/// S29, S43: a token whose end nobody told is used until the provider refuses it.
#[tokio::test]
async fn a_token_without_an_end_is_used() {
    let stage = Stage::new().await;
    stage.demo.set_faults("discord", [Fault::TokenWithoutExpiresIn]);
    let account = signed_in(&stage, "discord").await;
    let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await;
    stage.advance(PAST_EXPIRY);
    assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, first);
    assert_ne!(token(&stage, &account, RefreshPolicy::Always).await, first);
}

/// A Discord that grants `identify email`, and at a refresh says `scope` instead.
async fn refreshing_with(scope: &str) -> (Stage, MockServer) {
    let server = MockServer::start().await;
    let granted = |token: &str, scope: &str| {
        ResponseTemplate::new(200).set_body_json(json!({
            "access_token": token, "refresh_token": "r", "token_type": "Bearer",
            "expires_in": 60, "scope": scope,
        }))
    };
    let post = || Mock::given(method("POST"));
    let code = post().and(body_string_contains("authorization_code"));
    code.respond_with(granted("first", "identify email")).mount(&server).await;
    let refresh = post().and(body_string_contains("refresh_token"));
    refresh.respond_with(granted("second", scope)).mount(&server).await;
    let profile = ResponseTemplate::new(200).set_body_json(json!({"id": "1", "username": "mira"}));
    Mock::given(method("GET")).respond_with(profile).mount(&server).await;
    let at = server.uri();
    let discord = format!(
        "[discord]\nclient_id = \"the-client\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\navatar_base = \"{at}\"\n"
    );
    (Stage::with(|_| discord).await, server)
}

/// S44: a refresh never widens what the person granted, and may narrow it.
#[tokio::test]
async fn a_refresh_never_widens_the_grant() {
    for (said, kept) in [
        ("identify email guilds", vec!["identify", "email"]),
        ("identify", vec!["identify"]),
        ("guilds", vec!["identify", "email"]),
    ] {
        let (stage, _server) = refreshing_with(said).await;
        let begun = stage.begin("discord", nameplate::Channel::DeepLink).await;
        let answer = crate::stage::answer(&begun, "code=the-code");
        let user = stage.login.finish(&answer).await.unwrap();
        stage.advance(61);
        let account = user.accounts[0].id.as_str();
        let given = stage.login.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!((given.token.expose_secret(), given.scopes), ("second", owned(&kept)), "{said}");
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// S45: a refresh that speaks of somebody else, or comes from or is for another, is not taken:
/// what was there stays.
#[tokio::test]
async fn a_refresh_for_somebody_else_is_not_taken() {
    for (module, code) in [
        ("refresh-invalid-sub", Code::UserinfoMismatch),
        ("refresh-invalid-iss", Code::IdTokenIssuer),
        ("refresh-invalid-aud", Code::IdTokenAudience),
    ] {
        let stage = lasting_company(&format!("oidc/rp/{module}")).await;
        stage.demo.set_rotation("oidc", Rotation::Keep);
        let account = signed_in(&stage, "company").await;
        let (before, first) =
            (stage.vault.entries(), token(&stage, &account, RefreshPolicy::WhenNeeded).await);
        assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(code), "{module}");
        assert_eq!(stage.vault.entries(), before, "{module}");
        assert_eq!(token(&stage, &account, RefreshPolicy::WhenNeeded).await, first, "{module}");
        let ledger = stage.demo.ledger();
        assert_eq!(ledger.grants[&format!("oidc/rp/{module}")].refresh_token, 1);
        assert_eq!(state(&stage), AccountState::Active);
    }
}

/// S42: a refresh whose id_token is refused has spent the refresh token (RFC 9700, section 4.14.2).
/// The new one is kept, and nothing else; of another person it is not.
#[tokio::test]
async fn a_refused_refresh_keeps_the_new_refresh_token() {
    for (module, code, then) in [
        ("refresh-invalid-aud", Code::IdTokenAudience, Code::IdTokenAudience),
        ("refresh-invalid-iss", Code::IdTokenIssuer, Code::IdTokenIssuer),
        ("refresh-invalid-sub", Code::UserinfoMismatch, Code::NeedsSignIn),
    ] {
        let stage = lasting_company(&format!("oidc/rp/{module}")).await;
        stage.demo.set_rotation("oidc", Rotation::AtOnce);
        let account = signed_in(&stage, "company").await;
        let before = session(&stage, &account);
        assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(code), "{module}");
        let after = session(&stage, &account);
        assert_eq!(after["access_token"], before["access_token"], "{module}");
        assert_eq!(after["expires_at"], before["expires_at"], "{module}");
        // The issuer takes the token that is kept.
        assert_eq!(token(&stage, &account, RefreshPolicy::Always).await, Err(then), "{module}");
    }
}

/// S42: the same where another token of the answer cannot be used.
#[tokio::test]
async fn a_malformed_access_token_costs_no_refresh_token() {
    let (stage, server) = refreshing_with("identify").await;
    let begun = stage.begin("discord", nameplate::Channel::DeepLink).await;
    let answer = crate::stage::answer(&begun, "code=the-code");
    let account = stage.login.finish(&answer).await.unwrap().accounts[0].id.to_string();
    server.reset().await;
    let malformed = json!({
        "access_token": "\u{7f}", "refresh_token": "rotated", "token_type": "Bearer",
    });
    let malformed = ResponseTemplate::new(200).set_body_json(malformed);
    Mock::given(method("POST")).respond_with(malformed).mount(&server).await;
    let refused = token(&stage, &account, RefreshPolicy::Always).await;
    assert_eq!(refused, Err(Code::TokenMalformed));
    let kept = session(&stage, &account);
    assert_eq!(
        (&kept["access_token"], &kept["refresh_token"]),
        (&json!("first"), &json!("rotated"))
    );
}

/// S45: one that speaks of the same person is, with an unknown key looked for once more (S37).
#[tokio::test]
async fn a_refresh_for_the_same_person_is_taken() {
    for module in ["idtoken-sig-es256", "idtoken-sig-rs256", "key-rotation", "valid-aud-as-array"] {
        let stage = lasting_company(&format!("oidc/rp/{module}")).await;
        let account = signed_in(&stage, "company").await;
        let first = token(&stage, &account, RefreshPolicy::WhenNeeded).await;
        assert_ne!(token(&stage, &account, RefreshPolicy::Always).await, first, "{module}");
        assert!(session(&stage, &account)["nonce"].is_string(), "kept for the next refresh");
        token(&stage, &account, RefreshPolicy::Always).await.unwrap();
    }
}

/// S43: another program set the provider up anew and signed in; a window that was open all along
/// follows, and ends nothing.
#[tokio::test]
async fn a_provider_that_was_set_up_anew_is_followed() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    let other =
        "client_id = \"demo-discord-confidential\"\nclient_secret = \"demo-discord-secret\"";
    let set_up = stage.demo.providers_toml().replace("client_id = \"demo-discord\"", other);
    std::fs::write(stage.login.home().providers_file(), set_up).unwrap();
    let beside = stage.another();
    let begun = beside.begin(ask("discord", Channel::DeepLink)).await.unwrap();
    beside.finish(&stage.grant(&begun).await).await.unwrap();
    stage.login.read_again(&account).await.unwrap();
    assert_eq!(state(&stage), AccountState::Active);
}

/// S43: a session belongs to the client, the issuer and the endpoints that it was given to and by:
/// where the configuration names others, nothing is sent, nothing changes, and the setting is named.
/// Once it is put back the session is good again.
#[tokio::test]
async fn a_session_is_sent_to_nobody_else() {
    let other = MockServer::start().await;
    let token_endpoint = "token_endpoint = \"{base}/discord/api/oauth2/token\"";
    for (from, to) in [
        ("client_id = \"demo-discord\"".to_owned(), "client_id = \"another\"".to_owned()),
        (token_endpoint.to_owned(), format!("token_endpoint = \"{}\"", other.uri())),
    ] {
        for fresh in [true, false] {
            let stage = Stage::new().await;
            let account = signed_in(&stage, "discord").await;
            let base = stage.demo.base();
            let was = from.replace("{base}", base);
            let set_up = stage.demo.providers_toml().replace(&was, &to);
            assert_ne!(set_up, stage.demo.providers_toml());
            // The profile would be read there as well.
            let (me, there) = (format!("{base}/discord/api/v10"), other.uri());
            stage.write_providers(&set_up.replace(&me, &there));
            let (asked, kept) = (stage.demo.ledger().paths, stage.vault.entries());
            if !fresh {
                stage.advance(PAST_EXPIRY);
            }
            let refused = match fresh {
                true => stage.login.read_again(&account).await.unwrap_err(),
                false => {
                    stage.login.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap_err()
                }
            };
            assert_eq!(refused.code(), Code::SessionForeign);
            assert_eq!(refused.words(), Some(&*format!("[discord] {was}")));
            assert_eq!((state(&stage), stage.vault.entries()), (AccountState::Active, kept));
            assert_eq!(stage.demo.ledger().paths, asked);
            assert!(other.received_requests().await.unwrap().is_empty());
            stage.write_providers(&stage.demo.providers_toml());
            stage.login.read_again(&account).await.unwrap();
            token(&stage, &account, RefreshPolicy::Always).await.unwrap();
        }
    }
}

/// S43: a client id from the environment or `.env` that differs is named by its variable.
#[tokio::test]
async fn a_variable_that_differs_is_named() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    std::fs::write(stage.home.env_file(), "DISCORD_CLIENT_ID=other\n").unwrap();
    stage.login.read_config();
    let refused = stage.login.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert_eq!(refused.words(), Some("DISCORD_CLIENT_ID=demo-discord"));
    let problem = stage.login.explain(nameplate::Language::En, &refused);
    assert!(problem.message.contains("DISCORD_CLIENT_ID=demo-discord"), "{}", problem.message);
    assert_eq!(state(&stage), AccountState::Active);
    std::fs::remove_file(stage.home.env_file()).unwrap();
    stage.login.read_config();
    token(&stage, &account, RefreshPolicy::Always).await.unwrap();
}

/// S43: so is another issuer, whose metadata is not even read.
#[tokio::test]
async fn another_issuer_is_sent_nothing() {
    let stage = lasting_company("oidc").await;
    let account = signed_in(&stage, "company").await;
    let was = format!("issuer = \"{}/oidc\"", stage.demo.base());
    let other = MockServer::start().await;
    let set_up =
        company(&stage.demo, "oidc").replace(&was, &format!("issuer = \"{}\"", other.uri()));
    stage.write_providers(&set_up);
    let refused = stage.login.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert_eq!(refused.words(), Some(&*format!("[company] {was}")));
    assert!(other.received_requests().await.unwrap().is_empty());
    assert_eq!(state(&stage), AccountState::Active);
}

/// S43: a profile endpoint that moved to another origin is sent no token; the session itself is
/// renewed where it always was.
#[tokio::test]
async fn a_token_does_not_follow_a_moved_profile() {
    let stage = lasting_company("oidc").await;
    let account = signed_in(&stage, "company").await;
    let other = MockServer::start().await;
    let moved = format!("userinfo_endpoint = \"{}/me\"\n", other.uri());
    stage.write_providers(&(company(&stage.demo, "oidc") + &moved));
    let refused = stage.login.read_again(&account).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert!(refused.words().unwrap().starts_with("[company] userinfo_endpoint = "), "{refused}");
    token(&stage, &account, RefreshPolicy::Always).await.unwrap();
    assert!(other.received_requests().await.unwrap().is_empty());
}

/// U19, S43: started without a network, everybody is there at once, nobody is signed out, nothing
/// is asked again and again, and no keychain entry was opened.
#[tokio::test]
async fn everybody_is_there_offline() {
    let mut stage = Stage::new().await;
    for (provider, person) in
        [("discord", "haneul"), ("discord", "no-avatar"), ("google", "haneul")]
    {
        stage.sign_in_as(provider, person).await.unwrap();
    }
    let before = stage.login.users().unwrap();
    let opened = stage.vault.done().len();
    stage.unplug().await;
    stage.advance(PAST_EXPIRY);
    stage.vault.set(crate::vault::Mood::Refusing(nameplate::vault::VaultError::Locked));
    let login = stage.another();
    login.resume().await.unwrap();
    login.wake().await;
    login.read_shown_again().await;
    let shown = login.state().unwrap();
    assert!(shown.offline && shown.problem.is_none());
    assert_eq!(login.users().unwrap(), before);
    assert_eq!(shown.users.len(), 3);
    assert!(login.avatar(before[0].id.as_str()).unwrap().is_some());
    assert_eq!(stage.vault.done().len(), opened, "{:?}", &stage.vault.done()[opened..]);
}

/// What an interrupted run left between two of its writes is settled when a token is asked for, too.
#[tokio::test]
async fn asking_for_a_token_settles_what_was_left() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    let left = stage.sign_in("google").await.unwrap().accounts[0].id.to_string();
    let database = rusqlite::Connection::open(stage.home.database()).unwrap();
    for state in ["storing", "removing"] {
        database.execute("UPDATE accounts SET state = ?1 WHERE id = ?2", [state, &left]).unwrap();
        token(&stage, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!(stage.rows("SELECT count(*) FROM accounts"), 1, "{state}");
        assert_eq!(stage.vault.names(), [&*account], "{state}");
        database
            .execute_batch(&format!(
                "INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
                 SELECT '{left}', user, 'google', 'Google', 'https://accounts.google.com', '1', 'n', '', 'active', '', 0 FROM accounts"
            ))
            .unwrap();
    }
}

/// Holds the lock of the one account as another process does. Its file is named by a hash, and is
/// there while somebody holds it.
fn hold_only_account(stage: &Stage) -> std::fs::File {
    let known = stage.login.users().unwrap()[0].accounts[0].clone();
    let digest = Sha256::digest(format!("{}\0{}", known.issuer, known.subject));
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = stage.home.locks().join(format!("account-{name}.lock"));
    let held = std::fs::File::create(path).unwrap();
    held.lock().unwrap();
    held
}

/// S63: who waited for an account while it was being removed renews nothing: the new session would
/// outlive it.
#[tokio::test]
async fn an_account_that_is_being_removed_is_not_renewed() {
    for change in ["UPDATE accounts SET state = 'removing'", "DELETE FROM accounts"] {
        let stage = Stage::new().await;
        let account = signed_in(&stage, "discord").await;
        let held = hold_only_account(&stage);
        let (login, mut news) = (stage.login.clone(), stage.login.news());
        let wanted = account.clone();
        let renewing =
            tokio::spawn(async move { login.access_token(&wanted, RefreshPolicy::Always).await });
        stage.pass(2).await;
        while stage.login.waits_for().is_none() {
            news.recv().await.unwrap();
        }
        let kept = stage.vault.entries();
        rusqlite::Connection::open(stage.home.database()).unwrap().execute(change, []).unwrap();
        held.unlock().unwrap();
        let refused = renewing.await.unwrap().map(|_| ()).unwrap_err();
        assert_eq!(refused.code(), Code::NeedsSignIn, "{change}");
        assert_eq!(stage.vault.entries(), kept, "{change}");
    }
}

/// A keychain that stays locked is asked once for what is left of earlier attempts, not once for
/// each: every time may take minutes.
#[tokio::test]
async fn a_locked_keychain_is_asked_once_to_settle() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    for _ in 0..3 {
        stage.sign_in_as("google", "no-avatar").await.unwrap();
    }
    let database = rusqlite::Connection::open(stage.home.database()).unwrap();
    database.execute("UPDATE attempts SET cleared = 0", []).unwrap();
    database.execute("UPDATE accounts SET state = 'removing' WHERE id != ?1", [&account]).unwrap();
    stage.vault.set(crate::vault::Mood::Refusing(nameplate::vault::VaultError::Locked));
    let before = stage.vault.done().len();
    let refused = stage
        .login
        .access_token(&account, RefreshPolicy::WhenNeeded)
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(refused.code(), Code::KeychainLocked);
    let done = stage.vault.done().split_off(before);
    let deleted = done.iter().filter(|done| done.starts_with("delete")).count();
    assert_eq!(deleted, 1, "{done:?}");
}

/// A lock that another process holds is reported after two seconds, and no longer once it is free.
#[tokio::test]
async fn a_held_account_is_reported() {
    let stage = Stage::new().await;
    let account = signed_in(&stage, "discord").await;
    let held = hold_only_account(&stage);
    let (login, mut news) = (stage.login.clone(), stage.login.news());
    let renewing =
        tokio::spawn(async move { login.access_token(&account, RefreshPolicy::Always).await });
    stage.pass(2).await;
    while stage.login.waits_for().is_none() {
        news.recv().await.unwrap();
    }
    assert_eq!(stage.login.waits_for().unwrap().code(), Code::AccountBusy);
    let shown = stage.login.state().unwrap().waits_for.unwrap();
    assert_eq!(shown.code, Code::AccountBusy);
    held.unlock().unwrap();
    renewing.await.unwrap().unwrap();
    assert_eq!(stage.login.waits_for(), None);
}
