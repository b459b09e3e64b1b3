//! One writer of an account at a time, across processes.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;

use super::Login;
use crate::error::{Code, Error, Result};
use crate::platform::open_private;
use crate::store::Identity;

/// Held while an account is filed, renewed or removed; released when it goes.
pub(super) struct AccountLock(#[allow(dead_code)] File);

impl Login {
    /// Waits for the account to be free.
    pub(super) async fn lock_account(&self, identity: Identity<'_>) -> Result<AccountLock> {
        let path = self.lock_path(identity);
        let locked = tokio::task::spawn_blocking(move || {
            let file = open_private(&path)?;
            file.lock().map(|()| AccountLock(file))
        });
        let locked = self.reporting(Code::AccountBusy, locked).await;
        locked.map_err(failed)?.map_err(failed)
    }

    /// The lock, if nobody holds it: whoever does is at work on the account.
    pub(super) fn try_lock_account(
        &self,
        identity: Identity<'_>,
    ) -> io::Result<Option<AccountLock>> {
        let file = open_private(&self.lock_path(identity))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(AccountLock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn lock_path(&self, identity: Identity<'_>) -> PathBuf {
        self.home().locks().join(format!("account-{}.lock", identity.digest()))
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::StoreFailed).detail(error)
}
