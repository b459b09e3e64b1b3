//! The SQLite database, which several processes use at once.
//!
//! Every method fails with [`Code::StoreBusy`] if another process holds the database for too long,
//! and with [`Code::StoreFailed`] if it cannot be read or written. Other errors are named at the
//! method.

mod accounts;
mod attempts;
mod damage;
mod linking;
mod local;
mod named_servers;
mod opening;
mod recovery;
mod registered_clients;
mod reset;
mod revocations;
mod settings;
mod sign_in;
mod sign_out;
mod users;
#[cfg(feature = "watch")]
mod watch;

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, Params, TransactionBehavior};
use rusqlite_migration::{Error as MigrationError, M, MigrationDefinitionError, Migrations};

use crate::error::{Code, Error, Result};
use crate::failpoint;
use crate::home::Home;
use crate::lock::FileLock;
pub use accounts::{AccountRow, Identity, Lifetime, PendingSignOut};
pub use attempts::{AttemptRow, Claim, SignInOutcome};
pub use linking::TrustedIssuers;
use opening::Check;
pub use registered_clients::RegisteredClientRow;
pub use revocations::RevocationRow;
pub use sign_in::SignInRecord;
#[cfg(feature = "watch")]
pub use watch::{Change, Watch};

/// The schema, oldest step first. A released step is never changed: a new step follows it.
static MIGRATIONS: LazyLock<Migrations<'static>> =
    LazyLock::new(|| Migrations::new(vec![M::up(include_str!("../migrations/0001_schema.sql"))]));

/// The database. Clones share one connection.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    home: Home,
}

impl Store {
    /// Opens the database of a home, creates it if missing, and migrates it. A damaged one is
    /// renamed and replaced by a new one (see [`Store::damaged_file`]), now or when a statement finds the
    /// damage.
    ///
    /// # Errors
    /// [`Code::StoreNewer`] if a newer version wrote it; the file is not changed.
    /// [`Code::StoreBusy`], [`Code::StoreFailed`].
    pub fn open(home: &Home) -> Result<Self> {
        let connection = connect(home, &MIGRATIONS, Check::Header)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), home: home.clone() })
    }

    /// Opens the database again after another process has replaced it.
    ///
    /// # Errors
    /// As [`Store::open`].
    #[cfg(feature = "watch")]
    pub fn open_again(&self) -> Result<()> {
        let connection = connect(&self.home, &MIGRATIONS, Check::Header)?;
        *self.connection() = connection;
        Ok(())
    }

    /// Whether a read of the whole database finds damage. Changes nothing.
    pub fn is_damaged(&self) -> bool {
        opening::is_damaged(&self.home.database())
    }

    /// Replaces the database if it is damaged.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn repair(&self) -> Result<()> {
        self.replace(&mut self.connection())
    }

    /// Opens the database again, or the one that replaces it if it is damaged. If that fails, the
    /// next statement tries again.
    fn replace(&self, connection: &mut Connection) -> Result<()> {
        // Closes the file first: an open one cannot be renamed on every system.
        *connection = Connection::open_in_memory().map_err(failed)?;
        *connection = connect(&self.home, &MIGRATIONS, Check::EveryPage)?;
        Ok(())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `change` in an immediate transaction, and commits. In a damaged database it runs again, in
    /// the one that replaces it.
    fn write<T>(
        &self,
        change: impl Fn(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let value = self.repaired(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })?;
        failpoint::hit();
        Ok(value)
    }

    /// Runs one statement in a transaction of its own; the number of changed rows.
    fn execute(&self, sql: &str, params: impl Params + Copy) -> Result<usize> {
        self.write(|t| t.execute(sql, params))
    }

    /// Runs `query`; in a damaged database it runs again, in the one that replaces it.
    fn read<T>(&self, query: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.repaired(|connection| query(connection))
    }

    fn repaired<T>(&self, work: impl Fn(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.connection();
        let is_closed = connection.path().is_none_or(str::is_empty);
        if is_closed {
            *connection = connect(&self.home, &MIGRATIONS, Check::EveryPage)?;
        }
        match work(&mut connection) {
            Err(error) if opening::is_damage(&error) => {
                self.replace(&mut connection)?;
                work(&mut connection).map_err(refused)
            }
            done => done.map_err(refused),
        }
    }
}

/// Opens the database and migrates it to the last of `migrations`.
fn connect(home: &Home, migrations: &Migrations<'_>, check: Check) -> Result<Connection> {
    let _lock = migration_lock(home).map_err(failed)?;
    let mut connection = opening::open_or_replace(&home.database(), check)?;
    // A migration that rebuilds a table drops the old one, which must not cascade.
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    migrations.to_latest(&mut connection).map_err(|error| match error {
        MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            Error::new(Code::StoreNewer)
        }
        other => failed(other),
    })?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    Ok(connection)
}

/// Two processes may start at once; one of them migrates or sets a damaged file aside.
fn migration_lock(home: &Home) -> std::io::Result<FileLock> {
    let path = home.migration_lock();
    if let Some(lock) = FileLock::try_now(&path)? {
        return Ok(lock);
    }
    tracing::warn!("another process updates the database, which is waited for");
    FileLock::wait(&path)
}

/// SQLite's messages never contain values.
fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(Code::StoreFailed, error)
}

/// The error of a statement: [`Code::StoreBusy`] if another process holds the lock.
fn refused(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(Code::StoreBusy),
        _ => failed(error),
    }
}

#[cfg(test)]
pub(crate) mod tests;
