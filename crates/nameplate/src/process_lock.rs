//! The id of this process, and whether other processes still run.

use std::path::PathBuf;

use crate::home::Home;
use crate::lock::FileLock;

/// The id of a process, with a file lock that ends with the process.
pub(crate) struct ProcessLock {
    pub(crate) id: String,
    _lock: FileLock,
}

impl ProcessLock {
    pub(crate) fn new(home: &Home) -> std::io::Result<Self> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let lock = FileLock::wait(&lock_file(home, &id))?;
        Ok(Self { id, _lock: lock })
    }

    /// Whether the process with this id still runs.
    pub(crate) fn is_alive(home: &Home, id: &str) -> bool {
        FileLock::is_held(&lock_file(home, id))
    }
}

fn lock_file(home: &Home, id: &str) -> PathBuf {
    home.locks().join(format!("run-{id}.lock"))
}
