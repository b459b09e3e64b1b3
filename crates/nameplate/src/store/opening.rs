//! Opens the database file; a damaged one is set aside.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::damage::set_aside;
use super::{failed, refused};
use crate::error::Result;
use crate::private_fs::private_file;

/// A connection to an undamaged database.
pub(super) fn sound(path: &Path) -> Result<Connection> {
    match connect(path) {
        Ok(connection) => Ok(connection),
        Err(error) if is_damage(&error) => {
            set_aside(path).map_err(failed)?;
            tracing::error!("the database is damaged and was set aside");
            connect(path).map_err(failed)
        }
        Err(error) => Err(refused(error)),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // Before the first write: the WAL files get the mode that the database has then.
    // It fails on file systems without owners.
    if let Err(error) = private_file(path) {
        tracing::warn!(%error, "the database may be readable by others");
    }
    connection.busy_timeout(Duration::from_secs(5))?;
    // WAL: one process reads while another writes. secure_delete overwrites deleted rows.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "secure_delete", true)?;
    let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if health != "ok" {
        let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(damage, None));
    }
    Ok(connection)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
