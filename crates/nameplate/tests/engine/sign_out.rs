//! Sign-out: what is revoked, what is tried again, and what remains.

use demo_provider::{DemoProvider, Fault};
use nameplate::vault::VaultError;
use nameplate::{Code, NewProfile, RedirectMethod, SignOutScope, User};
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, company, complete, realm};
use crate::providers::CASES;
use crate::vault::Mood;

const WEEK: i64 = 7 * 24 * 60 * 60;
/// `Retry-After` of the demo's 503, in seconds.
const PATIENCE: i64 = 2;

async fn leave(fixture: &Fixture, user: &User, leave: SignOutScope) -> Result<(), Code> {
    let left = fixture.nameplate.accounts().sign_out(user.accounts[0].id.as_str(), leave).await;
    left.map_err(|error| error.code())
}

fn revocations(fixture: &Fixture, provider: &str) -> u64 {
    fixture.demo.request_log().grants[realm(provider)].revocations
}

/// Number of revocation requests, by path.
fn asked(fixture: &Fixture) -> Vec<(String, u64)> {
    let ends = |path: &str| {
        let words = ["revoke", "logout", "unlink", "permissions"];
        words.iter().any(|word| path.ends_with(word)) || path.contains("/applications/")
    };
    fixture.demo.request_log().paths.into_iter().filter(|(path, _)| ends(path)).collect()
}

/// Revocation requests for one session: one per token at a configured issuer.
fn times(provider: &str) -> u64 {
    if provider == "company" { 2 } else { 1 }
}

fn unsent(fixture: &Fixture) -> i64 {
    fixture.rows("SELECT count(*) FROM revocations")
}

/// Uses the keychain, which starts recovery in the background.
async fn use_the_keychain(fixture: &Fixture) {
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
}

/// Waits until the revocation is deleted from keychain and database.
async fn until_sent(fixture: &Fixture) {
    fixture.vault.until(|entries| entries.is_empty()).await;
    while unsent(fixture) > 0 {
        tokio::task::yield_now().await;
    }
}

/// S46: signing out revokes only where the provider can revoke this session alone, which Discord
/// and Google cannot.
#[tokio::test]
async fn signing_out_here_ends_this_session_alone() {
    for (provider, told) in CASES.iter().map(|case| (case.id, case.sign_out)) {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        leave(&fixture, &user, SignOutScope::Here).await.unwrap();
        let told: Vec<_> = told.iter().map(|&path| (path.to_owned(), times(provider))).collect();
        assert_eq!(asked(&fixture), told, "{provider}");
        assert_eq!(revocations(&fixture, provider), u64::from(!told.is_empty()), "{provider}");
        fixture.assert_nothing_kept();
    }
}

/// S46: disconnecting revokes as much as the provider allows.
#[tokio::test]
async fn disconnecting_tells_the_provider() {
    let paths = CASES.iter().filter_map(|case| Some((case.id, case.disconnect?)));
    for (provider, told) in paths {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap();
        assert_eq!(asked(&fixture), [(told.to_owned(), times(provider))]);
        assert_eq!(revocations(&fixture, provider), 1, "{provider}");
        fixture.assert_nothing_kept();
    }
}

/// S46: the effect of disconnecting is shown before, for each provider.
#[tokio::test]
async fn what_dies_is_said_before() {
    let fixture = Fixture::new().await;
    let cards = fixture.state().providers;
    for case in CASES {
        let card = cards.iter().find(|card| card.id == case.id).unwrap();
        assert_eq!(card.revocation_effect, case.effect, "{}", case.id);
    }
}

/// S46: the refresh token is revoked, and with it the access tokens (RFC 7009, section 2.1);
/// without one, the access token.
#[tokio::test]
async fn the_refresh_token_is_revoked() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    for which in ["refresh_token", "access_token"] {
        let at = server.uri();
        let fixture = Fixture::with(|demo| {
            let revoke = format!("{}/discord/api/oauth2/token/revoke", demo.base());
            demo.providers_toml().replace(&revoke, &format!("{at}/revoke"))
        })
        .await;
        if which == "access_token" {
            fixture.demo.set_faults("discord", [Fault::TokenWithoutRefreshToken]);
        }
        let user = fixture.sign_in("discord").await.unwrap();
        let kept = &fixture.vault.entries()[user.accounts[0].id.as_str()];
        let kept: Value = serde_json::from_str(kept).unwrap();
        leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let sent = url::form_urlencoded::parse(&requests.last().unwrap().body);
        let sent: Vec<_> = sent.filter(|(name, _)| name == "token").collect();
        assert_eq!(sent[0].1, kept[which].as_str().unwrap(), "{which}");
    }
}

/// S46: an unreachable provider does not prevent a sign-out: the revocation is tried again, and
/// then its token is deleted.
#[tokio::test]
async fn what_could_not_be_revoked_is_tried_again() {
    for (provider, &how) in
        CASES.iter().flat_map(|case| case.retried.iter().map(|how| (case.id, how)))
    {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        fixture.demo.set_faults(realm(provider), [Fault::Revoke503]);
        let refused = fixture
            .nameplate
            .accounts()
            .sign_out(user.accounts[0].id.as_str(), how)
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.provider()), (Code::RevokeLater, Some(provider)));
        assert!(fixture.users().is_empty());
        assert_eq!((fixture.rows("SELECT count(*) FROM accounts"), unsent(&fixture)), (0, 1));
        let names = fixture.vault.names();
        assert!(names.len() == 1 && names[0].starts_with("revoking."), "{names:?}");
        fixture.demo.set_faults(realm(provider), []);
        fixture.advance(PATIENCE);
        use_the_keychain(&fixture).await;
        until_sent(&fixture).await;
        assert_eq!(revocations(&fixture, provider), 1, "{provider}");
        fixture.assert_nothing_kept();
    }
}

/// S46: signing in again gives up the unsent revocation of the account, because many providers
/// would end the new session too. Those of other accounts are sent.
#[tokio::test]
async fn a_revocation_that_is_left_ends_no_new_session() {
    for provider in ["discord", "google", "kakao", "github", "company"] {
        let fixture = Fixture::new().await;
        let haneul = fixture.sign_in(provider).await.unwrap();
        let mira = fixture.sign_in_as(provider, "no-avatar").await.unwrap();
        fixture.demo.set_faults(realm(provider), [Fault::Revoke503]);
        for user in [&haneul, &mira] {
            assert_eq!(
                leave(&fixture, user, SignOutScope::Everywhere).await,
                Err(Code::RevokeLater)
            );
        }
        let again = fixture.sign_in(provider).await.unwrap();
        let account = again.accounts[0].id.as_str();
        let kept = format!("revoking.{}", mira.accounts[0].id);
        let names = fixture.vault.names();
        assert!(names.len() == 2 && names.contains(&kept), "{provider}: {names:?}");
        fixture.demo.set_faults(realm(provider), []);
        fixture.advance(PATIENCE);
        use_the_keychain(&fixture).await;
        fixture.vault.until(|entries| entries.len() == 1).await;
        while unsent(&fixture) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(revocations(&fixture, provider), 1, "{provider}: Mira's");
        fixture.access_token(account, nameplate::RefreshPolicy::WhenNeeded).await.unwrap();
    }
}

/// S43, S46: `Retry-After` is respected by revocations.
#[tokio::test]
async fn a_revocation_waits_as_long_as_it_is_asked_to() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("google").await.unwrap();
    let mira = fixture.sign_in_as("google", "no-avatar").await.unwrap();
    fixture.demo.set_faults("google", [Fault::Revoke503]);
    for user in [&haneul, &mira] {
        assert_eq!(leave(&fixture, user, SignOutScope::Everywhere).await, Err(Code::RevokeLater));
    }
    let asked_once = asked(&fixture);
    assert_eq!(asked_once, [("/google/revoke".to_owned(), 1)]);
    fixture.demo.set_faults("google", []);
    fixture.advance(PATIENCE - 1);
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    // Recovery runs are serialized.
    fixture.nameplate.profiles().refresh_shown().await;
    assert_eq!((unsent(&fixture), asked(&fixture)), (2, asked_once));
    fixture.advance(1);
    use_the_keychain(&fixture).await;
    until_sent(&fixture).await;
    assert_eq!(revocations(&fixture, "google"), 2);
}

/// S46: an offline sign-out removes the account, and is revoked later, also after a restart.
#[tokio::test]
async fn a_revocation_outlives_the_program() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("company").await.unwrap();
    fixture.demo.set_faults("oidc", [Fault::Discovery5xx]);
    assert_eq!(leave(&fixture, &user, SignOutScope::Everywhere).await, Err(Code::RevokeLater));
    fixture.demo.set_faults("oidc", []);
    let later = fixture.another();
    later.sign_ins().begin(crate::fixture::ask("discord", RedirectMethod::DeepLink)).await.unwrap();
    later.sign_ins().cancel().await.unwrap();
    until_sent(&fixture).await;
    assert_eq!(revocations(&fixture, "company"), 1);
}

/// S46: after seven days the token is deleted without a revocation.
#[tokio::test]
async fn a_revocation_is_given_up_after_a_week() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("google").await.unwrap();
    fixture.demo.set_faults("google", [Fault::Revoke503]);
    leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap_err();
    let tried = async || loop {
        let [(_, times)] = asked(&fixture)[..] else { panic!("one path") };
        tokio::task::yield_now().await;
        if times > 1 {
            return times;
        }
    };
    fixture.advance(WEEK - 1);
    use_the_keychain(&fixture).await;
    let times = tried().await;
    assert_eq!((unsent(&fixture), fixture.vault.entries().len()), (1, 1));
    fixture.advance(1);
    use_the_keychain(&fixture).await;
    until_sent(&fixture).await;
    assert_eq!(asked(&fixture), [("/google/revoke".to_owned(), times)], "nothing is sent any more");
    assert_eq!(revocations(&fixture, "google"), 0);
}

/// S46: an invalid token counts as revoked.
#[tokio::test]
async fn a_dead_token_is_a_revoked_one() {
    for provider in ["discord", "google", "company"] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        // After a year every token has expired.
        fixture.demo.advance_clock(366 * 24 * 60 * 60);
        let spent = fixture.vault.entries()[user.accounts[0].id.as_str()].clone();
        let spent: Value = serde_json::from_str(&spent).unwrap();
        let token = spent["refresh_token"].as_str().or(spent["access_token"].as_str()).unwrap();
        let form = [("token", token), ("client_id", spent["client_id"].as_str().unwrap())];
        let path = match provider {
            "discord" => "/discord/api/oauth2/token/revoke",
            "google" => "/google/revoke",
            _ => "/oidc/revoke",
        };
        let url = format!("{}{path}", fixture.demo.base());
        fixture.browser.post(&url, "", &form).await;
        leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap();
        assert_eq!((unsent(&fixture), revocations(&fixture, provider)), (0, 1), "{provider}");
        fixture.assert_nothing_kept();
    }
}

/// S46: so does one whose connection was ended at Kakao itself.
#[tokio::test]
async fn a_connection_that_was_ended_elsewhere_is_ended() {
    for how in [SignOutScope::Here, SignOutScope::Everywhere] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in("kakao").await.unwrap();
        let kept = fixture.vault.entries()[user.accounts[0].id.as_str()].clone();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        let token = kept["access_token"].as_str().unwrap();
        let url = format!("{}/kakao/v1/user/unlink", fixture.demo.base());
        assert_eq!(fixture.browser.post(&url, token, &[]).await, 200);
        leave(&fixture, &user, how).await.unwrap();
        assert_eq!((unsent(&fixture), revocations(&fixture, "kakao")), (0, 1), "{how:?}");
        fixture.assert_nothing_kept();
    }
}

/// S46: Kakao revokes with the access token; an expired one is refreshed first, now and later.
#[tokio::test]
async fn an_expired_access_token_still_disconnects() {
    for trouble in [false, true] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in("kakao").await.unwrap();
        let pass = || {
            fixture.advance(50_000);
            fixture.demo.advance_clock(50_000);
        };
        if trouble {
            fixture.demo.set_faults("kakao", [Fault::Revoke503]);
            assert_eq!(
                leave(&fixture, &user, SignOutScope::Everywhere).await,
                Err(Code::RevokeLater)
            );
            fixture.demo.set_faults("kakao", []);
            pass();
            use_the_keychain(&fixture).await;
            until_sent(&fixture).await;
        } else {
            pass();
            leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap();
        }
        assert_eq!(revocations(&fixture, "kakao"), 1, "{trouble}");
        fixture.assert_nothing_kept();
    }
}

/// S46: nothing is sent to another client or endpoint. The account is removed, the setting is
/// named, and once it is restored the revocation is sent.
#[tokio::test]
async fn a_session_of_other_settings_is_not_sent() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    fixture.write_providers(&fixture.demo.providers_toml().replace("demo-discord", "another"));
    let account = user.accounts[0].id.as_str();
    let told =
        fixture.nameplate.accounts().sign_out(account, SignOutScope::Everywhere).await.unwrap_err();
    assert_eq!(told.code(), Code::RevokeForeign);
    assert_eq!(told.detail(), Some("[discord] client_id = \"demo-discord\""));
    assert_eq!(asked(&fixture), []);
    assert!(fixture.users().is_empty(), "and yet it is gone here");
    fixture.write_providers(&fixture.demo.providers_toml());
    use_the_keychain(&fixture).await;
    until_sent(&fixture).await;
    assert_eq!(revocations(&fixture, "discord"), 1);
    fixture.assert_nothing_kept();
}

/// S46: a revocation endpoint on a new origin gets no token, now and later.
#[tokio::test]
async fn a_token_does_not_follow_a_moved_revocation_endpoint() {
    let other = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&other).await;
    for provider in ["discord", "company"] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        let set_up = fixture.demo.providers_toml();
        let moved = format!("revocation_endpoint = \"{}/revoke\"\n", other.uri());
        let kept: Vec<_> = set_up
            .split_inclusive("\n\n")
            .map(|table| match table.contains(&format!("[{provider}]\n")) {
                false => table.to_owned(),
                true => {
                    let kept = |line: &&str| !line.starts_with("revocation_endpoint");
                    let lines: String =
                        table.trim_end().split_inclusive('\n').filter(kept).collect();
                    format!("{lines}\n{moved}\n")
                }
            })
            .collect();
        fixture.write_providers(&kept.concat());
        assert_eq!(
            leave(&fixture, &user, SignOutScope::Everywhere).await,
            Err(Code::RevokeForeign)
        );
        use_the_keychain(&fixture).await;
        fixture.nameplate.profiles().refresh_shown().await;
        assert!(other.received_requests().await.unwrap().is_empty(), "{provider}");
        fixture.write_providers(&set_up);
        use_the_keychain(&fixture).await;
        until_sent(&fixture).await;
        assert_eq!(revocations(&fixture, provider), 1, "{provider}");
    }
}

/// S46: with a locked keychain a disconnect hides the account, `doctor` reports it, and recovery
/// sends the revocation, also in another process.
#[tokio::test]
async fn a_locked_keychain_keeps_the_wish() {
    for (provider, how) in [
        ("discord", SignOutScope::Everywhere),
        ("google", SignOutScope::Everywhere),
        ("kakao", SignOutScope::Everywhere),
        ("kakao", SignOutScope::Here),
        ("company", SignOutScope::Here),
    ] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        fixture.vault.set(Mood::Refusing(VaultError::Locked));
        assert_eq!(leave(&fixture, &user, how).await, Err(Code::KeychainLocked), "{provider}");
        assert!(fixture.users().is_empty());
        assert_eq!(asked(&fixture), []);
        let told = fixture
            .nameplate
            .doctor()
            .examine()
            .into_iter()
            .find(|finding| finding.name == "revoking");
        assert_eq!(told.unwrap().detail.as_deref(), Some(provider));
        fixture.vault.set(Mood::Willing);
        let later = fixture.another();
        later
            .sign_ins()
            .begin(crate::fixture::ask("discord", RedirectMethod::DeepLink))
            .await
            .unwrap();
        later.sign_ins().cancel().await.unwrap();
        until_sent(&fixture).await;
        assert_eq!(revocations(&fixture, provider), 1, "{provider}");
        fixture.assert_nothing_kept();
    }
}

/// S46: if the revocation cannot be stored, the session stays.
#[tokio::test]
async fn a_full_keychain_keeps_the_wish() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("google").await.unwrap();
    fixture.demo.set_faults("google", [Fault::Revoke503]);
    fixture.vault.set(Mood::Tiring(0, VaultError::Failed("full".into())));
    assert_eq!(leave(&fixture, &user, SignOutScope::Everywhere).await, Err(Code::KeychainFailed));
    assert!(fixture.users().is_empty());
    assert_eq!(unsent(&fixture), 0);
    fixture.vault.set(Mood::Willing);
    fixture.demo.set_faults("google", []);
    fixture.advance(PATIENCE);
    use_the_keychain(&fixture).await;
    until_sent(&fixture).await;
    assert_eq!(revocations(&fixture, "google"), 1);
    fixture.assert_nothing_kept();
}

/// S46: a disconnect that could not begin within a week is not sent.
#[tokio::test]
async fn an_interrupted_disconnect_is_given_up_after_a_week() {
    for (seconds, told) in [(WEEK - 1, 1), (WEEK, 0)] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in("discord").await.unwrap();
        fixture.vault.set(Mood::Refusing(VaultError::Locked));
        leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap_err();
        fixture.vault.set(Mood::Willing);
        fixture.advance(seconds);
        use_the_keychain(&fixture).await;
        until_sent(&fixture).await;
        assert_eq!(revocations(&fixture, "discord"), told);
        fixture.assert_nothing_kept();
    }
}

/// S46: an interrupted disconnect waits for a configuration that can be read: the provider may be in it.
#[tokio::test]
async fn an_interrupted_disconnect_waits_for_the_configuration() {
    let fixture = Fixture::with(|demo| demo.providers_toml()).await;
    let user = fixture.sign_in("company").await.unwrap();
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap_err();
    fixture.vault.set(Mood::Willing);
    let left = || {
        unsent(&fixture) + fixture.rows("SELECT count(*) FROM accounts WHERE provider = 'company'")
    };
    fixture.write_providers("[");
    // Opens the keychain without a provider.
    let profile = NewProfile {
        address: "a@b".to_owned(),
        password: "correct horse battery".to_owned().into(),
        nickname: String::new(),
        user: None,
    };
    fixture.nameplate.local_profiles().create(profile).await.unwrap();
    assert_eq!((left(), asked(&fixture)), (1, Vec::new()));
    fixture.write_providers(&fixture.demo.providers_toml());
    use_the_keychain(&fixture).await;
    while left() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(revocations(&fixture, "company"), 1);
}

/// S46: where the keychain item is lost, the user is told that access was not revoked.
#[tokio::test]
async fn a_lost_token_is_named_as_not_revoked() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    nameplate::vault::Vault::delete(&fixture.vault, user.accounts[0].id.as_str()).unwrap();
    let left = leave(&fixture, &user, SignOutScope::Everywhere).await;
    assert_eq!(left, Err(Code::RevokeTokenLost));
    fixture.assert_nothing_kept();
}

/// Signing in again cancels an interrupted disconnect.
#[tokio::test]
async fn signing_in_again_takes_the_wish_back() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap_err();
    fixture.vault.set(Mood::Willing);
    complete(&fixture.nameplate, &response).await.unwrap();
    use_the_keychain(&fixture).await;
    assert_eq!((fixture.users().len(), unsent(&fixture)), (1, 0));
    assert_eq!(asked(&fixture), []);
}

/// S46: a session in memory is removed whatever the provider responds, and no later revocation is
/// promised.
#[tokio::test]
async fn a_session_of_this_run_is_left_in_any_case() {
    let fixture = Fixture::new().await;
    fixture.vault.set(Mood::Absent);
    let wish = nameplate::SignInRequest {
        storage: nameplate::TokenStorage::Memory,
        ..crate::fixture::ask("discord", RedirectMethod::DeepLink)
    };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    fixture.demo.set_faults("discord", [Fault::Revoke503]);
    assert_eq!(leave(&fixture, &user, SignOutScope::Everywhere).await, Err(Code::WaitAsked));
    assert_eq!(unsent(&fixture), 0);
    fixture.assert_nothing_kept();
}

/// An account in the keychain that was signed in again in memory, because the keychain is locked.
async fn kept_twice(fixture: &Fixture) -> nameplate::User {
    fixture.sign_in("discord").await.unwrap();
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    let storage = nameplate::TokenStorage::Memory;
    let wish = nameplate::SignInRequest {
        storage,
        ..crate::fixture::ask("discord", RedirectMethod::DeepLink)
    };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap()
}

/// S46: what a locked keychain still has of a removed account is deleted later.
#[tokio::test]
async fn an_earlier_session_does_not_outlive_its_account() {
    let fixture = Fixture::new().await;
    let user = kept_twice(&fixture).await;
    assert_eq!(leave(&fixture, &user, SignOutScope::Here).await, Err(Code::KeychainLocked));
    assert!(fixture.users().is_empty());
    assert_eq!(fixture.vault.names().len(), 1);
    fixture.vault.set(Mood::Willing);
    let later = fixture.another();
    later.sign_ins().begin(crate::fixture::ask("google", RedirectMethod::Manual)).await.unwrap();
    later.sign_ins().cancel().await.unwrap();
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// S46: a process without the token refuses to disconnect, and removes nothing.
#[tokio::test]
async fn only_who_has_the_session_ends_it_everywhere() {
    let fixture = Fixture::new().await;
    let user = kept_twice(&fixture).await;
    fixture.vault.set(Mood::Willing);
    let account = user.accounts[0].id.as_str();
    let refused =
        fixture.another().accounts().sign_out(account, SignOutScope::Everywhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::SessionElsewhere);
    assert_eq!(fixture.users().len(), 1);
    leave(&fixture, &user, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.demo.request_log().grants["discord"].revocations, 1);
}

/// S46: if the keychain cannot delete, the account is hidden, and removed later, also by another
/// process.
#[tokio::test]
async fn a_keychain_that_refuses_prevents_no_sign_out() {
    for refusal in [VaultError::Locked, VaultError::Failed("broken".into())] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in("google").await.unwrap();
        fixture.vault.set(Mood::Refusing(refusal));
        leave(&fixture, &user, SignOutScope::Here).await.unwrap_err();
        assert!(fixture.users().is_empty());
        assert!(fixture.another().state().unwrap().users.is_empty());
        fixture.vault.set(Mood::Willing);
        let later = fixture.another();
        later
            .sign_ins()
            .begin(crate::fixture::ask("discord", RedirectMethod::DeepLink))
            .await
            .unwrap();
        later.sign_ins().cancel().await.unwrap();
        fixture.vault.until(|entries| entries.is_empty()).await;
        fixture.assert_nothing_kept();
    }
}

/// Signing out of one account leaves other accounts and sessions.
#[tokio::test]
async fn signing_out_of_one_leaves_the_others() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    let mira = fixture.sign_in_as("discord", "no-avatar").await.unwrap();
    let sol = fixture.sign_in_as("google", "no-nickname").await.unwrap();
    leave(&fixture, &mira, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.users(), [haneul.clone(), sol.clone()]);
    for user in [haneul, sol] {
        let account = user.accounts[0].id.as_str();
        fixture.access_token(account, nameplate::RefreshPolicy::Always).await.unwrap();
    }
}

/// A reset leaves nothing in any file and in the keychain: users, names, offers, revocations and
/// pending sign-ins.
#[tokio::test]
async fn forgetting_leaves_nothing_in_any_file() {
    let fixture = Fixture::with(|demo: &DemoProvider| {
        let partner = company(demo, "oidc/rp/idtoken-sig-rs256").replace("[company]", "[partner]");
        let company = "[company]\nemail_trusted = true";
        let set_up = demo.providers_toml().replace("[company]", company);
        format!("{set_up}{partner}email_trusted = true\n")
    })
    .await;
    let user = fixture.sign_in("company").await.unwrap();
    fixture.nameplate.accounts().rename(user.id.as_str(), "나의 계정").unwrap();
    fixture.sign_in("partner").await.unwrap();
    assert_eq!(fixture.nameplate.accounts().link_offers().unwrap().len(), 1);
    let mira = fixture.sign_in_as("kakao", "no-avatar").await.unwrap();
    fixture.sign_in_as("google", "long-name").await.unwrap();
    fixture.demo.set_faults("kakao", [Fault::Revoke503]);
    leave(&fixture, &mira, SignOutScope::Everywhere).await.unwrap_err();
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    let words = ["하늘", "나의 계정", "Mira", "별빛", "example.com", "gmail.com", "revoking."];
    let found = || {
        let files = fixture.files();
        words.map(|word| files.iter().any(|(_, text)| text.contains(word)))
    };
    assert!(found().contains(&true));
    fixture.nameplate.accounts().reset().await.unwrap();
    assert_eq!(found(), [false; 7]);
    fixture.assert_nothing_kept();
    for table in ["attempts", "link_offers", "revocations", "settings"] {
        assert_eq!(fixture.rows(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    let shown = fixture.state();
    assert!(shown.users.is_empty() && shown.offers.is_empty() && shown.signing_in.is_none());
    fixture.sign_in("discord").await.unwrap();
}

/// S63: a sign-in during a reset in another process leaves no session in the keychain.
#[tokio::test(flavor = "multi_thread")]
async fn forgetting_leaves_no_session_that_is_being_filed() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let hold = fixture.vault.hold_next_put();
    let nameplate = fixture.nameplate.clone();
    let filing = tokio::spawn(async move { complete(&nameplate, &response).await.map(|_| ()) });
    fixture.vault.until_held().await;
    // It did not see the account, so it did not wait for its lock.
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute_batch("DELETE FROM accounts; DELETE FROM users").unwrap();
    drop(hold);
    filing.await.unwrap().unwrap_err();
    fixture.assert_nothing_kept_once_cleared().await;
}

/// Nor in a damaged database that was set aside.
#[tokio::test]
async fn forgetting_takes_what_was_set_aside_as_well() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let aside = fixture.home.data_dir().join("nameplate.db.damaged-1");
    std::fs::write(&aside, "하늘").unwrap();
    fixture.nameplate.accounts().reset().await.unwrap();
    assert!(!aside.exists());
}

/// S53: after the last account is signed out, no file of the home has the user's name, also not the
/// write-ahead log and the outcome of a sign-in with another account. Another process has the
/// database open.
#[tokio::test]
async fn no_file_has_the_name_after_a_sign_out() {
    use nameplate::{Intent, SignInRequest};
    let fixture = Fixture::new().await;
    let other = fixture.another();
    let mira = fixture.sign_in_as("google", "no-avatar").await.unwrap();
    let haneul = fixture.sign_in("google").await.unwrap();
    let account = haneul.accounts[0].id.clone();
    let wish = SignInRequest {
        intent: Intent::Reauthenticate(account.clone()),
        ..crate::fixture::ask("google", RedirectMethod::Manual)
    };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.browser.decide(&begun.url, "no-avatar", "allow").await;
    assert_eq!(
        complete(&fixture.nameplate, &response).await.unwrap_err().code(),
        Code::OtherAccount
    );
    let found = |word: &str| fixture.files().iter().any(|(_, text)| text.contains(word));
    assert!(found("하늘") && found("Mira"));
    other.accounts().sign_out(account.as_str(), SignOutScope::Here).await.unwrap();
    assert!(!found("하늘") && !found("haneul@"));
    assert_eq!(fixture.users(), [mira]);
    assert!(found("Mira"));
}

/// S46: an account of a provider that is configured no more is removed, and its person is told that access was not
/// revoked; while the configuration cannot be read, nothing is removed.
#[tokio::test]
async fn a_removed_provider_is_named_as_not_told() {
    let fixture = Fixture::with(|demo| company(demo, "oidc")).await;
    let user = fixture.sign_in("company").await.unwrap();
    fixture.write_providers("[");
    let refused = leave(&fixture, &user, SignOutScope::Everywhere).await;
    assert_eq!(refused, Err(Code::ConfigUnreadable));
    assert_eq!(fixture.users().len(), 1);
    fixture.write_providers("");
    let left = leave(&fixture, &user, SignOutScope::Everywhere).await;
    assert_eq!(left, Err(Code::RevokeNotSetUp));
    fixture.assert_nothing_kept();
}
