//! Signing out of this device, disconnecting from a provider, and forgetting everything.

use super::Login;
use super::revoke::Told;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::handler;
use crate::store::{AccountRow, Leaving};
use crate::user::{AccountId, Leave};
use crate::vault::{Keep, Vault, VaultError};

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
    pub async fn sign_out(&self, account: &str, leave: Leave) -> Result<()> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        if row.is_local() && leave == Leave::Here {
            return self.leave_profile(&row).await;
        }
        let _lock = self.lock_account(row.identity()).await?;
        if leave == Leave::Everywhere && self.is_kept_elsewhere(&row) {
            return Err(Error::new(Code::SessionElsewhere).at(&row.provider));
        }
        let leaving = Leaving { leave, since: self.now() };
        self.0.store.begin_removing(&row.id, Some(leaving))?;
        self.tell(Event::Changed);
        let told = self.leave_provider(&row, leaving).await?;
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
        let names = vec![row.id.to_string()];
        self.delete_entries(row.keep(), names.clone()).await?;
        if row.keep() == Keep::ThisRun {
            // An earlier session may be there still; where there is no keychain, it is not. A
            // locked one keeps the row too, by whose name the entry is found again.
            match self.delete_entries(Keep::Keychain, names).await {
                Ok(()) | Err(VaultError::Absent) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.0.store.remove(&row.id)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Leaves nothing of anybody on this device. What the keychain refuses to give up is told,
    /// not shown any more, and removed when the keychain is next opened.
    ///
    /// # Errors
    /// Where the keychain, the database or a file cannot be emptied.
    pub async fn forget(&self) -> Result<()> {
        self.cancel().await?;
        let mut refused = None;
        for row in self.0.store.accounts()? {
            // Whoever is at work on the account comes to the end first.
            let _lock = self.lock_account(row.identity()).await?;
            self.0.store.begin_removing(&row.id, None)?;
            refused = self.remove_here(&row).await.err().or(refused);
        }
        for keep in [Keep::ThisRun, Keep::Keychain] {
            let names = self.0.store.other_vault_names(keep)?;
            refused = self.delete_entries(keep, names).await.err().map(Error::from).or(refused);
        }
        handler::remove_handler(&self.0.home).map_err(failed)?;
        self.empty_logs();
        if refused.is_none() {
            self.0.store.forget()?;
            self.remove_leftovers().map_err(failed)?;
        }
        self.tell(Event::Changed);
        refused.map_or(Ok(()), Err)
    }

    /// Tries every one of them, also after one was refused.
    async fn delete_entries(&self, keep: Keep, names: Vec<String>) -> Result<(), VaultError> {
        if names.is_empty() {
            return Ok(());
        }
        let delete = move |vault: &dyn Vault| {
            let results: Vec<_> = names.iter().map(|name| vault.delete(name)).collect();
            results.into_iter().collect()
        };
        self.vault(keep, delete).await
    }

    /// Databases that were set aside, and locks that are named after accounts.
    fn remove_leftovers(&self) -> std::io::Result<()> {
        let home = &self.0.home;
        for (folder, mark) in [(home.data_dir(), ".damaged-"), (home.locks().as_path(), "account-")]
        {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().contains(mark) {
                    std::fs::remove_file(entry.path())?;
                }
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
