//! Lock files between processes. A file exists while its lock is held.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::private_fs::{is_at, open_lock};

/// A held lock. Dropping it deletes the file, then releases the lock.
///
/// A process that waits for a deleted file would get its lock while another process holds a new
/// file of the same name. So a lock is valid only if its file is the one at the path; otherwise the
/// file at the path is locked.
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Waits for the lock, blocking the thread.
    ///
    /// # Errors
    /// If the file cannot be created or is not a regular file.
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        loop {
            let file = open_lock(path, true)?;
            file.lock()?;
            if is_at(&file, path)? {
                return Ok(Self { file, path: path.to_owned() });
            }
        }
    }

    /// Takes the lock; `None` if it is held.
    ///
    /// # Errors
    /// As [`FileLock::wait`].
    pub(crate) fn try_now(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = open_lock(path, true)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, path)? => {
                    return Ok(Some(Self { file, path: path.to_owned() }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Whether a process holds the lock. Tested with a shared lock, so that tests do not interfere.
    pub(crate) fn is_held(path: &Path) -> bool {
        open_lock(path, false).is_ok_and(|file| file.try_lock_shared().is_err())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Only the holder deletes the file, so the path still names the locked file.
        if may_be_deleted(&self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

/// Deletes Nameplate's lock files in a folder that no process holds, which a crash left.
///
/// The lock of a process is tested with a shared lock, so that [`FileLock::is_held`] does not see a
/// dead process as alive meanwhile. Such a file is never created again, so two processes may delete
/// it at once.
pub(crate) fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    for path in paths.filter(|path| is_lock(path) && may_be_deleted(path)) {
        let Ok(file) = open_lock(&path, false) else { continue };
        let free = if is_of_process(&path) { file.try_lock_shared() } else { file.try_lock() };
        if free.is_ok() && is_at(&file, &path).is_ok_and(|is_at| is_at) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Whether a waiting process notices that the file was deleted. On systems without inode numbers,
/// only files that no process waits for.
fn may_be_deleted(path: &Path) -> bool {
    let is_lock = path.extension().is_some_and(|extension| extension == "lock");
    is_lock && (cfg!(unix) || is_of_process(path))
}

/// Whether Nameplate gives this name to a lock file.
pub(crate) fn is_lock(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let known = ["account-", "client-", "migrate.", "run-", "set-up."];
    name.ends_with(".lock") && known.iter().any(|known| name.starts_with(known))
}

/// Whether it is the lock of a process; its name is never used twice.
fn is_of_process(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("run-"))
}

#[cfg(all(test, unix))]
mod tests;
