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

/// Deletes the lock files in a folder that no process holds, which a crash left.
///
/// The lock of a process is tested with a shared lock, so that [`FileLock::is_held`] does not see a
/// dead process as alive meanwhile. Such a file is never created again, so two processes may delete
/// it at once.
pub(crate) fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| may_be_deleted(path)) {
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

/// Whether it is the lock of a process; its name is never used twice.
fn is_of_process(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("run-"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// S53: deletion of the file never lets two processes hold the lock.
    #[test]
    fn two_never_hold_one_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("account.lock");
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let (path, inside, most) = (&path, &inside, &most);
                scope.spawn(move || {
                    for round in 0..300 {
                        let lock = if (round + thread) % 3 == 0 {
                            FileLock::try_now(path).unwrap()
                        } else {
                            Some(FileLock::wait(path).unwrap())
                        };
                        if lock.is_some() {
                            most.fetch_max(
                                inside.fetch_add(1, Ordering::SeqCst) + 1,
                                Ordering::SeqCst,
                            );
                            std::thread::yield_now();
                            inside.fetch_sub(1, Ordering::SeqCst);
                        }
                        sweep(path.parent().unwrap());
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
        assert!(!path.exists(), "the file stays behind");
    }

    /// S53: a lock file is not truncated, not opened through a symbolic link, and private.
    #[test]
    fn a_lock_changes_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let (precious, path) = (dir.path().join("precious"), dir.path().join("x.lock"));
        std::fs::write(&precious, "text").unwrap();
        std::os::unix::fs::symlink(&precious, &path).unwrap();
        assert!(FileLock::wait(&path).is_err() && FileLock::try_now(&path).is_err());
        assert!(!FileLock::is_held(&path));
        sweep(dir.path());
        assert!(path.is_symlink());
        std::fs::remove_file(&path).unwrap();
        std::fs::hard_link(&precious, &path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let lock = FileLock::wait(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(FileLock::is_held(&path));
        drop(lock);
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "text");
    }

    /// A named pipe in place of a lock file does not block.
    #[test]
    fn a_pipe_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.lock");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(FileLock::wait(&path).is_err());
    }

    /// S53: files of dead processes are deleted, held ones stay.
    #[test]
    fn locks_of_dead_processes_are_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["run-1.lock", "account-1.lock", "other.txt"] {
            std::fs::write(at(name), "").unwrap();
        }
        let held = FileLock::wait(&at("run-2.lock")).unwrap();
        sweep(dir.path());
        let left = |name: &str| at(name).exists();
        assert!(!left("run-1.lock") && !left("account-1.lock"));
        assert!(left("run-2.lock") && left("other.txt"));
        drop(held);
    }
}
