//! The lock of an account, across processes.

use std::io;
use std::path::PathBuf;

use super::Login;
use crate::error::{Code, Error, Result};
use crate::lock::FileLock;
use crate::store::Identity;

impl Login {
    /// Waits for the account's lock, which is held while the account is stored, refreshed or
    /// removed.
    pub(super) async fn lock_account(&self, identity: Identity<'_>) -> Result<FileLock> {
        let path = self.lock_path(identity);
        let locked = tokio::task::spawn_blocking(move || FileLock::wait(&path));
        let locked = self.reporting(Code::AccountBusy, locked).await;
        locked.map_err(failed)?.map_err(failed)
    }

    /// The account's lock; `None` if it is held.
    pub(super) fn try_lock_account(&self, identity: Identity<'_>) -> io::Result<Option<FileLock>> {
        FileLock::try_now(&self.lock_path(identity))
    }

    fn lock_path(&self, identity: Identity<'_>) -> PathBuf {
        self.home().locks().join(format!("account-{}.lock", identity.digest()))
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::StoreFailed).detail(error)
}
