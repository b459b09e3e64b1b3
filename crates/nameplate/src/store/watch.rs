//! Changes of the database by any process, without polling: the operating system reports writes to
//! the WAL file, and SQLite's `data_version` tells whether they were commits.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::failed;
use crate::error::Result;
use crate::file_watch::{self, FileWatch};
use crate::private_fs::file_id;

/// A subscription to changes of the database.
pub struct Watch {
    files: FileWatch,
    path: PathBuf,
    id: Option<(u64, u64)>,
    connection: Connection,
    version: i64,
}

/// A change of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another connection committed.
    Committed,
    /// Another process set the database aside and created a new one.
    Replaced,
}

impl Watch {
    /// Watches the database at `path`.
    ///
    /// # Errors
    /// If the operating system cannot watch the folder, or the database cannot be opened.
    pub fn new(path: &Path) -> Result<Self> {
        let name = file_watch::name(path);
        let names = vec![format!("{name}-wal"), name];
        let files = FileWatch::new(&file_watch::folder(path), names).map_err(failed)?;
        let connection = Connection::open(path).map_err(failed)?;
        let version = data_version(&connection)?;
        let (path, id) = (path.to_owned(), file_id(path));
        Ok(Self { files, path, id, connection, version })
    }

    /// Waits for the next change. If the database cannot be read, the next write is waited for.
    pub async fn changed(&mut self) -> Change {
        loop {
            self.files.written().await;
            match self.look() {
                Ok(Some(change)) => return change,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a change of the database was not seen"),
            }
        }
    }

    fn look(&mut self) -> Result<Option<Change>> {
        let id = file_id(&self.path);
        if id.is_some() && id != self.id {
            self.connection = Connection::open(&self.path).map_err(failed)?;
            self.version = data_version(&self.connection)?;
            self.id = id;
            return Ok(Some(Change::Replaced));
        }
        self.await_writer();
        let version = data_version(&self.connection)?;
        let before = std::mem::replace(&mut self.version, version);
        Ok((version != before).then_some(Change::Committed))
    }

    /// Waits for the write lock. The file is written before the commit is visible, and the writer
    /// holds the lock until it is.
    fn await_writer(&self) {
        // After the busy timeout, the writer writes again, which is reported again.
        let _ = self.connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    }
}

/// Changes with each commit of another connection.
fn data_version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::settings::Settings;
    use crate::store::{Store, tests::store};

    /// Also if the file is written before the commit is visible.
    #[tokio::test]
    async fn no_commit_is_missed() {
        let (_dir, home, _store) = store();
        let other = Store::open(&home).unwrap();
        let mut watch = Watch::new(&home.database()).unwrap();
        for round in 0..300 {
            let other = other.clone();
            let writing =
                std::thread::spawn(move || other.save_settings(Settings::default()).unwrap());
            let noticed = tokio::time::timeout(Duration::from_secs(30), watch.changed()).await;
            noticed.unwrap_or_else(|_| panic!("the commit of round {round} was missed"));
            writing.join().unwrap();
        }
    }

    #[tokio::test]
    async fn a_commit_of_another_program_is_noticed() {
        let (_dir, home, _store) = store();
        let mut watch = Watch::new(&home.database()).unwrap();
        Store::open(&home).unwrap().save_settings(Settings::default()).unwrap();
        watch.changed().await;
    }
}
