//! SQLite: opened, migrated and shared by the window and the command line at once.

mod accounts;
mod attempts;
mod damage;
mod leaving;
mod local;
mod offers;
mod opening;
mod revocations;
mod settings;
mod users;
mod watch;

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use rusqlite_migration::{Error as MigrationError, M, MigrationDefinitionError, Migrations};

use crate::crash;
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::lock::FileLock;
pub use accounts::{AccountRow, Filing, Identity};
pub use attempts::{AttemptRow, Claim, Ended, Outcome};
pub use leaving::Leaving;
pub use offers::TrustedIssuers;
pub use revocations::RevocationRow;
pub use watch::{Change, Watch};

static MIGRATIONS: LazyLock<Migrations<'static>> = LazyLock::new(|| {
    Migrations::new(vec![
        M::up(include_str!("../../../migrations/0001_first.sql")),
        M::up(include_str!("../../../migrations/0002_people.sql")),
        M::up(include_str!("../../../migrations/0003_subjects.sql")).foreign_key_check(),
        M::up(include_str!("../../../migrations/0004_leaving.sql")),
        M::up(include_str!("../../../migrations/0005_revocations.sql")),
        M::up(include_str!("../../../migrations/0006_filed.sql")),
    ])
});

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the database of a home, made if missing and brought to the newest schema. One that
    /// is damaged is set aside, never deleted, and a new one takes its place.
    ///
    /// # Errors
    /// [`Code::StoreNewer`] where a newer version wrote it, with the file untouched, else
    /// [`Code::StoreFailed`].
    pub fn open(home: &Home) -> Result<Self> {
        Ok(Self { connection: Arc::new(Mutex::new(connect(home)?)) })
    }

    /// Opens the database anew: another process has set aside the one that was open.
    ///
    /// # Errors
    /// As of [`Store::open`].
    pub fn open_again(&self, home: &Home) -> Result<()> {
        let connection = connect(home)?;
        *self.connection() = connection;
        Ok(())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `change` in a transaction that holds the write lock from its start.
    fn write<T>(
        &self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused)?;
        let value = change(&transaction).map_err(refused)?;
        transaction.commit().map_err(refused)?;
        crash::point();
        Ok(value)
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        query(&self.connection()).map_err(refused)
    }
}

/// A connection to a sound database of the newest schema.
fn connect(home: &Home) -> Result<Connection> {
    // Two programs may start at once; only one migrates or sets aside.
    let _lock = FileLock::wait(&home.locks().join("migrate.lock")).map_err(failed)?;
    let mut connection = opening::sound(&home.database())?;
    // A table that is made anew is dropped first, and must take nothing with it.
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    MIGRATIONS.to_latest(&mut connection).map_err(|error| match error {
        MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            Error::new(Code::StoreNewer)
        }
        other => failed(other),
    })?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    Ok(connection)
}

/// SQLite's own words never hold values.
fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::StoreFailed).detail(error)
}

/// What a statement failed with: held by another process, or unusable.
fn refused(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(Code::StoreBusy),
        _ => failed(error),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A store in a folder that goes with the test.
    pub(crate) fn store() -> (tempfile::TempDir, Home, Store) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(dir.path()).unwrap();
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

    /// A database of any earlier schema keeps everybody through every later one, and what was
    /// offered to them.
    #[test]
    fn an_earlier_schema_is_brought_up_with_everybody_in_it() {
        for version in 1..6 {
            let (_dir, home, store) = store();
            drop(store);
            std::fs::remove_file(home.database()).unwrap();
            let mut first = Connection::open(home.database()).unwrap();
            MIGRATIONS.to_version(&mut first, version).unwrap();
            first
                .execute_batch(
                    "INSERT INTO users (id, nickname, email, created_at, read_at) VALUES ('u', '나리', 'n@x.y', 1, 2), ('v', '미라', 'n@x.y', 2, 2);
                     INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, scopes, state, notes, created_at)
                     VALUES ('a', 'u', 'discord', 'Discord', 'https://discord.com', '1', '나리', 'identify', 'active', '', 1),
                     ('b', 'v', 'kakao', 'Kakao', 'https://kauth.kakao.com', '2', '미라', '', 'needs_sign_in', '', 2);
                     INSERT INTO settings VALUES ('shown', 'v');",
                )
                .unwrap();
            if version > 1 {
                first
                    .execute_batch(
                        "INSERT INTO offers VALUES ('b', 'u'); UPDATE accounts SET email_trusted = 1;",
                    )
                    .unwrap();
            }
            drop(first);
            let store = Store::open(&home).unwrap();
            let users = store.users().unwrap();
            let names: Vec<_> = users.iter().map(|user| user.nickname.as_str()).collect();
            assert_eq!(names, ["나리", "미라"], "from {version}");
            assert_eq!(users[0].accounts[0].id.as_str(), "a");
            assert_eq!(store.shown().unwrap().unwrap().as_str(), "v");
            let offers = || -> i64 {
                let count = "SELECT count(*) FROM offers";
                store.read(|c| c.query_row(count, [], |row| row.get(0))).unwrap()
            };
            assert_eq!(offers(), i64::from(version > 1));
            let kakao = Identity { issuer: "https://kauth.kakao.com", subject: "2", client: "app" };
            assert_eq!(store.account_of(kakao).unwrap(), Some("b".to_owned().into()));
            // An offer still goes with its account.
            store.remove(&"b".to_owned().into()).unwrap();
            assert_eq!(offers(), 0);
        }
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
            let aside = store.set_aside(&home).unwrap().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), rubbish);
        }
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
        let seen: String = second
            .read(|c| c.query_row("SELECT value FROM settings", [], |row| row.get(0)))
            .unwrap();
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
}
