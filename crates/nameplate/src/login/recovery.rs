//! What an interrupted run left behind is finished or undone, when the keychain is next opened
//! for something else.

use super::Login;
use super::begin::attempt_item;
use super::process_lock::ProcessLock;
use crate::error::{Code, Result};
use crate::store::AccountRow;
use crate::vault::{TokenStorage, VaultError};

impl Login {
    /// Finishes or undoes what stands between two of the three writes, by the row's id. A row
    /// whose lock is held is not abandoned: somebody is between the writes right now.
    pub(super) async fn recover(&self) -> Result<()> {
        self.recover_accounts().await?;
        // Nothing waits for a provider that may be out of reach.
        let login = self.clone();
        tokio::spawn(async move { login.revoke_unsent().await });
        Ok(())
    }

    /// The same without the revocations, where there is anything: most often one query says that
    /// there is nothing.
    pub(super) async fn recover_if_needed(&self) {
        let settled = match self.0.store.is_settled(self.now()) {
            Ok(true) => return,
            Ok(false) => self.recover_accounts().await,
            Err(error) => Err(error),
        };
        if let Err(error) = settled {
            tracing::warn!(code = %error.code(), "recovery is tried again later");
        }
    }

    async fn recover_accounts(&self) -> Result<()> {
        if !self.clear_attempts().await {
            return Ok(());
        }
        for row in self.0.store.unfinished_accounts()? {
            let Ok(Some(_lock)) = self.try_lock_account(row.identity()) else { continue };
            // Whoever held the lock may have come to the end since.
            match self.0.store.account(&row.id) {
                Ok(now) if now.state == row.state => {}
                Ok(_) | Err(_) => continue,
            }
            if let Err(error) = self.recover_account(&row).await {
                tracing::warn!(code = %error.code(), "an account is recovered later");
                if matches!(error.code(), Code::KeychainLocked | Code::KeychainAbsent) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Under the account's lock: what a sign-out was to end at the provider is kept before its
    /// token goes.
    async fn recover_account(&self, row: &AccountRow) -> Result<()> {
        self.store_pending_revocation(row).await?;
        self.remove_here(row).await
    }

    /// Removes the verifiers and nonces of attempts that are over. Whether the keychain opens, as
    /// far as it was asked: one that does not is asked once, since each time may take minutes.
    pub(super) async fn clear_attempts(&self) -> bool {
        let mut opens = true;
        for row in self.0.store.uncleared(self.now()).unwrap_or_default() {
            if row.storage == TokenStorage::Keychain && !opens {
                continue;
            }
            let name = attempt_item(&row.hash);
            match self.vault(row.storage, move |vault| vault.delete(&name)).await {
                Ok(()) => {
                    let _ = self.0.store.cleared(&row.hash);
                }
                Err(VaultError::Locked | VaultError::Absent) => opens = false,
                Err(_) => {}
            }
        }
        opens
    }

    /// Sessions that were to end with a run have ended with it; the profiles stay.
    pub(super) fn end_sessions_of_dead_runs(&self) -> Result<()> {
        for (id, owner) in self.0.store.run_owned()? {
            if !ProcessLock::is_alive(&self.0.home, &owner) {
                self.0.store.end_session(&id, Some(&owner))?;
            }
        }
        Ok(())
    }
}
