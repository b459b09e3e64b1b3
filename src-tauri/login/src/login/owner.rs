//! Which process waits, and whether it still runs.

use std::fs::File;
use std::path::PathBuf;

use crate::home::Home;
use crate::platform::open_private;

/// A process, known to others by a lock that ends with it.
pub(super) struct Owner {
    pub(super) id: String,
    path: PathBuf,
    _lock: File,
}

impl Owner {
    pub(super) fn new(home: &Home) -> std::io::Result<Self> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let path = lock_file(home, &id);
        let lock = open_private(&path)?;
        lock.lock()?;
        Ok(Self { id, path, _lock: lock })
    }

    /// Whether the process of that id still runs.
    pub(super) fn is_alive(home: &Home, id: &str) -> bool {
        let path = lock_file(home, id);
        let Ok(file) = File::open(&path) else { return false };
        if file.try_lock().is_err() {
            return true;
        }
        // Its lock is free, so it is gone, and its file may go too.
        let _ = std::fs::remove_file(path);
        false
    }
}

impl Drop for Owner {
    /// A script may ask for a token every minute: no run leaves its file behind.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn lock_file(home: &Home, id: &str) -> PathBuf {
    home.locks().join(format!("run-{id}.lock"))
}
