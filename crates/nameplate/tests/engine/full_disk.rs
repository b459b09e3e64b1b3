//! A database that cannot be written: the error is shown at once.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use demo_provider::DemoProvider;
use nameplate::{Code, Grant, PendingSignIn, RedirectMethod, User};

use crate::fixture::{Fixture, ask, complete, outcome};

/// Makes the database refuse a change, as if the disk were full.
fn refuse(fixture: &Fixture, name: &str, change: &str) {
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    let trigger = format!(
        "CREATE TRIGGER {name} BEFORE {change} BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    );
    database.execute_batch(&trigger).unwrap();
}

/// Waits for the end of a sign-in, with a time limit.
async fn ended(fixture: &Fixture, begun: &PendingSignIn) -> nameplate::Result<User> {
    let outcome = outcome(&fixture.nameplate, begun);
    tokio::time::timeout(Duration::from_secs(60), outcome).await.unwrap()
}

fn assert_told(fixture: &Fixture) {
    let shown = fixture.state();
    assert_eq!(shown.signing_in, None);
    assert_eq!(shown.problem.unwrap().code, Code::StoreFailed);
}

/// Before the claim: the browser shows the error, and the sign-in ends with it.
#[tokio::test]
async fn a_claim_that_cannot_be_written_is_told_at_once() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    refuse(&fixture, "full", "UPDATE OF claimed_at ON attempts");
    let page = fixture.browser.get(&response).await;
    assert_eq!(page.status.as_u16(), 503);
    assert!(
        page.text.contains("could not save") || page.text.contains("저장하지 못했습니다"),
        "{}",
        page.text
    );
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!((told.code(), told.provider()), (Code::StoreFailed, Some("discord")));
    assert_told(&fixture);
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
    assert!(fixture.demo.request_log().grants.is_empty(), "nothing was exchanged");
}

/// A busy database is reported to the browser and ends nothing; the response is accepted later.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_at_a_busy_database_can_be_tried_again() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let page = fixture.browser.get(&response).await;
    assert_eq!(page.status.as_u16(), 503, "{}", page.text);
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(fixture.browser.follow(&response).await.status, 200);
    ended(&fixture, &begun).await.unwrap();
}

/// The same for a deep link and a device authorization.
#[tokio::test]
async fn a_claim_by_any_way_is_told_at_once() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    refuse(&fixture, "full", "UPDATE OF claimed_at ON attempts");
    assert_eq!(
        complete(&fixture.nameplate, &response).await.unwrap_err().code(),
        Code::StoreFailed
    );
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!(told.code(), Code::StoreFailed);
    assert_told(&fixture);

    let begun = fixture.begin("google", Grant::DeviceCode).await;
    fixture.browser.enter(begun.device.as_ref().unwrap(), "haneul", "allow").await;
    fixture.pass(5).await;
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!(told.code(), Code::StoreFailed);
    assert_told(&fixture);
}

/// After the claim: neither account nor outcome can be written.
#[tokio::test]
async fn an_outcome_that_cannot_be_written_is_told_at_once() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    refuse(&fixture, "full", "UPDATE OF outcome ON attempts WHEN OLD.claimed_at IS NOT NULL");
    refuse(&fixture, "fuller", "INSERT ON accounts");
    let page = fixture.browser.follow(&response).await;
    assert_eq!(page.status.as_u16(), 503);
    assert!(page.text.contains("<h1>"));
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!(told.code(), Code::StoreFailed);
    assert_told(&fixture);
}

/// A stored account is reported as signed in, although the outcome was not written.
#[tokio::test]
async fn a_sign_in_that_was_kept_counts() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    refuse(&fixture, "full", "UPDATE OF outcome ON attempts WHEN OLD.claimed_at IS NOT NULL");
    assert_eq!(fixture.browser.follow(&response).await.status, 200);
    let user = ended(&fixture, &begun).await.unwrap();
    assert_eq!(fixture.users(), [user]);
    assert_eq!(fixture.state().problem, None);
}

/// The end of a method is reported correctly if it cannot be written.
#[tokio::test]
async fn a_refusal_that_cannot_be_written_is_told() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    refuse(&fixture, "full", "UPDATE OF outcome ON attempts");
    for status in [303, 410] {
        assert_eq!(fixture.browser.get(&begun.start_url).await.status.as_u16(), status);
    }
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!(told.code(), Code::StartLinkReused);

    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    refuse(&fixture, "full", "UPDATE OF outcome ON attempts");
    fixture.advance(600);
    fixture.pass(600).await;
    let told = ended(&fixture, &begun).await.unwrap_err();
    assert_eq!(told.code(), Code::TimedOut);
}

/// The next sign-in succeeds once there is space.
#[tokio::test]
async fn it_goes_on_once_there_is_space() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    refuse(&fixture, "full", "UPDATE OF claimed_at ON attempts");
    complete(&fixture.nameplate, &response).await.unwrap_err();
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute_batch("DROP TRIGGER full").unwrap();
    let begun =
        fixture.nameplate.sign_ins().begin(ask("discord", RedirectMethod::DeepLink)).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    assert_eq!(ended(&fixture, &begun).await.unwrap(), user);
    assert_eq!(fixture.state().problem, None);
}

/// Variable of a child with a limited file size.
const CHILD: &str = "NAMEPLATE_TEST_FULL_DISK";
const READY: &str = "ready for a full disk";
const ENDED: &str = "ended with";

/// With a limit of the file size by the system, in a process of its own.
#[cfg(target_os = "linux")]
#[test]
fn files_that_cannot_grow_are_told_at_once() {
    // An ignored signal makes the write fail instead.
    let script = "trap '' XFSZ; exec \"$0\" --exact full_disk::child --nocapture --test-threads=1";
    let mut child = Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains(READY)));
    let limited = Command::new("prlimit")
        .args(["--pid", &child.id().to_string(), "--fsize=1"])
        .status()
        .unwrap();
    assert!(limited.success());
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let ended = lines.find(|line| line.contains(ENDED));
    assert!(ended.as_ref().is_some_and(|line| line.ends_with("503 store_failed")), "{ended:?}");
    assert!(child.wait().unwrap().success());
}

/// The child process; otherwise does nothing.
#[tokio::test]
async fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    say(READY);
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    let page = fixture.browser.get(&response).await.status.as_u16();
    let told = ended(&fixture, &begun).await.unwrap_err();
    say(&format!("{ENDED} {page} {}", told.code()));
}

fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{text}").and_then(|()| out.flush()).unwrap();
}
