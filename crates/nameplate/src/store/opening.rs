//! Opens the database file; a damaged one is set aside.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::damage::rename_damaged;
use super::{failed, refused};
use crate::error::Result;
use crate::private_fs::private_file;

/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two reads of a database that looks damaged.
const PAUSE: Duration = Duration::from_millis(200);

/// How much of a database is read when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// What every statement needs: that takes no longer for more accounts. Damage to the rest is found
    /// by the statement that reads it.
    Header,
    /// Everything (`PRAGMA integrity_check`).
    EveryPage,
}

/// A connection to a database without damage, as far as it was checked.
pub(super) fn open_or_replace(path: &Path, check: Check) -> Result<Connection> {
    let opened = match connect(path, check) {
        // A file that another program is writing is read once more.
        Err(error) if is_damage(&error) => {
            std::thread::sleep(PAUSE);
            connect(path, check)
        }
        opened => opened,
    };
    match opened {
        Ok(connection) => Ok(connection),
        Err(error) if is_damage(&error) => {
            rename_damaged(path).map_err(failed)?;
            tracing::error!("the database is damaged and was set aside");
            connect(path, check).map_err(failed)
        }
        Err(error) => Err(refused(error)),
    }
}

/// Whether a read of the whole database finds damage, twice. Changes nothing.
pub(super) fn is_damaged(path: &Path) -> bool {
    let read = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        check_every_page(&connection)
    };
    let finds = || read().is_err_and(|error| is_damage(&error));
    finds() && {
        std::thread::sleep(PAUSE);
        finds()
    }
}

fn connect(path: &Path, check: Check) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // Before the first write: the WAL files get the mode that the database has then.
    // It fails on file systems without owners.
    if let Err(error) = private_file(path) {
        tracing::warn!(%error, "the database may be readable by others");
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // WAL: one process reads while another writes. secure_delete overwrites deleted rows.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "secure_delete", true)?;
    if check == Check::EveryPage {
        check_every_page(&connection)?;
    }
    Ok(connection)
}

fn check_every_page(connection: &Connection) -> rusqlite::Result<()> {
    let health: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if health == "ok" {
        return Ok(());
    }
    let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damage, None))
}

pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
