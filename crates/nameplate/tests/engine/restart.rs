//! A sign-in that continues after a restart of the program.

use nameplate::{Begun, Channel, Code, Login, TokenStorage};

use crate::fixture::{Fixture, ask};

/// Simulates a process that is killed: its tasks end with its runtime.
async fn in_a_program<T: Send + 'static>(
    open: impl Fn() -> Login + Send + 'static,
    does: impl AsyncFnOnce(Login) -> T + Send + 'static,
) -> T {
    let lives = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { does(open()).await })
    };
    tokio::task::spawn_blocking(lives).await.unwrap()
}

async fn begun_before(fixture: &Fixture, channel: Channel) -> Begun {
    in_a_program(fixture.opener(), async move |login| {
        login.begin(ask("discord", channel)).await.unwrap()
    })
    .await
}

/// N1, U5: after a restart the sign-in waits again on the same port, and succeeds.
#[tokio::test]
async fn a_restarted_program_goes_on_waiting() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, Channel::Loopback).await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await, "the port went with the program");
    let login = fixture.another();
    login.resume().await.unwrap();
    let shown = login.state().unwrap().signing_in.unwrap();
    assert_eq!(
        (shown.redirect_uri, shown.expires_at),
        (begun.redirect_uri.clone(), begun.expires_at)
    );
    assert_eq!(shown.url, None, "the state is kept nowhere");
    let answer = fixture.grant(&begun).await;
    assert_eq!(fixture.browser.follow(&answer).await.status, 200);
    let user = login.outcome(&begun.sign_in).await.unwrap().user().unwrap();
    assert_eq!(user.nickname, "하늘");
    assert_eq!(fixture.vault.names(), [user.accounts[0].id.as_str()]);
}

/// N1, U5: the response itself starts the program.
#[tokio::test]
async fn an_answer_finishes_from_cold() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, Channel::DeepLink).await;
    let answer = fixture.grant(&begun).await;
    let user = fixture.another().finish(&answer).await.unwrap();
    assert_eq!(fixture.login.users().unwrap(), [user]);
}

/// N1: another process finishes; the one that began is notified.
#[tokio::test(flavor = "multi_thread")]
async fn another_program_may_finish() {
    let fixture = Fixture::new().await;
    tokio::spawn(fixture.login.watch().unwrap());
    let begun = fixture.begin("discord", Channel::DeepLink).await;
    let answer = fixture.grant(&begun).await;
    let finished = fixture.another().finish(&answer).await.unwrap();
    let ended = fixture.login.outcome(&begun.sign_in).await.unwrap();
    assert_eq!(ended.user().unwrap(), finished);
    assert_eq!(fixture.login.waiting_url(), None);
}

/// N1: if the port is taken, a notice is shown and the response can be pasted.
#[tokio::test]
async fn a_lost_port_is_told_and_the_answer_pasted() {
    let fixture = Fixture::new().await;
    let begun = begun_before(&fixture, Channel::Loopback).await;
    let authority = begun.redirect_uri.split('/').nth(2).unwrap();
    let _squatter = std::net::TcpListener::bind(authority).unwrap();
    let login = fixture.another();
    login.resume().await.unwrap();
    let shown = login.state().unwrap().signing_in.unwrap();
    assert_eq!(shown.notice.unwrap().code, Code::PortLost);
    assert!(shown.paste);
    let answer = fixture.grant(&begun).await;
    login.finish(&answer).await.unwrap();
}

/// N1: the attempt of a running process is not taken over, and one in memory ends with its process.
#[tokio::test]
async fn only_orphans_are_taken_up() {
    let fixture = Fixture::new().await;
    fixture.begin("discord", Channel::DeepLink).await;
    in_a_program(fixture.opener(), async |login| {
        let ask =
            nameplate::Ask { storage: TokenStorage::Memory, ..ask("company", Channel::Paste) };
        login.begin(ask).await.unwrap();
    })
    .await;
    let login = fixture.another();
    login.resume().await.unwrap();
    assert_eq!(login.state().unwrap().signing_in, None);
}

/// S50: a session in memory ends with its process; the profile stays.
#[tokio::test]
async fn a_session_of_one_run_ends_with_it() {
    let fixture = Fixture::new().await;
    fixture.vault.set(crate::vault::Mood::Absent);
    let (browser, secret_free) = (fixture.browser.clone(), fixture.vault.clone());
    let user = in_a_program(fixture.opener(), async move |login| {
        let ask =
            nameplate::Ask { storage: TokenStorage::Memory, ..ask("discord", Channel::DeepLink) };
        let begun = login.begin(ask).await.unwrap();
        let answer = browser.decide(&begun.url, "haneul", "allow").await;
        login.finish(&answer).await.unwrap()
    })
    .await;
    assert_eq!(user.accounts[0].state, nameplate::AccountState::Active);
    assert!(secret_free.entries().is_empty());
    let later = &fixture.another().users().unwrap()[0];
    assert_eq!(later.nickname, user.nickname);
    assert_eq!(later.accounts[0].state, nameplate::AccountState::NeedsSignIn);
}

/// A claimed response of a killed process is reported as interrupted, at the latest when the window
/// is shown.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_died_with_its_program_is_told() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", Channel::DeepLink).await;
    let answer = fixture.grant(&begun).await;
    // Killed right after the claim.
    in_a_program(fixture.opener(), async move |login| login.answer(&answer).await.unwrap()).await;
    fixture.login.wake().await;
    let shown = fixture.login.state().unwrap();
    assert_eq!((shown.signing_in, shown.problem.unwrap().code), (None, Code::Interrupted));
    let told = fixture.login.outcome(&begun.sign_in).await.unwrap_err();
    assert_eq!(told.code(), Code::Interrupted);
}

/// A claimed response of a running process is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_being_worked_on_is_waited_for() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", Channel::DeepLink).await;
    let answer = fixture.grant(&begun).await;
    let hold = fixture.vault.hold_next_put();
    let other = fixture.another();
    let finishing = tokio::spawn(async move { other.finish(&answer).await });
    fixture.vault.until_held().await;
    fixture.login.wake().await;
    let shown = fixture.login.state().unwrap();
    assert_eq!(shown.signing_in.unwrap().phase, nameplate::Phase::Finishing);
    drop(hold);
    finishing.await.unwrap().unwrap();
}
