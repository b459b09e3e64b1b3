//! Suspend, restart and clock changes: pending sign-ins expire, and no session ends.

use nameplate::{AccountState, Code, RedirectMethod, RefreshPolicy};
use secrecy::ExposeSecret;

use crate::fixture::{Fixture, ask, company, complete, realm};

const DAY: i64 = 24 * 60 * 60;
/// Lifetime of an attempt, in seconds.
const LIFE: u32 = 600;

/// Lets tasks reach their timers before the clock changes.
async fn timers_are_set() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn shown_problem(fixture: &Fixture) -> Option<Code> {
    let shown = fixture.state();
    assert_eq!(shown.signing_in, None);
    shown.problem.map(|problem| problem.code)
}

/// S26, N1: after suspend an expired sign-in ends when the window is shown: port closed, secrets
/// deleted.
#[tokio::test]
async fn a_sign_in_that_was_slept_through_ends_at_waking() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    timers_are_set().await;
    fixture.advance(i64::from(LIFE) - 1);
    fixture.nameplate.wake().await;
    assert!(fixture.state().signing_in.is_some(), "it has a second left");
    fixture.advance(1);
    fixture.nameplate.wake().await;
    assert_eq!(shown_problem(&fixture), Some(Code::TimedOut));
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// S26: setting the clock back does not extend a sign-in.
#[tokio::test]
async fn a_clock_set_back_makes_no_sign_in_longer() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    timers_are_set().await;
    fixture.advance(-DAY);
    fixture.nameplate.wake().await;
    assert!(fixture.state().signing_in.is_some(), "its time is not over");
    fixture.pass(LIFE + 1).await;
    fixture.vault.until(|entries| entries.is_empty()).await;
    assert_eq!(shown_problem(&fixture), Some(Code::TimedOut));
    assert_eq!(complete(&fixture.nameplate, &response).await.unwrap_err().code(), Code::TimedOut);
    fixture.assert_nothing_kept();
}

/// N1: a restart after the expiry resumes nothing, and deletes the secrets.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_takes_up_nothing_that_is_over() {
    let fixture = Fixture::new().await;
    let open = fixture.opener();
    let begins = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            open().sign_ins().begin(ask("discord", RedirectMethod::Loopback)).await.unwrap()
        })
    };
    let begun = tokio::task::spawn_blocking(begins).await.unwrap();
    assert_eq!(fixture.vault.entries().len(), 1);
    fixture.advance(i64::from(LIFE));
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    assert_eq!(nameplate.state().unwrap().signing_in, None);
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
    nameplate.sign_ins().begin(ask("google", RedirectMethod::Manual)).await.unwrap();
    nameplate.sign_ins().cancel().await.unwrap();
    fixture.vault.until(|entries| entries.is_empty()).await;
}

/// S43: setting the clock by a day ends no session, and causes one refresh per change at most.
#[tokio::test]
async fn a_day_back_and_forward_ends_no_session() {
    // A token of the demo's Discord lives a week, others an hour.
    for (provider, refreshes) in [("discord", [0, 0, 1, 1]), ("google", [1, 2, 3, 4])] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in(provider).await.unwrap();
        let account = user.accounts[0].id.as_str();
        for (set, expected) in [DAY, -DAY, -DAY, DAY].into_iter().zip(refreshes) {
            fixture.advance(set);
            let mut given = Vec::new();
            for _ in 0..4 {
                fixture.nameplate.wake().await;
                fixture.nameplate.profiles().refresh_shown().await;
                let token = fixture.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
                given.push(token.token.expose_secret().to_owned());
            }
            given.dedup();
            assert_eq!(given.len(), 1, "{provider}: one token until the clock is set again");
            let counted = fixture.demo.request_log().grants[realm(provider)].refresh_token;
            assert_eq!(counted, expected, "{provider} after {set}");
            assert_eq!(fixture.users()[0].accounts[0].state, AccountState::Active);
        }
    }
}

/// S43: the same without a refresh token before the expiry.
#[tokio::test]
async fn a_clock_set_back_ends_nothing_that_cannot_be_renewed() {
    let scopes = "scopes = [\"openid\", \"email\"]\n";
    let fixture = Fixture::with(|demo| company(demo, "oidc") + scopes).await;
    let user = fixture.sign_in("company").await.unwrap();
    let account = user.accounts[0].id.as_str();
    fixture.advance(-DAY);
    for _ in 0..4 {
        fixture.nameplate.wake().await;
        fixture.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
    }
    assert_eq!(fixture.demo.request_log().grants["oidc"].refresh_token, 0);
    fixture.advance(DAY);
    fixture.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
}
