//! Recovery: finishes or undoes interrupted sign-ins and sign-outs.
//!
//! It runs before an operation that opens the keychain, and not when a home is opened:
//! - before a sign-in,
//! - before a request for a token, also to read a profile (accounts only, no unsent revocations),
//! - before a local profile is created,
//! - when the window reads profiles again, if a revocation is unsent.
//!
//! When a home is opened, only `end_sessions_of_ended_processes` runs, which opens no keychain item.
//!
//! If the keychain is locked or absent, recovery stops, also for sessions in memory; the next such
//! operation tries again.
//!
//! A sign-in to a known account needs no recovery: it replaces the keychain item, which is named by the
//! account's id, so that after an interruption the row has the old session or the new one.

use std::sync::Arc;

use crate::context::Context;
use crate::error::{Code, Result};
use crate::process_lock::ProcessLock;
use crate::revocation::Revocations;
use crate::store::AccountRow;
use crate::{account_storage, attempt_storage};

/// Recovers what interrupted operations of any process left.
#[derive(Clone)]
pub(crate) struct Recovery {
    context: Arc<Context>,
    revocations: Revocations,
}

impl Recovery {
    pub(crate) fn new(context: Arc<Context>, revocations: Revocations) -> Self {
        Self { context, revocations }
    }

    /// Recovers accounts between two writes, and sends the unsent revocations in the background. An
    /// account whose lock is held is left to the process that is writing.
    pub(crate) async fn run(&self) -> Result<()> {
        self.recover_accounts().await?;
        // The caller does not wait for the provider.
        let revocations = self.revocations.clone();
        tokio::spawn(async move { revocations.send_unsent().await });
        Ok(())
    }

    /// Recovers accounts, if there are any to recover; sends no revocations.
    pub(crate) async fn run_if_needed(&self) {
        let recovered = match self.context.store.needs_recovery(self.context.now()) {
            Ok(false) => return,
            Ok(true) => self.recover_accounts().await,
            Err(error) => Err(error),
        };
        if let Err(error) = recovered {
            tracing::warn!(code = %error.code(), "recovery is tried again later");
        }
    }

    async fn recover_accounts(&self) -> Result<()> {
        if !attempt_storage::clear_ended(&self.context).await {
            return Ok(());
        }
        for row in self.context.store.unfinished_accounts()? {
            let Ok(Some(_lock)) = account_storage::try_lock(&self.context, row.identity()) else {
                continue;
            };
            // The former holder of the lock may have finished.
            match self.context.store.account(&row.id) {
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
        self.revocations.store_interrupted(row).await?;
        account_storage::remove(&self.context, row).await
    }

    /// Ends the sessions in memory of processes that have ended; the profiles stay.
    pub(crate) fn end_sessions_of_ended_processes(&self) -> Result<()> {
        for (id, owner) in self.context.store.run_owned()? {
            if !ProcessLock::is_alive(&self.context.home, &owner) {
                self.context.store.end_session(&id, Some(&owner))?;
            }
        }
        Ok(())
    }
}
