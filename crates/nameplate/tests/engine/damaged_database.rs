//! A damaged database that was set aside: how it is reported, and what a reset still finds.

use nameplate::vault::VaultError;
use nameplate::{Code, Nameplate, SignOutScope};

use crate::fixture::Fixture;
use crate::vault::Mood;

/// A home with accounts, a pending sign-in, an unsent revocation and a client secret, whose
/// database is then damaged and opened by another process.
async fn damaged() -> (Fixture, Nameplate) {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let mira = fixture.sign_in_as("kakao", "no-avatar").await.unwrap();
    fixture.demo.set_faults("kakao", [demo_provider::Fault::Revoke503]);
    let account = mira.accounts[0].id.as_str();
    fixture.nameplate.accounts().sign_out(account, SignOutScope::Everywhere).await.unwrap_err();
    fixture.begin("discord", nameplate::RedirectMethod::DeepLink).await;
    for orphan in ["client.company.demo", "0a1b.a.0", "0a1b.a.1"] {
        nameplate::vault::Vault::put(&fixture.vault, orphan, &"s3cret".to_owned().into()).unwrap();
    }
    assert_eq!(fixture.vault.names().len(), 6, "{:?}", fixture.vault.names());
    let other = damage(&fixture);
    (fixture, other)
}

/// Damages the database and its write-ahead log; another process opens it.
fn damage(fixture: &Fixture) -> Nameplate {
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(database);
    std::fs::write(fixture.home.database(), "this is no database").unwrap();
    fixture.another()
}

fn problem(nameplate: &Nameplate) -> Option<Code> {
    nameplate.state().unwrap().problem.map(|problem| problem.code)
}

/// S63: a reset deletes every keychain item of the home, without any row.
#[tokio::test]
async fn forgetting_needs_no_rows() {
    let (fixture, nameplate) = damaged().await;
    assert!(nameplate.accounts().list().unwrap().is_empty());
    nameplate.accounts().reset().await.unwrap();
    assert_eq!(fixture.vault.names(), Vec::<String>::new());
    assert_eq!((problem(&nameplate), nameplate.notices().damaged_database()), (None, None));
}

/// S63: also if the keychain has two items of one name.
#[tokio::test]
async fn forgetting_reads_no_entry() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let before = fixture.vault.done().len();
    fixture.nameplate.accounts().reset().await.unwrap();
    assert_eq!(fixture.vault.done()[before..], ["clear "]);
    fixture.assert_nothing_kept();
}

/// S63: a keychain error is reported, and the damaged database stays reported.
#[tokio::test]
async fn a_keychain_that_refuses_is_told() {
    let (fixture, nameplate) = damaged().await;
    for (mood, code) in [
        (Mood::Refusing(VaultError::Locked), Code::KeychainLocked),
        (Mood::Absent, Code::KeychainAbsent),
    ] {
        fixture.vault.set(mood);
        assert_eq!(nameplate.accounts().reset().await.unwrap_err().code(), code);
        assert!(nameplate.notices().damaged_database().is_some());
        assert_eq!(fixture.vault.entries().len(), 6);
    }
    fixture.vault.set(Mood::Willing);
    nameplate.accounts().reset().await.unwrap();
    assert_eq!((fixture.vault.entries().len(), nameplate.notices().damaged_database()), (0, None));
}

/// Every process reports a damaged database until the message is dismissed.
#[tokio::test]
async fn every_program_tells_of_it() {
    let (fixture, first) = damaged().await;
    let second = fixture.another();
    for nameplate in [&first, &second] {
        assert_eq!(problem(nameplate), Some(Code::StoreSetAside));
        let told = nameplate.notices().damaged_database().unwrap();
        assert!(told.detail().unwrap().contains("nameplate.db.damaged-"), "{told}");
        let found =
            nameplate.doctor().examine().into_iter().find(|found| found.name == "store_set_aside");
        assert_eq!(found.unwrap().detail.as_deref(), told.detail());
    }
    second.notices().dismiss_problem();
    for nameplate in [first, second, fixture.another()] {
        assert_eq!((problem(&nameplate), nameplate.notices().damaged_database()), (None, None));
    }
}

/// Another error is shown first and hides the message until it is dismissed.
#[tokio::test]
async fn another_problem_does_not_dismiss_it() {
    let (_stage, nameplate) = damaged().await;
    nameplate.notices().report(Code::NoBrowser.into());
    assert_eq!(problem(&nameplate), Some(Code::NoBrowser));
    nameplate.notices().dismiss_problem();
    assert_eq!(problem(&nameplate), Some(Code::StoreSetAside));
}

/// A running process continues with the new database, and reports the damaged one.
#[cfg(unix)]
#[tokio::test]
async fn a_running_program_follows() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let mut news = fixture.nameplate.events();
    tokio::spawn(fixture.nameplate.watch().unwrap());
    let other = damage(&fixture);
    let follows = || {
        let shown = fixture.nameplate.state().ok()?;
        Some((shown.users.len(), shown.problem?.code))
    };
    while follows() != Some((0, Code::StoreSetAside)) {
        news.recv().await.unwrap();
    }
    other.notices().dismiss_problem();
    while problem(&fixture.nameplate).is_some() {
        news.recv().await.unwrap();
    }
}
