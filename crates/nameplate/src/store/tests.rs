//! Tests of opening, migrating and sharing the database.

use super::*;

/// A store in a folder that goes with the test.
pub(crate) fn store() -> (tempfile::TempDir, Home, Store) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
    home.prepare().unwrap();
    let store = Store::open(&home).unwrap();
    (dir, home, store)
}

#[test]
fn the_migrations_are_sound() {
    MIGRATIONS.validate().unwrap();
}

/// S53: a database that a newer version wrote is refused and left as it was.
#[test]
fn a_newer_schema_is_not_opened() {
    let (_dir, home, store) = store();
    store.connection().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let before = std::fs::read(home.database()).unwrap();
    assert_eq!(Store::open(&home).map(|_| ()).unwrap_err().code(), Code::StoreNewer);
    assert_eq!(std::fs::read(home.database()).unwrap(), before);
}

/// A second migration, which rebuilds a table that others refer to.
fn with_a_second_step() -> Migrations<'static> {
    let rebuild = "CREATE TABLE rebuilt AS SELECT * FROM users; DROP TABLE users;
        CREATE TABLE users (id TEXT PRIMARY KEY, renamed TEXT, profile TEXT, added TEXT) STRICT;
        INSERT INTO users SELECT id, renamed, profile, 'new' FROM rebuilt; DROP TABLE rebuilt;";
    let first = M::up(include_str!("../../../../migrations/0001_schema.sql"));
    Migrations::new(vec![first, M::up(rebuild).foreign_key_check()])
}

/// S53: programs that start at once migrate once, and every row is kept.
#[test]
fn programs_that_start_at_once_migrate_once() {
    for _ in 0..5 {
        let (_dir, home, store) = store();
        let rows = "INSERT INTO users (id, renamed, created_at) VALUES ('u', '나리', 1), ('v', '미라', 2);
            INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
            VALUES ('a', 'u', 'discord', 'Discord', 'https://discord.com', '1', '나리', 'identify', 'active', '', 1),
                   ('b', 'v', 'kakao', 'Kakao', 'https://kauth.kakao.com', '2', '미라', '', 'needs_sign_in', '', 2);
            INSERT INTO link_offers VALUES ('b', 'u');";
        store.connection().execute_batch(rows).unwrap();
        drop(store);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let connection = connect(&home, &with_a_second_step(), Check::Header).unwrap();
                    let count = "SELECT (SELECT count(*) FROM users WHERE added = 'new' AND renamed IN ('나리', '미라')),
                        (SELECT count(*) FROM accounts), (SELECT count(*) FROM link_offers)";
                    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
                    let counts: (i64, i64, i64) = connection.query_row(count, [], row).unwrap();
                    assert_eq!(counts, (2, 2, 1));
                });
            }
        });
    }
}

/// S53: a database that a migration fails on is left as it was.
#[test]
fn a_migration_that_fails_changes_nothing() {
    let (_dir, home, store) = store();
    store.save_settings(crate::settings::Settings::default()).unwrap();
    drop(store);
    let first = M::up(include_str!("../../../../migrations/0001_schema.sql"));
    let broken = Migrations::new(vec![first, M::up("DROP TABLE settings; DROP TABLE missing;")]);
    assert_eq!(connect(&home, &broken, Check::Header).unwrap_err().code(), Code::StoreFailed);
    assert!(Store::open(&home).unwrap().setting("settings").unwrap().is_some());
}

/// A damaged database is set aside with everything in it, and a new one takes its place.
#[test]
fn a_damaged_database_is_set_aside() {
    let (_dir, home, store) = store();
    drop(store);
    for rubbish in [b"this is no database, whatever its name says".to_vec(), broken(&home)] {
        std::fs::write(home.database(), &rubbish).unwrap();
        let store = Store::open(&home).unwrap();
        assert!(store.users().unwrap().is_empty());
        let aside = store.damaged_file(&home).unwrap().unwrap();
        assert_eq!(std::fs::read(aside).unwrap(), rubbish);
    }
}

/// Damage that is found while the database is in use: the statement succeeds in the new database.
#[test]
fn damage_is_found_by_the_statement_that_reads_it() {
    let (_dir, home, store) = store();
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'settings'";
    let page: u32 = store.read(|c| c.query_row(page, [], |row| row.get(0))).unwrap();
    let page = page as usize;
    drop(store);
    let mut bytes = std::fs::read(home.database()).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    std::fs::write(home.database(), bytes).unwrap();
    let store = Store::open(&home).unwrap();
    let found = || std::fs::read_dir(home.database().parent().unwrap()).unwrap().flatten();
    let found = || found().any(|entry| entry.file_name().to_string_lossy().contains("damaged"));
    assert!(!found(), "found before");
    store.write(|t| t.execute("INSERT INTO settings VALUES ('a', '1')", [])).unwrap();
    assert_eq!(store.setting("a").unwrap().as_deref(), Some("1"));
    assert!(found());
    // Another process with the damaged file open finds the new one, and sets nothing aside.
    assert_eq!(Store::open(&home).unwrap().setting("a").unwrap().as_deref(), Some("1"));
}

/// A database that looked damaged and is not stays; so does one that cannot be opened again, until it
/// can be.
#[test]
fn a_sound_database_is_not_replaced() {
    let (_dir, home, store) = store();
    store.write(|t| t.execute("INSERT INTO settings VALUES ('a', '1')", [])).unwrap();
    let looked = std::cell::Cell::new(false);
    let value: String = store
        .read(|connection| match looked.replace(true) {
            false => Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
                None,
            )),
            true => connection.query_row("SELECT value FROM settings", [], |row| row.get(0)),
        })
        .unwrap();
    assert_eq!(value, "1");
    assert_eq!(store.damaged_file(&home).unwrap(), None);

    // A folder in the place of the file: it cannot be opened.
    let (file, elsewhere) = (home.database(), home.database().with_extension("elsewhere"));
    std::fs::rename(&file, &elsewhere).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(store.repair().unwrap_err().code(), Code::StoreFailed);
    std::fs::remove_dir(&file).unwrap();
    std::fs::rename(&elsewhere, &file).unwrap();
    assert_eq!(store.setting("a").unwrap().as_deref(), Some("1"));
}

/// A check reads what no statement has read yet.
#[test]
fn a_check_reads_every_page() {
    let (_dir, home, store) = store();
    let last = |bytes: &mut Vec<u8>| {
        let page = bytes.len() - 4096;
        bytes[page..].fill(0xff);
    };
    drop(store);
    let mut bytes = std::fs::read(home.database()).unwrap();
    last(&mut bytes);
    std::fs::write(home.database(), &bytes).unwrap();
    let store = Store::open(&home).unwrap();
    assert_eq!(store.damaged_file(&home).unwrap(), None, "found before");
    assert!(store.is_damaged());
    assert_eq!(store.damaged_file(&home).unwrap(), None, "a check changes nothing");
    store.repair().unwrap();
    assert!(store.damaged_file(&home).unwrap().is_some() && !store.is_damaged());
}

/// A database whose pages are torn.
fn broken(home: &Home) -> Vec<u8> {
    let mut bytes = std::fs::read(home.database()).unwrap();
    let page = 4096.min(bytes.len());
    bytes[page..].fill(0xff);
    bytes
}

#[test]
fn two_programs_open_it_at_once() {
    let (_dir, home, first) = store();
    let second = Store::open(&home).unwrap();
    first.write(|t| t.execute("INSERT INTO settings VALUES ('a', '1')", [])).unwrap();
    let seen: String =
        second.read(|c| c.query_row("SELECT value FROM settings", [], |row| row.get(0))).unwrap();
    assert_eq!(seen, "1");
}

/// A database that another process holds is told apart from one that cannot be written.
#[test]
fn a_database_that_is_held_is_busy() {
    let (_dir, home, store) = store();
    store.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = Connection::open(home.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let write = || store.write(|t| t.execute("INSERT INTO settings VALUES ('a', '1')", []));
    assert_eq!(write().unwrap_err().code(), Code::StoreBusy);
    other.execute_batch("ROLLBACK").unwrap();
    write().unwrap();
}

/// S53: also the files that SQLite puts beside it.
#[cfg(unix)]
#[test]
fn the_database_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, home, _store) = store();
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", home.database().display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
