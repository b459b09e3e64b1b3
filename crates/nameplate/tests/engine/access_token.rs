//! Access tokens: when they are refreshed, and what ends a session.

use demo_provider::{Fault, Rotation};
use nameplate::{AccountState, Code, Intent, RedirectMethod, RefreshPolicy};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wiremock::matchers::{body_string_contains, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, ask, company, complete, realm};
use crate::providers::CASES;

/// Lifetime of a token of the demo's Discord, in seconds.
const WEEK: i64 = 7 * 24 * 60 * 60;
/// Longer than any token's lifetime, in seconds.
const PAST_EXPIRY: i64 = WEEK + 60;
/// Longest `Retry-After` of the demo, in seconds.
const PATIENCE: i64 = 7;

async fn signed_in(fixture: &Fixture, provider: &str) -> String {
    fixture.sign_in(provider).await.unwrap().accounts[0].id.to_string()
}

async fn token(fixture: &Fixture, account: &str, want: RefreshPolicy) -> Result<String, Code> {
    let given = fixture.access_token(account, want).await;
    given.map(|given| given.token.expose_secret().to_owned()).map_err(|error| error.code())
}

fn state(fixture: &Fixture) -> AccountState {
    fixture.users()[0].accounts[0].state
}

/// The vault item of an account.
fn session(fixture: &Fixture, account: &str) -> Value {
    serde_json::from_str(&fixture.vault.entries()[account]).unwrap()
}

fn refreshes(fixture: &Fixture, provider: &str) -> u64 {
    fixture.demo.request_log().grants[realm(provider)].refresh_token
}

/// `[company]` with refresh tokens.
async fn lasting_company(path: &str) -> Fixture {
    let scopes = "scopes = [\"openid\", \"email\", \"profile\", \"offline_access\"]\n";
    Fixture::with(|demo| company(demo, path) + scopes).await
}

/// S40: a token that does not expire soon is returned without a request.
#[tokio::test]
async fn a_fresh_token_is_given_as_it_is() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    let asked = fixture.demo.request_log().paths;
    let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    fixture.advance(WEEK - 301);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    assert_eq!(fixture.demo.request_log().paths, asked);
    fixture.advance(2);
    assert_ne!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    assert_eq!(refreshes(&fixture, "discord"), 1);
}

/// S40: ten concurrent calls get the same new token.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_the_same_token() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    fixture.advance(PAST_EXPIRY);
    let (here, there) = (fixture.nameplate.clone(), fixture.another());
    let asking = (0..10).map(|at| {
        let (nameplate, account) =
            (if at % 2 == 0 { &here } else { &there }.clone(), account.clone());
        tokio::spawn(async move {
            let given = nameplate
                .sessions()
                .access_token(&account, RefreshPolicy::WhenNeeded)
                .await
                .unwrap();
            given.token.expose_secret().to_owned()
        })
    });
    let mut given = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        given.push(asked.await.unwrap());
    }
    assert!(given.iter().all(|token| *token == given[0]));
    assert_eq!(refreshes(&fixture, "discord"), 1);
}

/// S41, U18: a new refresh token replaces the old one; without one, the old one stays.
#[tokio::test]
async fn a_new_refresh_token_takes_the_old_ones_place() {
    let rotations = CASES.iter().filter_map(|case| Some((case.id, case.rotates?)));
    for (provider, comes) in rotations {
        let fixture = Fixture::new().await;
        let account = signed_in(&fixture, provider).await;
        let mut former = session(&fixture, &account)["refresh_token"].clone();
        for round in 1..=3 {
            fixture.advance(PAST_EXPIRY);
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
            let now = session(&fixture, &account)["refresh_token"].clone();
            assert_eq!(now != former, comes, "{provider}");
            assert!(now.is_string(), "{provider}");
            assert_eq!(refreshes(&fixture, provider), round, "{provider}");
            former = now;
        }
    }
}

/// The state has the new expiry.
#[tokio::test]
async fn a_renewed_token_has_a_new_end() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    fixture.advance(PAST_EXPIRY);
    let given = fixture.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(given.expires_at, Some(fixture.now() + WEEK));
    assert_eq!(fixture.users()[0].accounts[0].expires_at, given.expires_at);
}

/// S42: if the response to a refresh is lost and the old token is invalid, a sign-in is needed; the
/// profile stays.
#[tokio::test]
async fn a_lost_response_may_need_a_sign_in() {
    let fixture = Fixture::new().await;
    fixture.demo.set_rotation("discord", Rotation::AtOnce);
    let before = fixture.sign_in("discord").await.unwrap();
    let account = before.accounts[0].id.to_string();
    fixture.advance(PAST_EXPIRY);
    fixture.demo.set_faults("discord", [Fault::TokenResponseLost]);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Err(Code::ProviderBusy));
    assert_eq!(state(&fixture), AccountState::Active, "not known yet");
    fixture.demo.set_faults("discord", []);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Err(Code::NeedsSignIn));
    assert_eq!(state(&fixture), AccountState::NeedsSignIn);
    let after = &fixture.users()[0];
    assert_eq!((&after.nickname, &after.avatar), (&before.nickname, &before.avatar));
    assert!(fixture.nameplate.profiles().picture(after.profile.as_str()).unwrap().is_some());
}

/// S42: a caller that stops waiting, as a page that is reloaded, does not lose the rotated refresh token
/// (RFC 9700, section 4.14.2).
#[tokio::test]
async fn a_refresh_goes_on_without_its_caller() {
    use wiremock::matchers::{body_string_contains, method};
    use wiremock::{Mock, MockServer, Request, ResponseTemplate};

    let server = MockServer::start().await;
    let granted = |refresh: &str| {
        let tokens = serde_json::json!({"access_token": "a", "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": refresh, "scope": "identify"});
        ResponseTemplate::new(200).set_body_json(tokens)
    };
    let (asked, mut was_asked) = tokio::sync::mpsc::unbounded_channel();
    let second = granted("second").set_delay(std::time::Duration::from_millis(100));
    let used = serde_json::json!({"error": "invalid_grant"});
    let me = ResponseTemplate::new(200)
        .set_body_json(serde_json::json!({"id": "1", "username": "nari"}));
    let spending = body_string_contains("grant_type=authorization_code");
    let refreshing = || body_string_contains("refresh_token=first");
    Mock::given(method("GET")).respond_with(me).mount(&server).await;
    Mock::given(spending).respond_with(granted("first")).mount(&server).await;
    Mock::given(refreshing())
        .respond_with(move |_: &Request| {
            asked.send(()).unwrap();
            second.clone()
        })
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let used = ResponseTemplate::new(400).set_body_json(used);
    Mock::given(refreshing()).respond_with(used).mount(&server).await;
    let again = body_string_contains("refresh_token=second");
    Mock::given(again).respond_with(granted("third")).mount(&server).await;
    let at = server.uri();
    let fixture = Fixture::with(|_| {
        format!("[discord]\nclient_id = \"c\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\n")
    })
    .await;
    let begun = fixture.begin("discord", nameplate::RedirectMethod::DeepLink).await;
    let user =
        complete(&fixture.nameplate, &crate::fixture::response_of(&begun, "code=c")).await.unwrap();
    let account = user.accounts[0].id.to_string();
    let (nameplate, of) = (fixture.nameplate.clone(), account.clone());
    let caller = tokio::spawn(async move {
        drop(nameplate.sessions().access_token(&of, RefreshPolicy::Always).await);
    });
    was_asked.recv().await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
    assert_eq!(state(&fixture), AccountState::Active);
}

/// S42: if the old token stays valid until the new one is used, nothing is lost.
#[tokio::test]
async fn a_lost_response_costs_nothing_where_the_old_token_lives() {
    let fixture = Fixture::new().await;
    fixture.demo.set_rotation("discord", Rotation::OnUse);
    let account = signed_in(&fixture, "discord").await;
    fixture.advance(PAST_EXPIRY);
    fixture.demo.set_faults("discord", [Fault::TokenResponseLost]);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Err(Code::ProviderBusy));
    fixture.demo.set_faults("discord", []);
    token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(state(&fixture), AccountState::Active);
}

/// S42: a token that the keychain does not store is an error, also if the old access token has not
/// expired yet; the old session stays.
#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_given() {
    for later in [WEEK - 10, PAST_EXPIRY] {
        let fixture = Fixture::new().await;
        fixture.demo.set_rotation("discord", Rotation::OnUse);
        let account = signed_in(&fixture, "discord").await;
        let before = fixture.vault.entries();
        fixture.advance(later);
        fixture.vault.set(crate::vault::Mood::Tiring(0, nameplate::vault::VaultError::Locked));
        let refused = token(&fixture, &account, RefreshPolicy::WhenNeeded).await;
        assert_eq!(refused, Err(Code::KeychainLocked), "{later}");
        assert_eq!((fixture.vault.entries(), state(&fixture)), (before, AccountState::Active));
        fixture.vault.set(crate::vault::Mood::Willing);
        token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    }
}

/// S43, U21: the provider's `invalid_grant` ends a session, at every provider; signing in again
/// restores it.
#[tokio::test]
async fn the_providers_word_ends_a_session() {
    for provider in ["discord", "google", "kakao"] {
        let fixture = Fixture::new().await;
        let before = fixture.sign_in(provider).await.unwrap();
        let account = before.accounts[0].id.to_string();
        fixture.advance(PAST_EXPIRY);
        fixture.demo.set_faults(provider, [Fault::TokenInvalidGrant]);
        let ended = fixture.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap_err();
        assert_eq!((ended.code(), ended.provider()), (Code::NeedsSignIn, Some(provider)));
        assert_eq!(state(&fixture), AccountState::NeedsSignIn, "{provider}");
        let after = &fixture.users()[0];
        assert_eq!((&after.id, &after.nickname), (&before.id, &before.nickname));
        let asked = fixture.demo.request_log().paths;
        assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(Code::NeedsSignIn));
        assert_eq!(fixture.demo.request_log().paths, asked, "{provider}");
        fixture.demo.set_faults(provider, []);
        fixture.demo.advance_clock(u32::try_from(PAST_EXPIRY).unwrap());
        let again = fixture
            .nameplate
            .sign_ins()
            .request_for_account(&account, Intent::Reauthenticate)
            .unwrap();
        let begun = fixture.nameplate.sign_ins().begin(again).await.unwrap();
        let response = fixture.grant(&begun).await;
        let user = complete(&fixture.nameplate, &response).await.unwrap();
        assert_eq!((&user.id, user.accounts[0].id.as_str()), (&before.id, account.as_str()));
        assert_eq!(state(&fixture), AccountState::Active);
        token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
    }
}

/// S43: the same if the provider requires interaction.
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
        let fixture = Fixture::with(|_| {
            format!("[discord]\nclient_id = \"c\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\navatar_base = \"{at}\"\n")
        })
        .await;
        let begun = fixture.begin("discord", nameplate::RedirectMethod::DeepLink).await;
        let response = crate::fixture::response_of(&begun, "code=c");
        let account =
            complete(&fixture.nameplate, &response).await.unwrap().accounts[0].id.to_string();
        fixture.advance(3600);
        for _ in 0..3 {
            assert_eq!(
                token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
                Err(Code::NeedsSignIn),
                "{error}"
            );
            let _ = fixture.nameplate.profiles().refresh(&account).await;
        }
        assert_eq!(state(&fixture), AccountState::NeedsSignIn, "{error}");
        assert_eq!(fixture.users()[0].nickname, "mira", "the profile stays");
        let asked = server.received_requests().await.unwrap();
        let sent = asked.iter().filter(|request| {
            String::from_utf8_lossy(&request.body).contains("grant_type=refresh_token")
        });
        assert_eq!(sent.count(), 1, "{error}: no loop");
    }
}

/// S43, U18: other errors do not: the token is returned while it is valid, then the error, and
/// later a new token.
#[tokio::test]
async fn trouble_ends_no_session() {
    for (fault, code) in [
        (Fault::Token5xx, Code::WaitAsked),
        (Fault::TokenProxy403, Code::ProviderRefused),
        (Fault::TokenInvalidClient, Code::PublicClientOff),
        // A captive portal.
        (Fault::TokenNotJson, Code::ResponseUnreadable),
        (Fault::TokenRedirects, Code::Redirected),
        (Fault::TokenTooLarge, Code::ResponseMalformed),
        (Fault::TokenTypeMac, Code::TokenTypeRefused),
        (Fault::TokenWithoutAccessToken, Code::ResponseMalformed),
    ] {
        let fixture = Fixture::new().await;
        fixture.demo.set_rotation("discord", Rotation::Keep);
        let account = signed_in(&fixture, "discord").await;
        let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        fixture.demo.set_faults("discord", [fault]);
        fixture.advance(WEEK - 60);
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first.clone()),
            "{fault:?}"
        );
        assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(code), "{fault:?}");
        fixture.advance(120);
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Err(code),
            "{fault:?}"
        );
        assert_eq!(state(&fixture), AccountState::Active, "{fault:?}");
        fixture.demo.set_faults("discord", []);
        fixture.advance(PATIENCE);
        assert_ne!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
    }
}

/// RFC 9700, section 4.14.2: a refresh token that was rotated is stored, also beside an access token of
/// no use.
#[tokio::test]
async fn a_rotated_token_beside_a_refused_one_is_stored() {
    let fixture = Fixture::new().await;
    fixture.demo.set_rotation("discord", Rotation::AtOnce);
    let account = signed_in(&fixture, "discord").await;
    fixture.demo.set_faults("discord", [Fault::TokenTypeMac]);
    let refused = token(&fixture, &account, RefreshPolicy::Always).await;
    assert_eq!(refused, Err(Code::TokenTypeRefused));
    fixture.demo.set_faults("discord", []);
    token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
}

/// S43: `Retry-After` is respected by every request to the endpoint; a valid token is returned,
/// otherwise the error has the time. A sign-in does not open the browser.
#[tokio::test]
async fn a_provider_that_asks_for_patience_is_left_alone() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    fixture.demo.set_faults("discord", [Fault::Token429]);
    fixture.advance(WEEK - 60);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Ok(first.clone()));
    let asked = fixture.demo.request_log().paths;
    fixture.demo.set_faults("discord", []);
    for _ in 0..10 {
        assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Ok(first.clone()));
        let refused = fixture.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
        assert_eq!((refused.code(), refused.provider()), (Code::WaitAsked, Some("discord")));
        assert_eq!(refused.detail(), Some("7"), "the seconds that are left");
        let wish = crate::fixture::ask("discord", nameplate::RedirectMethod::DeepLink);
        assert_eq!(
            fixture.nameplate.sign_ins().begin(wish).await.unwrap_err().code(),
            Code::WaitAsked
        );
    }
    let problem = fixture.state().problem.unwrap();
    assert!(problem.message.contains("7"), "{}", problem.message);
    assert_eq!(fixture.demo.request_log().paths, asked, "nothing was sent");
    fixture.advance(6);
    assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(Code::WaitAsked));
    assert_eq!((fixture.demo.request_log().paths, state(&fixture)), (asked, AccountState::Active));
    fixture.advance(1);
    assert_ne!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap(), first);
}

/// S43: after the expiry, the error has the time, and the session stays.
#[tokio::test]
async fn a_token_that_is_over_waits_as_well() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "google").await;
    fixture.advance(PAST_EXPIRY);
    fixture.demo.set_faults("google", [Fault::Token429]);
    for _ in 0..3 {
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Err(Code::WaitAsked)
        );
    }
    assert_eq!(
        fixture.demo.request_log().paths["/google/token"],
        2,
        "the sign-in's, and the one refused"
    );
    assert_eq!(state(&fixture), AccountState::Active);
}

/// S43: unreachable metadata and keys end nothing, and do not use the refresh token.
#[tokio::test]
async fn an_issuer_in_trouble_ends_no_session() {
    for fault in [Fault::Discovery5xx, Fault::DiscoveryNotJson, Fault::Jwks5xx] {
        let fixture = lasting_company("oidc").await;
        let account = signed_in(&fixture, "company").await;
        let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        fixture.demo.set_faults("oidc", [fault]);
        fixture.advance(3600 - 60);
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first),
            "{fault:?}"
        );
        fixture.advance(120);
        token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap_err();
        assert_eq!((state(&fixture), refreshes(&fixture, "company")), (AccountState::Active, 0));
        fixture.demo.set_faults("oidc", []);
        fixture.advance(PATIENCE);
        token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    }
}

/// S43: a clock that is set back or forward ends nothing.
#[tokio::test]
async fn a_wrong_clock_ends_no_session() {
    for (provider, fixture) in [
        ("discord", Fixture::new().await),
        ("google", Fixture::new().await),
        ("company", lasting_company("oidc").await),
    ] {
        let account = signed_in(&fixture, provider).await;
        let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        fixture.advance(-90 * 24 * 60 * 60);
        assert_ne!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap(),
            first,
            "{provider}"
        );
        fixture.advance(365 * 24 * 60 * 60);
        token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!(state(&fixture), AccountState::Active);
        assert_eq!(refreshes(&fixture, provider), 2, "once after each change");
    }
}

/// S43, U19: without network a valid token is returned, and an expired one is no sign-out.
#[tokio::test]
async fn no_network_ends_no_session() {
    for (provider, lives) in [("discord", WEEK), ("company", 3600)] {
        let mut fixture = match provider {
            "company" => lasting_company("oidc").await,
            _ => Fixture::new().await,
        };
        let account = signed_in(&fixture, provider).await;
        let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        fixture.unplug().await;
        fixture.advance(lives - 60);
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Ok(first),
            "{provider}"
        );
        fixture.advance(120);
        assert_eq!(
            token(&fixture, &account, RefreshPolicy::WhenNeeded).await,
            Err(Code::Unreachable)
        );
        assert_eq!(state(&fixture), AccountState::Active, "{provider}");
    }
}

/// S43: a session without a refresh token ends at its expiry.
#[tokio::test]
async fn without_a_refresh_token_a_session_ends_with_its_token() {
    let scopes = "scopes = [\"openid\", \"profile\"]\n";
    let fixture = Fixture::with(|demo| company(demo, "oidc") + scopes).await;
    let account = signed_in(&fixture, "company").await;
    assert!(session(&fixture, &account)["refresh_token"].is_null());
    let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
    fixture.advance(3599);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await.as_ref(), Ok(&first));
    assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(Code::NoRefreshToken));
    fixture.advance(1);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, Err(Code::NeedsSignIn));
    let user = &fixture.users()[0];
    assert_eq!((user.nickname.as_str(), state(&fixture)), ("하늘", AccountState::NeedsSignIn));
}

/// S29, S43: a token without an expiry is used until it is refused.
#[tokio::test]
async fn a_token_without_an_end_is_used() {
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("discord", [Fault::TokenWithoutExpiresIn]);
    let account = signed_in(&fixture, "discord").await;
    let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await;
    fixture.advance(PAST_EXPIRY);
    assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, first);
    assert_ne!(token(&fixture, &account, RefreshPolicy::Always).await, first);
}

/// A Discord that grants `identify email`, and `scope` at a refresh.
async fn refreshing_with(scope: &str) -> (Fixture, MockServer) {
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
    (Fixture::with(|_| discord).await, server)
}

/// S44: a refresh never adds scopes, and may remove some.
#[tokio::test]
async fn a_refresh_never_widens_the_grant() {
    for (said, kept) in [
        ("identify email guilds", vec!["identify", "email"]),
        ("identify", vec!["identify"]),
        ("guilds", vec!["identify", "email"]),
    ] {
        let (fixture, _server) = refreshing_with(said).await;
        let begun = fixture.begin("discord", nameplate::RedirectMethod::DeepLink).await;
        let response = crate::fixture::response_of(&begun, "code=the-code");
        let user = complete(&fixture.nameplate, &response).await.unwrap();
        fixture.advance(61);
        let account = user.accounts[0].id.as_str();
        let given = fixture.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!((given.token.expose_secret(), given.scopes), ("second", owned(&kept)), "{said}");
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// S45: an id_token of another subject, issuer or audience is refused; the session stays.
#[tokio::test]
async fn a_refresh_for_another_account_is_not_taken() {
    for (module, code) in [
        ("refresh-invalid-sub", Code::UserinfoMismatch),
        ("refresh-invalid-iss", Code::IdTokenIssuer),
        ("refresh-invalid-aud", Code::IdTokenAudience),
    ] {
        let fixture = lasting_company(&format!("oidc/rp/{module}")).await;
        fixture.demo.set_rotation("oidc", Rotation::Keep);
        let account = signed_in(&fixture, "company").await;
        let (before, first) =
            (fixture.vault.entries(), token(&fixture, &account, RefreshPolicy::WhenNeeded).await);
        assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(code), "{module}");
        assert_eq!(fixture.vault.entries(), before, "{module}");
        assert_eq!(token(&fixture, &account, RefreshPolicy::WhenNeeded).await, first, "{module}");
        let ledger = fixture.demo.request_log();
        assert_eq!(ledger.grants[&format!("oidc/rp/{module}")].refresh_token, 1);
        assert_eq!(state(&fixture), AccountState::Active);
    }
}

/// S42: after a refused id_token the refresh token has been rotated (RFC 9700, section 4.14.2): the
/// new one is stored alone, unless the subject differs.
#[tokio::test]
async fn a_refused_refresh_keeps_the_new_refresh_token() {
    for (module, code, then) in [
        ("refresh-invalid-aud", Code::IdTokenAudience, Code::IdTokenAudience),
        ("refresh-invalid-iss", Code::IdTokenIssuer, Code::IdTokenIssuer),
        ("refresh-invalid-sub", Code::UserinfoMismatch, Code::NeedsSignIn),
    ] {
        let fixture = lasting_company(&format!("oidc/rp/{module}")).await;
        fixture.demo.set_rotation("oidc", Rotation::AtOnce);
        let account = signed_in(&fixture, "company").await;
        let before = session(&fixture, &account);
        assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(code), "{module}");
        let after = session(&fixture, &account);
        assert_eq!(after["access_token"], before["access_token"], "{module}");
        assert_eq!(after["expires_at"], before["expires_at"], "{module}");
        // The stored token is accepted.
        assert_eq!(token(&fixture, &account, RefreshPolicy::Always).await, Err(then), "{module}");
    }
}

/// S42: the same for another unusable token of the response.
#[tokio::test]
async fn a_malformed_access_token_costs_no_refresh_token() {
    let (fixture, server) = refreshing_with("identify").await;
    let begun = fixture.begin("discord", nameplate::RedirectMethod::DeepLink).await;
    let response = crate::fixture::response_of(&begun, "code=the-code");
    let account = complete(&fixture.nameplate, &response).await.unwrap().accounts[0].id.to_string();
    server.reset().await;
    let malformed = json!({
        "access_token": "\u{7f}", "refresh_token": "rotated", "token_type": "Bearer",
    });
    let malformed = ResponseTemplate::new(200).set_body_json(malformed);
    Mock::given(method("POST")).respond_with(malformed).mount(&server).await;
    let refused = token(&fixture, &account, RefreshPolicy::Always).await;
    assert_eq!(refused, Err(Code::TokenMalformed));
    let kept = session(&fixture, &account);
    assert_eq!(
        (&kept["access_token"], &kept["refresh_token"]),
        (&json!("first"), &json!("rotated"))
    );
}

/// S45: an id_token of the same subject is accepted, with a new key (S37).
#[tokio::test]
async fn a_refresh_for_the_same_person_is_taken() {
    for module in ["idtoken-sig-es256", "idtoken-sig-rs256", "key-rotation", "valid-aud-as-array"] {
        let fixture = lasting_company(&format!("oidc/rp/{module}")).await;
        let account = signed_in(&fixture, "company").await;
        let first = token(&fixture, &account, RefreshPolicy::WhenNeeded).await;
        assert_ne!(token(&fixture, &account, RefreshPolicy::Always).await, first, "{module}");
        assert!(session(&fixture, &account)["nonce"].is_string(), "kept for the next refresh");
        token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
    }
}

/// S43: another process set the provider up again and signed in; this one follows.
#[tokio::test]
async fn a_provider_that_was_set_up_anew_is_followed() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    let other =
        "client_id = \"demo-discord-confidential\"\nclient_secret = \"demo-discord-secret\"";
    let set_up = fixture.demo.providers_toml().replace("client_id = \"demo-discord\"", other);
    std::fs::write(fixture.nameplate.home().providers_file(), set_up).unwrap();
    let beside = fixture.another();
    let begun = beside.sign_ins().begin(ask("discord", RedirectMethod::DeepLink)).await.unwrap();
    complete(&beside, &fixture.grant(&begun).await).await.unwrap();
    fixture.nameplate.profiles().refresh(&account).await.unwrap();
    assert_eq!(state(&fixture), AccountState::Active);
}

/// S43: a session is bound to client, issuer and endpoints: with other settings nothing is sent,
/// and the setting is named. Once it is restored the session works.
#[tokio::test]
async fn a_session_is_sent_to_its_own_provider_only() {
    let other = MockServer::start().await;
    let token_endpoint = "token_endpoint = \"{base}/discord/api/oauth2/token\"";
    for (from, to) in [
        ("client_id = \"demo-discord\"".to_owned(), "client_id = \"another\"".to_owned()),
        (token_endpoint.to_owned(), format!("token_endpoint = \"{}\"", other.uri())),
    ] {
        for fresh in [true, false] {
            let fixture = Fixture::new().await;
            let account = signed_in(&fixture, "discord").await;
            let base = fixture.demo.base();
            let was = from.replace("{base}", base);
            let set_up = fixture.demo.providers_toml().replace(&was, &to);
            assert_ne!(set_up, fixture.demo.providers_toml());
            // The profile would be read there as well.
            let (me, there) = (format!("{base}/discord/api/v10"), other.uri());
            fixture.write_providers(&set_up.replace(&me, &there));
            let (asked, kept) = (fixture.demo.request_log().paths, fixture.vault.entries());
            if !fresh {
                fixture.advance(PAST_EXPIRY);
            }
            let refused = match fresh {
                true => fixture.nameplate.profiles().refresh(&account).await.unwrap_err(),
                false => {
                    fixture.access_token(&account, RefreshPolicy::WhenNeeded).await.unwrap_err()
                }
            };
            assert_eq!(refused.code(), Code::SessionForeign);
            assert_eq!(refused.detail(), Some(&*format!("[discord] {was}")));
            assert_eq!((state(&fixture), fixture.vault.entries()), (AccountState::Active, kept));
            assert_eq!(fixture.demo.request_log().paths, asked);
            assert!(other.received_requests().await.unwrap().is_empty());
            fixture.write_providers(&fixture.demo.providers_toml());
            fixture.nameplate.profiles().refresh(&account).await.unwrap();
            token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
        }
    }
}

/// S43: a different client id of the environment or `.env` is named by its variable.
#[tokio::test]
async fn a_variable_that_differs_is_named() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    std::fs::write(fixture.home.env_file(), "DISCORD_CLIENT_ID=other\n").unwrap();
    fixture.nameplate.provider_setup().reload();
    let refused = fixture.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert_eq!(refused.detail(), Some("DISCORD_CLIENT_ID=demo-discord"));
    let problem = fixture.nameplate.explain(nameplate::Language::En, &refused);
    assert!(problem.message.contains("DISCORD_CLIENT_ID=demo-discord"), "{}", problem.message);
    assert_eq!(state(&fixture), AccountState::Active);
    std::fs::remove_file(fixture.home.env_file()).unwrap();
    fixture.nameplate.provider_setup().reload();
    token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
}

/// S43: so is another issuer, whose metadata is not read.
#[tokio::test]
async fn another_issuer_is_sent_nothing() {
    let fixture = lasting_company("oidc").await;
    let account = signed_in(&fixture, "company").await;
    let was = format!("issuer = \"{}/oidc\"", fixture.demo.base());
    let other = MockServer::start().await;
    let set_up =
        company(&fixture.demo, "oidc").replace(&was, &format!("issuer = \"{}\"", other.uri()));
    fixture.write_providers(&set_up);
    let refused = fixture.access_token(&account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert_eq!(refused.detail(), Some(&*format!("[company] {was}")));
    assert!(other.received_requests().await.unwrap().is_empty());
    assert_eq!(state(&fixture), AccountState::Active);
}

/// S43: a profile endpoint on another origin gets no token; the session is refreshed.
#[tokio::test]
async fn a_token_does_not_follow_a_moved_profile() {
    let fixture = lasting_company("oidc").await;
    let account = signed_in(&fixture, "company").await;
    let other = MockServer::start().await;
    let moved = format!("userinfo_endpoint = \"{}/me\"\n", other.uri());
    fixture.write_providers(&(company(&fixture.demo, "oidc") + &moved));
    let refused = fixture.nameplate.profiles().refresh(&account).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionForeign);
    assert!(refused.detail().unwrap().starts_with("[company] userinfo_endpoint = "), "{refused}");
    token(&fixture, &account, RefreshPolicy::Always).await.unwrap();
    assert!(other.received_requests().await.unwrap().is_empty());
}

/// U19, S43: a start without network shows every user, ends nothing, repeats no request and opens
/// no keychain item.
#[tokio::test]
async fn everybody_is_there_offline() {
    let mut fixture = Fixture::new().await;
    for (provider, person) in
        [("discord", "haneul"), ("discord", "no-avatar"), ("google", "haneul")]
    {
        fixture.sign_in_as(provider, person).await.unwrap();
    }
    let before = fixture.users();
    let opened = fixture.vault.done().len();
    fixture.unplug().await;
    fixture.advance(PAST_EXPIRY);
    fixture.vault.set(crate::vault::Mood::Refusing(nameplate::vault::VaultError::Locked));
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    nameplate.wake().await;
    nameplate.profiles().refresh_shown().await;
    let shown = nameplate.state().unwrap();
    assert!(shown.offline && shown.problem.is_none());
    assert_eq!(nameplate.accounts().list().unwrap(), before);
    assert_eq!(shown.users.len(), 3);
    assert!(nameplate.profiles().picture(before[0].profile.as_str()).unwrap().is_some());
    assert_eq!(fixture.vault.done().len(), opened, "{:?}", &fixture.vault.done()[opened..]);
}

/// Requesting a token recovers interrupted accounts.
#[tokio::test]
async fn asking_for_a_token_settles_what_was_left() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    let left = fixture.sign_in("google").await.unwrap().accounts[0].id.to_string();
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    for state in ["storing", "removing"] {
        database.execute("UPDATE accounts SET state = ?1 WHERE id = ?2", [state, &left]).unwrap();
        token(&fixture, &account, RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!(fixture.rows("SELECT count(*) FROM accounts"), 1, "{state}");
        assert_eq!(fixture.vault.names(), [&*account], "{state}");
        database
            .execute_batch(&format!(
                "INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
                 SELECT '{left}', user, 'google', 'Google', 'https://accounts.google.com', '1', 'n', '', 'active', '', 0 FROM accounts"
            ))
            .unwrap();
    }
}

/// Holds the lock of the one account as another process does.
fn hold_only_account(fixture: &Fixture) -> std::fs::File {
    let known = fixture.users()[0].accounts[0].clone();
    let digest = Sha256::digest(format!("{}\0{}", known.issuer, known.subject));
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = fixture.home.data_dir().join("locks").join(format!("account-{name}.lock"));
    let held = std::fs::File::create(path).unwrap();
    held.lock().unwrap();
    held
}

/// S63: a refresh that waited for a removed account stores nothing.
#[tokio::test]
async fn an_account_that_is_being_removed_is_not_renewed() {
    for change in ["UPDATE accounts SET state = 'removing'", "DELETE FROM accounts"] {
        let fixture = Fixture::new().await;
        let account = signed_in(&fixture, "discord").await;
        let held = hold_only_account(&fixture);
        let (nameplate, mut news) = (fixture.nameplate.clone(), fixture.nameplate.events());
        let wanted = account.clone();
        let renewing = tokio::spawn(async move {
            nameplate.sessions().access_token(&wanted, RefreshPolicy::Always).await
        });
        fixture.pass(2).await;
        while fixture.nameplate.notices().waiting_for().is_none() {
            news.recv().await.unwrap();
        }
        let kept = fixture.vault.entries();
        rusqlite::Connection::open(fixture.home.database()).unwrap().execute(change, []).unwrap();
        held.unlock().unwrap();
        let refused = renewing.await.unwrap().map(|_| ()).unwrap_err();
        assert_eq!(refused.code(), Code::NeedsSignIn, "{change}");
        assert_eq!(fixture.vault.entries(), kept, "{change}");
    }
}

/// A locked keychain is asked once for all attempts, because each time may take minutes.
#[tokio::test]
async fn a_locked_keychain_is_asked_once_to_settle() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    for _ in 0..3 {
        fixture.sign_in_as("google", "no-avatar").await.unwrap();
    }
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute("UPDATE attempts SET cleared = 0", []).unwrap();
    database.execute("UPDATE accounts SET state = 'removing' WHERE id != ?1", [&account]).unwrap();
    fixture.vault.set(crate::vault::Mood::Refusing(nameplate::vault::VaultError::Locked));
    let before = fixture.vault.done().len();
    let refused =
        fixture.access_token(&account, RefreshPolicy::WhenNeeded).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Code::KeychainLocked);
    let done = fixture.vault.done().split_off(before);
    let deleted = done.iter().filter(|done| done.starts_with("delete")).count();
    assert_eq!(deleted, 1, "{done:?}");
}

/// A lock that another process holds is reported after two seconds, until it is free.
#[tokio::test]
async fn a_held_account_is_reported() {
    let fixture = Fixture::new().await;
    let account = signed_in(&fixture, "discord").await;
    let held = hold_only_account(&fixture);
    let (nameplate, mut news) = (fixture.nameplate.clone(), fixture.nameplate.events());
    let renewing = tokio::spawn(async move {
        nameplate.sessions().access_token(&account, RefreshPolicy::Always).await
    });
    fixture.pass(2).await;
    // The time may have passed while the keychain was read, which is reported as well.
    let waits = || fixture.nameplate.notices().waiting_for().map(|wait| wait.code());
    while waits() != Some(Code::AccountBusy) {
        news.recv().await.unwrap();
    }
    let shown = fixture.state().waits_for.unwrap();
    assert_eq!(shown.code, Code::AccountBusy);
    held.unlock().unwrap();
    renewing.await.unwrap().unwrap();
    assert_eq!(waits(), None);
}
