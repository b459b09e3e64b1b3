//! Signing out of this device, and forgetting everything on it.

use super::Login;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::handler;
use crate::user::{AccountId, AccountState};
use crate::vault::Keep;

impl Login {
    /// Removes an account from this device: mark, vault, row. The account is not shown any more
    /// after the first of them.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`]; or where the keychain refuses, and then what is left is removed
    /// when it is next opened.
    pub async fn sign_out(&self, account: &str) -> Result<()> {
        let id = AccountId::from(account.to_owned());
        let row = self.0.store.account(&id)?;
        let _lock = self.lock_account(row.identity()).await?;
        self.0.store.mark(&id, AccountState::Removing)?;
        self.tell(Event::Changed);
        let name = id.to_string();
        self.vault(row.keep(), move |vault| vault.delete(&name)).await?;
        self.0.store.remove(&id)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Leaves nothing of anybody on this device. What the keychain refuses to give up is told.
    ///
    /// # Errors
    /// Where the keychain, the database or a file cannot be emptied.
    pub async fn forget(&self) -> Result<()> {
        self.cancel()?;
        let names = self.0.store.vault_names()?;
        let emptied = self
            .vault(Keep::Keychain, move |vault| {
                names.iter().try_for_each(|name| vault.delete(name))
            })
            .await;
        self.0.store.forget()?;
        handler::remove_handler(&self.0.home)
            .map_err(|error| Error::new(Code::StoreFailed).detail(error))?;
        self.empty_logs();
        self.tell(Event::Changed);
        Ok(emptied?)
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
