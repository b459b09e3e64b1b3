//! Invariants of a home after recovery.

use std::path::Path;

use rusqlite::Connection;

use crate::processes::vault::FileVault;

/// Counts the rows that a vault item belongs to.
const KEPT: &str = "SELECT (SELECT count(*) FROM accounts WHERE id = ?1)
    + (SELECT count(*) FROM attempts WHERE 'attempt.' || hash = ?1)
    + (SELECT count(*) FROM revocations WHERE id = ?1)";

/// Checks after recovery: the database is intact, and nothing is half done.
pub fn check(folder: &Path, place: &str) {
    let database = open(folder);
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{place}");
    assert_eq!(count(&database, "SELECT count(*) FROM pragma_foreign_key_check"), 0, "{place}");
    assert_eq!(between_writes(&database), 0, "{place}: half done");
    let without_accounts = "SELECT count(*) FROM users WHERE id NOT IN (SELECT user FROM accounts)";
    assert_eq!(count(&database, without_accounts), 0, "{place}: people without accounts");
    assert_eq!(unknown(&database, folder), Vec::<String>::new(), "{place}: belong to no account");
}

/// Whether something is half done: a row between two writes, or an item without a row.
pub fn is_half_done(folder: &Path) -> bool {
    let database = open(folder);
    between_writes(&database) > 0 || !unknown(&database, folder).is_empty()
}

/// Number of unsent revocations.
pub fn untold(folder: &Path) -> i64 {
    count(&open(folder), "SELECT count(*) FROM revocations")
}

fn between_writes(database: &Connection) -> i64 {
    count(database, "SELECT count(*) FROM accounts WHERE state IN ('storing', 'removing')")
}

fn unknown(database: &Connection, folder: &Path) -> Vec<String> {
    let rows = |name: &str| -> i64 { database.query_row(KEPT, [name], |row| row.get(0)).unwrap() };
    let names = FileVault::new(folder.join("vault")).names();
    names.into_iter().filter(|name| rows(name) != 1).collect()
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join("home/nameplate.db")).unwrap()
}

fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}
