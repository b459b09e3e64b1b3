//! SQLite: opened, migrated and shared by the window and the command line at once.

mod accounts;
mod attempts;
mod offers;
mod revocations;
mod settings;
mod users;
mod watch;

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{Error as MigrationError, M, MigrationDefinitionError, Migrations};

pub use accounts::{AccountRow, Filing, Identity};
pub use attempts::{AttemptRow, Claim, Outcome};
pub use revocations::RevocationRow;
pub use watch::Watch;

use crate::crash;
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::platform::private_file;

static MIGRATIONS: LazyLock<Migrations<'static>> = LazyLock::new(|| {
    Migrations::new(vec![
        M::up(include_str!("../../../migrations/0001_first.sql")),
        M::up(include_str!("../../../migrations/0002_people.sql")),
    ])
});

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the database of a home, made if missing and brought to the newest schema.
    ///
    /// # Errors
    /// [`Code::StoreNewer`] where a newer version wrote it, with the file untouched, else
    /// [`Code::StoreFailed`].
    pub fn open(home: &Home) -> Result<Self> {
        let mut connection = connect(&home.database())?;
        // Two programs may start at once; only one migrates.
        let lock = File::create(home.locks().join("migrate.lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        MIGRATIONS.to_latest(&mut connection).map_err(|error| match error {
            MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
                Error::new(Code::StoreNewer)
            }
            other => failed(other),
        })?;
        connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
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
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let value = change(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        crash::point();
        Ok(value)
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        query(&self.connection()).map_err(failed)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(failed)?;
    private_file(path).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    // WAL lets the window read while the command line writes; what is deleted is overwritten.
    connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
    connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
    Ok(connection)
}

/// SQLite's own words never hold values.
fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::StoreFailed).detail(error)
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

    #[cfg(unix)]
    #[test]
    fn the_database_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, home, _store) = store();
        let mode = std::fs::metadata(home.database()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
