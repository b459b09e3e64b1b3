//! Sign-out, disconnect, and reset.

use std::collections::BTreeMap;

use super::Login;
use super::revoke::Told;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::lock::{self, FileLock};
use crate::store::{AccountRow, PendingSignOut};
use crate::url_scheme;
use crate::user::{AccountId, SignOutScope};
use crate::vault::{TokenStorage, VaultError};

impl Login {
    /// Removes an account from this device in three writes: the row is marked as removing, the
    /// keychain item is deleted, the row is deleted. Recovery finishes an interrupted sign-out,
    /// including the revocation.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`]; [`Code::SessionElsewhere`] if another process has the token to
    /// revoke; or a keychain error, and then recovery removes the account. After these the account
    /// is removed:
    /// [`Code::RevokeLater`] if the provider is not reachable (tried again for a week),
    /// [`Code::RevokeForeign`] if a setting must be restored for that, [`Code::RevokeRefused`] if
    /// the provider refuses, [`Code::RevokeUnavailable`] if it has no revocation endpoint.
    pub async fn sign_out(&self, account: &str, scope: SignOutScope) -> Result<()> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        if row.is_local() && scope == SignOutScope::Here {
            return self.leave_profile(&row).await;
        }
        let _lock = self.lock_account(row.identity()).await?;
        if scope == SignOutScope::Everywhere && self.is_session_elsewhere(&row) {
            return Err(Error::new(Code::SessionElsewhere).at(&row.provider));
        }
        let pending = PendingSignOut { scope, since: self.now() };
        self.0.store.begin_removing(&row.id, Some(pending))?;
        self.tell(Event::Changed);
        let told = self.leave_provider(&row, pending).await?;
        if let Err(error) = self.remove_account(&row).await {
            // Recovery removes the rest; the revocation is done.
            self.0.store.begin_removing(&row.id, None)?;
            return Err(error);
        }
        match told {
            Told::Done => Ok(()),
            Told::Later(error) | Told::Never(error) => Err(error.at(&row.provider)),
        }
    }

    /// Deletes the session, then the row. The caller holds the account's lock.
    pub(super) async fn remove_account(&self, row: &AccountRow) -> Result<()> {
        self.delete_session(row.storage(), &row.id).await?;
        if row.storage() == TokenStorage::Memory {
            // The keychain may have a former session, unless there is no keychain. If it is locked,
            // the row stays, because it has the name of the item.
            match self.delete_session(TokenStorage::Keychain, &row.id).await {
                Ok(()) | Err(VaultError::Absent) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.0.store.remove(&row.id)?;
        self.tell(Event::Changed);
        Ok(())
    }

    pub(super) async fn delete_session(
        &self,
        storage: TokenStorage,
        account: &AccountId,
    ) -> Result<(), VaultError> {
        let name = account.to_string();
        self.vault(storage, move |vault| vault.delete(&name)).await
    }

    /// Deletes all users, accounts and settings. Keychain items are found by the service name of
    /// this home, so that those of a lost database are deleted too. After a keychain error the
    /// accounts are hidden, and recovery removes them.
    ///
    /// # Errors
    /// If the keychain, the database or a file cannot be emptied.
    pub async fn reset(&self) -> Result<()> {
        self.cancel().await?;
        // No session may be refreshed between the clearing of the keychain and the deletion of the
        // rows: it would stay in the keychain.
        let locks = self.lock_accounts().await?;
        for row in self.0.store.accounts()? {
            self.0.store.begin_removing(&row.id, None)?;
        }
        let cleared = self.clear_vaults().await;
        url_scheme::unregister_url_scheme(&self.0.home).map_err(failed)?;
        self.empty_logs();
        if cleared.is_ok() {
            self.0.store.reset()?;
            drop(locks);
            self.remove_leftovers().map_err(failed)?;
        }
        self.tell(Event::Changed);
        cleared
    }

    /// The locks of all accounts, taken in one order to avoid deadlocks. Accounts of one subject
    /// share a lock.
    async fn lock_accounts(&self) -> Result<Vec<FileLock>> {
        let rows = self.0.store.accounts()?;
        let by_lock: BTreeMap<_, _> =
            rows.iter().map(|row| (row.identity().digest(), row)).collect();
        let mut locks = Vec::new();
        for row in by_lock.into_values() {
            locks.push(self.lock_account(row.identity()).await?);
        }
        Ok(locks)
    }

    async fn clear_vaults(&self) -> Result<()> {
        let may_be_kept = self.may_be_in_keychain()?;
        self.vault(TokenStorage::Memory, |vault| vault.clear()).await?;
        match self.vault(TokenStorage::Keychain, |vault| vault.clear()).await {
            Err(VaultError::Absent) if !may_be_kept => Ok(()),
            cleared => Ok(cleared?),
        }
    }

    /// Whether a keychain could have items of this home.
    fn may_be_in_keychain(&self) -> Result<bool> {
        let store = &self.0.store;
        Ok(store.accounts()?.iter().any(|row| row.storage() == TokenStorage::Keychain)
            || store.has_other_items()?
            || store.set_aside(&self.0.home)?.is_some())
    }

    /// Deletes databases that were set aside, and lock files, whose names are derived from
    /// accounts.
    fn remove_leftovers(&self) -> std::io::Result<()> {
        let home = &self.0.home;
        lock::sweep(&home.locks());
        for entry in std::fs::read_dir(home.data_dir())? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().contains(".damaged-") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Truncates the log files; another process may have them open.
    fn empty_logs(&self) {
        let files = std::fs::read_dir(self.0.home.logs()).into_iter().flatten().flatten();
        for file in files {
            if let Err(error) = std::fs::write(file.path(), "") {
                tracing::warn!(%error, "a log file stays");
            }
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(Code::StoreFailed).detail(error)
}
