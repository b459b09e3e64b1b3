//! A sign-in that continues after a restart of the program.

use nameplate::{Code, Grant, Nameplate, PendingSignIn, RedirectMethod, TokenStorage};

use crate::fixture::{Fixture, ask, complete, outcome, waiting_url};

/// Simulates a process that is killed: its tasks end with its runtime.
async fn in_a_program<T: Send + 'static>(
    open: impl Fn() -> Nameplate + Send + 'static,
    does: impl AsyncFnOnce(Nameplate) -> T + Send + 'static,
) -> T {
    let lives = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { does(open()).await })
    };
    tokio::task::spawn_blocking(lives).await.unwrap()
}

async fn begun_before(
    fixture: &Fixture,
    method: impl Into<Grant> + Send + 'static,
) -> PendingSignIn {
    in_a_program(fixture.opener(), async move |nameplate| {
        nameplate.sign_ins().begin(ask("discord", method)).await.unwrap()
    })
    .await
}

/// N1, U5: after a restart the sign-in waits again on the same port, and succeeds.
#[tokio::test]
async fn a_restarted_program_goes_on_waiting() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, RedirectMethod::Loopback).await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await, "the port went with the program");
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    let shown = nameplate.state().unwrap().signing_in.unwrap();
    assert_eq!(
        (shown.redirect_uri, shown.expires_at),
        (begun.redirect_uri.clone(), begun.expires_at)
    );
    assert_eq!(shown.url, None, "the state is kept nowhere");
    let response = fixture.grant(&begun).await;
    assert_eq!(fixture.browser.follow(&response).await.status, 200);
    let user = outcome(&nameplate, &begun).await.unwrap();
    assert_eq!(user.nickname, "하늘");
    assert_eq!(fixture.vault.names(), [user.accounts[0].id.as_str()]);
}

/// N1, U5: the response itself starts the program.
#[tokio::test]
async fn a_response_finishes_from_cold() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.another(), &response).await.unwrap();
    assert_eq!(fixture.users(), [user]);
}

/// N1: another process finishes; the one that began is notified.
#[tokio::test(flavor = "multi_thread")]
async fn another_program_may_finish() {
    let fixture = Fixture::new().await;
    tokio::spawn(fixture.nameplate.watch().unwrap());
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let finished = complete(&fixture.another(), &response).await.unwrap();
    assert_eq!(outcome(&fixture.nameplate, &begun).await.unwrap(), finished);
    assert_eq!(waiting_url(&fixture.nameplate), None);
}

/// N1: if the port is taken, a notice is shown and the response can be pasted.
#[tokio::test]
async fn a_lost_port_is_told_and_the_response_pasted() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, RedirectMethod::Loopback).await;
    let authority = begun.redirect_uri.split('/').nth(2).unwrap();
    let _squatter = std::net::TcpListener::bind(authority).unwrap();
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    let shown = nameplate.state().unwrap().signing_in.unwrap();
    assert_eq!(shown.notice.unwrap().code, Code::PortLost);
    assert!(shown.paste);
    let response = fixture.grant(&begun).await;
    complete(&nameplate, &response).await.unwrap();
}

/// N1: the attempt of a running process is not taken over, and one in memory ends with its process.
#[tokio::test]
async fn only_orphans_are_taken_up() {
    let fixture = Fixture::new().await;
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    in_a_program(fixture.opener(), async |nameplate| {
        let ask = nameplate::SignInRequest {
            storage: TokenStorage::Memory,
            ..ask("company", RedirectMethod::Manual)
        };
        nameplate.sign_ins().begin(ask).await.unwrap();
    })
    .await;
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    assert_eq!(nameplate.state().unwrap().signing_in, None);
}

/// S50: a session in memory ends with its process; the profile stays.
#[tokio::test]
async fn a_session_of_one_run_ends_with_it() {
    let fixture = Fixture::new().await;
    fixture.vault.set(crate::vault::Mood::Absent);
    let (browser, secret_free) = (fixture.browser.clone(), fixture.vault.clone());
    let user = in_a_program(fixture.opener(), async move |nameplate| {
        let ask = nameplate::SignInRequest {
            storage: TokenStorage::Memory,
            ..ask("discord", RedirectMethod::DeepLink)
        };
        let begun = nameplate.sign_ins().begin(ask).await.unwrap();
        let response = browser.decide(&begun.url, "haneul", "allow").await;
        complete(&nameplate, &response).await.unwrap()
    })
    .await;
    assert_eq!(user.accounts[0].state, nameplate::AccountState::Active);
    assert!(secret_free.entries().is_empty());
    let later = &fixture.another().accounts().list().unwrap()[0];
    assert_eq!(later.nickname, user.nickname);
    assert_eq!(later.accounts[0].state, nameplate::AccountState::NeedsSignIn);
}

/// A claimed response of a killed process is reported as interrupted, at the latest when the window
/// is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_died_with_its_program_is_told() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    // Killed right after the claim.
    in_a_program(fixture.opener(), async move |nameplate| {
        nameplate.sign_ins().submit(&response).await.unwrap()
    })
    .await;
    fixture.nameplate.wake().await;
    let shown = fixture.state();
    assert_eq!((shown.signing_in, shown.problem.unwrap().code), (None, Code::Interrupted));
    let told = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
    assert_eq!(told.code(), Code::Interrupted);
}

/// A claimed response of a running process is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_being_worked_on_is_waited_for() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let hold = fixture.vault.hold_next_put();
    let other = fixture.another();
    let finishing = tokio::spawn(async move { complete(&other, &response).await });
    fixture.vault.until_held().await;
    fixture.nameplate.wake().await;
    let shown = fixture.state();
    assert_eq!(shown.signing_in.unwrap().phase, nameplate::Phase::Finishing);
    drop(hold);
    finishing.await.unwrap().unwrap();
}
