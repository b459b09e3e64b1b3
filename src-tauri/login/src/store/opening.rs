//! Opening the file, and what is done with one that is damaged.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode};

use super::{failed, refused};
use crate::error::Result;
use crate::platform::private_file;

/// A connection to a database that is whole, and where a damaged one was put aside.
pub(super) fn sound(path: &Path) -> Result<(Connection, Option<PathBuf>)> {
    match connect(path) {
        Ok(connection) => Ok((connection, None)),
        Err(error) if is_damage(&error) => {
            let aside = set_aside(path).map_err(failed)?;
            tracing::error!("the database is damaged and was set aside");
            Ok((connect(path).map_err(failed)?, Some(aside)))
        }
        Err(error) => Err(refused(error)),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // Before anything is written: the log files beside it take over the mode that it has then.
    // A file that cannot be made private is on a file system that knows no owners.
    if let Err(error) = private_file(path) {
        tracing::warn!(%error, "the database may be readable by others");
    }
    connection.busy_timeout(Duration::from_secs(5))?;
    // WAL lets the window read while the command line writes; what is deleted is overwritten.
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

/// Moves the file and what belongs to it; nothing is deleted.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let aside = |suffix: &str| PathBuf::from(format!("{}.damaged-{now}{suffix}", path.display()));
    for suffix in ["-wal", "-shm"] {
        let beside = PathBuf::from(format!("{}{suffix}", path.display()));
        if beside.exists() {
            std::fs::rename(beside, aside(suffix))?;
        }
    }
    std::fs::rename(path, aside(""))?;
    Ok(aside(""))
}
