//! Signing out of this device, disconnecting from a provider, and forgetting everything.

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
    /// Removes an account from this device: mark, vault, row. It is not shown any more after the
    /// first of them, and what the provider is to be told stands with the mark, so that whoever
    /// finishes an interrupted one tells it.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`]; [`Code::SessionElsewhere`] where another running program has the
    /// token that the provider is to be told with; or where the keychain refuses, and then what is
    /// left is told and removed when it is next opened. With these the account is gone from this
    /// device: [`Code::RevokeLater`] where the provider could not be told, which is tried again for
    /// a week, or [`Code::RevokeForeign`] where a setting has to be put back for that;
    /// [`Code::RevokeRefused`] where it refuses, which is not; [`Code::RevokeUnavailable`] where it
    /// was to be ended everywhere and the provider offers no way.
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
        if let Err(error) = self.remove_here(&row).await {
            // Whoever removes the rest has nothing left to tell.
            self.0.store.begin_removing(&row.id, None)?;
            return Err(error);
        }
        match told {
            Told::Done => Ok(()),
            Told::Later(error) | Told::Never(error) => Err(error.at(&row.provider)),
        }
    }

    /// Under the account's lock: its session, and then its row.
    pub(super) async fn remove_here(&self, row: &AccountRow) -> Result<()> {
        self.delete_session(row.storage(), &row.id).await?;
        if row.storage() == TokenStorage::Memory {
            // An earlier session may be there still; where there is no keychain, it is not. A
            // locked one keeps the row too, by whose name the entry is found again.
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

    /// Leaves nothing of anybody on this device. The keychain's entries are found by the service
    /// name of this home, so that those of a lost database go as well. Where the keychain refuses,
    /// the accounts are not shown any more and are removed when it is next opened.
    ///
    /// # Errors
    /// Where the keychain, the database or a file cannot be emptied.
    pub async fn reset(&self) -> Result<()> {
        self.cancel().await?;
        // Work on an account ends first, and none begins until the rows are gone: a session that is
        // renewed after the keychain was cleared would stay there.
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

    /// The locks of all accounts. Two who take them take them in the same order, and the accounts
    /// of one subject share theirs.
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

    /// Whether a keychain, were there one, would have entries of this home.
    fn may_be_in_keychain(&self) -> Result<bool> {
        let store = &self.0.store;
        Ok(store.accounts()?.iter().any(|row| row.storage() == TokenStorage::Keychain)
            || store.has_other_items()?
            || store.set_aside(&self.0.home)?.is_some())
    }

    /// Databases that were set aside, and lock files that are named after accounts.
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

    /// Log files are emptied and not deleted: another process may be writing to them.
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
