use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// S53: deletion of the file never lets two processes hold the lock.
#[test]
fn two_never_hold_one_lock() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("account-1.lock");
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
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
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
    let (precious, path) = (dir.path().join("precious"), dir.path().join("account-1.lock"));
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

/// S53: files of ended processes are deleted, held ones stay.
#[test]
fn locks_of_dead_processes_are_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let own = ["account-1.lock", "client-1.lock", "migrate.lock", "run-1.lock", "set-up.lock"];
    for name in own.into_iter().chain(["other.lock", "other.txt"]) {
        std::fs::write(at(name), "").unwrap();
    }
    let held = FileLock::wait(&at("run-2.lock")).unwrap();
    sweep(dir.path());
    let left = |name: &str| at(name).exists();
    assert_eq!(own.map(left), [false; 5]);
    assert!(left("run-2.lock") && left("other.txt"));
    assert!(left("other.lock"), "of another program, in a folder of a person's own");
    drop(held);
}
