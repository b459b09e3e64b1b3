//! Signing out of this device, disconnecting from a provider, and forgetting everything.

use super::Login;
use super::account_lock::AccountLock;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::handler;
use crate::provider::Revocation;
use crate::store::AccountRow;
use crate::user::{AccountId, AccountState};
use crate::vault::{Keep, VaultError};

/// What leaving an account is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// The session on this device; the provider is told only where it can end that one alone.
    Here,
    /// Whatever the provider lets be ended.
    Everywhere,
}

impl Login {
    /// Removes an account from this device: mark, vault, row. It is not shown any more after the
    /// first of them, and it is gone whatever the provider says.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`]; [`Code::RevokeLater`] where the provider could not be told,
    /// which is tried again for a week; or where the keychain refuses, and then what is left is
    /// removed when it is next opened.
    pub async fn sign_out(&self, account: &str, leave: Leave) -> Result<()> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        let lock = self.lock_account(row.identity()).await?;
        self.0.store.mark(&row.id, AccountState::Removing)?;
        self.tell(Event::Changed);
        let told = self.leave_provider(&row, leave).await;
        self.remove_here(&row, lock).await?;
        told.map_err(|_| Error::new(Code::RevokeLater).at(&row.provider))
    }

    async fn remove_here(&self, row: &AccountRow, _lock: AccountLock) -> Result<()> {
        let names = vec![row.id.to_string()];
        self.delete_entries(row.keep(), names.clone()).await?;
        if row.keep() == Keep::ThisRun {
            // An earlier session may be there still; where there is no keychain, it is not.
            let _ = self.delete_entries(Keep::Keychain, names).await;
        }
        self.0.store.remove(&row.id)?;
        self.tell(Event::Changed);
        Ok(())
    }

    async fn leave_provider(&self, row: &AccountRow, leave: Leave) -> Result<()> {
        let config = self.config();
        // One whose provider is not set up any more can only be left here.
        let Ok(entry) = config.ready(&row.provider) else { return Ok(()) };
        let leaving = entry.provider.leaving;
        let revocation = match leave {
            Leave::Here => leaving.sign_out,
            Leave::Everywhere => leaving.disconnect,
        };
        match revocation {
            Some(revocation) => self.revoke(row, revocation).await,
            None => Ok(()),
        }
    }

    async fn revoke(&self, row: &AccountRow, revocation: Revocation) -> Result<()> {
        let Ok(Some(session)) = self.session(row.keep(), &row.id).await else { return Ok(()) };
        self.revoke_or_keep(&row.provider, session, revocation).await
    }

    /// Leaves nothing of anybody on this device. What the keychain refuses to give up is told.
    ///
    /// # Errors
    /// Where the keychain, the database or a file cannot be emptied.
    pub async fn forget(&self) -> Result<()> {
        self.cancel().await?;
        let of_this_run = self.0.store.vault_names(Keep::ThisRun)?;
        self.delete_entries(Keep::ThisRun, of_this_run.clone()).await?;
        let _ = self.delete_entries(Keep::Keychain, of_this_run).await;
        let names = self.0.store.vault_names(Keep::Keychain)?;
        let emptied = match names.is_empty() {
            true => Ok(()),
            false => self.delete_entries(Keep::Keychain, names).await,
        };
        self.0.store.forget()?;
        handler::remove_handler(&self.0.home)
            .map_err(|error| Error::new(Code::StoreFailed).detail(error))?;
        self.empty_logs();
        self.tell(Event::Changed);
        Ok(emptied?)
    }

    async fn delete_entries(&self, keep: Keep, names: Vec<String>) -> Result<(), VaultError> {
        self.vault(keep, move |vault| names.iter().try_for_each(|name| vault.delete(name))).await
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
