//! Recovery: finishes or undoes interrupted sign-ins and sign-outs. It runs when the keychain is
//! opened for something else.

use super::Login;
use super::begin::attempt_item;
use super::process_lock::ProcessLock;
use crate::error::{Code, Result};
use crate::store::AccountRow;
use crate::vault::{TokenStorage, VaultError};

impl Login {
    /// Recovers accounts between two writes, and sends the unsent revocations in the background. An
    /// account whose lock is held is left to the process that is writing.
    pub(super) async fn recover(&self) -> Result<()> {
        self.recover_accounts().await?;
        // The caller does not wait for the provider.
        let login = self.clone();
        tokio::spawn(async move { login.revoke_unsent().await });
        Ok(())
    }

    /// Recovers accounts, if there are any to recover; sends no revocations.
    pub(super) async fn recover_if_needed(&self) {
        let recovered = match self.0.store.needs_recovery(self.now()) {
            Ok(false) => return,
            Ok(true) => self.recover_accounts().await,
            Err(error) => Err(error),
        };
        if let Err(error) = recovered {
            tracing::warn!(code = %error.code(), "recovery is tried again later");
        }
    }

    async fn recover_accounts(&self) -> Result<()> {
        if !self.clear_attempts().await {
            return Ok(());
        }
        for row in self.0.store.unfinished_accounts()? {
            let Ok(Some(_lock)) = self.try_lock_account(row.identity()) else { continue };
            // The former holder of the lock may have finished.
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

    /// Stores the revocation of an interrupted sign-out, then removes the account. The caller holds
    /// the account's lock.
    async fn recover_account(&self, row: &AccountRow) -> Result<()> {
        self.store_pending_revocation(row).await?;
        self.remove_account(row).await
    }

    /// Deletes the secrets of attempts that are over. False if the keychain does not open; it is
    /// then asked only once, because each attempt may take minutes.
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

    /// Ends the sessions in memory of processes that have ended; the profiles stay.
    pub(super) fn end_sessions_of_dead_runs(&self) -> Result<()> {
        for (id, owner) in self.0.store.run_owned()? {
            if !ProcessLock::is_alive(&self.0.home, &owner) {
                self.0.store.end_session(&id, Some(&owner))?;
            }
        }
        Ok(())
    }
}
