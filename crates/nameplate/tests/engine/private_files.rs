//! Modes of files, and two processes with one database.

use nameplate::{Code, Home, Nameplate};

use crate::fixture::{Fixture, complete, identity};

/// S53: folders, database and lock files are private, whatever the umask is.
#[cfg(unix)]
#[tokio::test]
async fn no_other_user_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let dir = tempfile::tempdir().unwrap();
    let own = Home::own(&identity(), &dir.path().join("of/a person")).unwrap();
    own.prepare().unwrap();
    for folder in [own.data_dir(), &own.data_dir().join("logs"), &own.data_dir().join("locks")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let named = |name: &str| ["nameplate.db", ".lock"].iter().any(|part| name.contains(part));
    let files = fixture.files();
    let database: Vec<_> =
        files.iter().filter(|(path, _)| named(&path.to_string_lossy())).collect();
    assert!(database.len() >= 4, "the database and its log, and locks");
    for (path, _) in database {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

/// S53: no lock files are left of removed accounts, ended sign-ins and ended processes.
#[cfg(unix)]
#[tokio::test]
async fn no_lock_file_outlives_its_use() {
    let fixture = Fixture::new().await;
    let locks = || {
        let names = std::fs::read_dir(fixture.home.data_dir().join("locks")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let of_account = || locks().iter().filter(|name| name.starts_with("account-")).count();
    let user = fixture.sign_in("discord").await.unwrap();
    fixture
        .access_token(user.accounts[0].id.as_str(), nameplate::RefreshPolicy::Always)
        .await
        .unwrap();
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), nameplate::SignOutScope::Here)
        .await
        .unwrap();
    let begun = fixture.begin("google", nameplate::RedirectMethod::Manual).await;
    let denied = fixture.browser.decide(&begun.url, "haneul", "deny").await;
    complete(&fixture.nameplate, &denied).await.unwrap_err();
    assert_eq!(of_account(), 0, "{:?}", locks());
    for left in ["account-0.lock", "run-0.lock"] {
        std::fs::write(fixture.home.data_dir().join("locks").join(left), "").unwrap();
    }
    drop(fixture.another());
    let left = locks();
    assert!(left.len() == 1 && left[0].starts_with("run-"), "this process: {left:?}");
}

/// S53: `doctor` lists what others can open if the mode cannot be changed.
#[cfg(unix)]
#[tokio::test]
async fn what_others_can_open_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new().await;
    let finding = || {
        let findings = fixture.nameplate.doctor().examine();
        findings.into_iter().find(|finding| finding.name == "open_to_others")
    };
    assert_eq!(finding(), None);
    let database = fixture.home.database();
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(finding().unwrap().detail, Some(database.display().to_string()));
}

/// S53: two processes write at once, without errors and lost writes.
#[tokio::test(flavor = "multi_thread")]
async fn two_programs_write_at_once() {
    let fixture = Fixture::new().await;
    let people = ["haneul", "no-avatar", "no-nickname", "long-name"];
    let mut users = Vec::new();
    for person in people {
        users.push(fixture.sign_in_as("discord", person).await.unwrap());
    }
    let writing = users.iter().map(|user| {
        let (nameplate, id) = (fixture.another(), user.id.to_string());
        tokio::task::spawn_blocking(move || {
            for round in 0..50 {
                nameplate.accounts().rename(&id, &format!("{id} {round}"))?;
                nameplate.accounts().show(&id)?;
                nameplate.accounts().list()?;
            }
            Ok::<(), nameplate::Error>(())
        })
    });
    for written in writing.collect::<Vec<_>>() {
        written.await.unwrap().unwrap();
    }
    for user in fixture.users() {
        assert_eq!(user.nickname, format!("{} 49", user.id));
    }
}

/// S53: a database of a newer version is not changed, and reported.
#[tokio::test]
async fn a_newer_database_is_not_opened() {
    let fixture = Fixture::new().await;
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let home = fixture.home.clone();
    let vault = fixture.vault.clone();
    let refused = Nameplate::builder(home).vault(vault).clock(|| 3).open().map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Code::StoreNewer);
    assert!(fixture.vault.done().is_empty());
    assert!(!fixture.files().iter().any(|(path, _)| path.to_string_lossy().contains("damaged")));
}
