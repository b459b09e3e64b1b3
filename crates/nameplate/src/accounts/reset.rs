//! Reset: deletes everything of a home but the configuration.

use std::collections::BTreeMap;

use super::Accounts;
use crate::error::{Code, Error, Result};
use crate::lock::{self, FileLock};
use crate::named_server::registration;
use crate::vault::{TokenStorage, VaultError};
use crate::{account_storage, url_scheme};

impl Accounts {
    /// Deletes all users, accounts and settings. Keychain items are found by the service name of
    /// this home, so that those of a lost database are deleted too. After a keychain error the
    /// accounts are hidden, and recovery removes them.
    ///
    /// # Errors
    /// If the keychain, the database or a file cannot be emptied.
    pub async fn reset(&self) -> Result<()> {
        self.sign_ins.cancel().await?;
        registration::unregister_all(&self.context).await;
        // No session may be refreshed between the clearing of the keychain and the deletion of the
        // rows: it would stay in the keychain.
        let locks = self.lock_accounts().await?;
        for row in self.context.store.accounts()? {
            self.context.store.begin_removing(&row.id, None)?;
        }
        let cleared = self.clear_vaults().await;
        url_scheme::unregister_url_scheme(&self.context.home).map_err(failed)?;
        self.empty_logs();
        if cleared.is_ok() {
            self.context.store.reset()?;
            drop(locks);
            self.remove_leftovers().map_err(failed)?;
        }
        self.context.events.changed();
        cleared
    }

    /// The locks of all accounts, taken in one order to avoid deadlocks. Accounts of one subject
    /// share a lock.
    async fn lock_accounts(&self) -> Result<Vec<FileLock>> {
        let rows = self.context.store.accounts()?;
        let by_lock: BTreeMap<_, _> =
            rows.iter().map(|row| (row.identity().digest(), row)).collect();
        let mut locks = Vec::new();
        for row in by_lock.into_values() {
            locks.push(account_storage::lock(&self.context, row.identity()).await?);
        }
        Ok(locks)
    }

    async fn clear_vaults(&self) -> Result<()> {
        let may_have_items = self.may_be_in_keychain()?;
        self.context.vaults.clear(TokenStorage::Memory).await?;
        match self.context.vaults.clear(TokenStorage::Keychain).await {
            Err(VaultError::Absent) if !may_have_items => Ok(()),
            cleared => Ok(cleared?),
        }
    }

    /// Whether a keychain could have items of this home.
    fn may_be_in_keychain(&self) -> Result<bool> {
        let store = &self.context.store;
        Ok(store.accounts()?.iter().any(|row| row.storage() == TokenStorage::Keychain)
            || store.has_other_items()?
            || store.damaged_file(&self.context.home)?.is_some())
    }

    /// Deletes databases that were set aside, and lock files, whose names are derived from
    /// accounts.
    fn remove_leftovers(&self) -> std::io::Result<()> {
        let home = &self.context.home;
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
        for file in self.context.home.log_files() {
            if let Err(error) = std::fs::write(file, "") {
                tracing::warn!(%error, "a log file stays");
            }
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::caused(Code::StoreFailed, error)
}
