//! What an interrupted run left behind is finished or undone, when the keychain is next opened
//! for something else.

use super::begin::attempt_entry;
use super::{Login, Owner};
use crate::error::Result;
use crate::user::AccountState;
use crate::vault::{Keep, VaultError};

impl Login {
    /// Finishes or undoes what stands between two of the three writes, by the row's id.
    pub(super) async fn settle(&self) -> Result<()> {
        self.clear_attempts().await;
        for (id, state) in self.0.store.unsettled()? {
            let name = id.to_string();
            let gone = self.vault(Keep::Keychain, move |vault| vault.delete(&name)).await;
            match (state, gone) {
                (_, Ok(())) | (AccountState::Storing, Err(VaultError::Absent)) => {
                    self.0.store.remove(&id)?
                }
                (_, Err(error)) => tracing::warn!(%error, "a row is settled later"),
            }
        }
        Ok(())
    }

    /// Removes the verifiers and nonces of attempts that are over.
    pub(super) async fn clear_attempts(&self) {
        let Ok(rows) = self.0.store.uncleared(self.now()) else { return };
        for row in rows {
            let name = attempt_entry(&row.hash);
            if self.vault(row.keep, move |vault| vault.delete(&name)).await.is_ok() {
                let _ = self.0.store.cleared(&row.hash);
            }
        }
    }

    /// Sessions that were to end with a run have ended with it; the profiles stay.
    pub(super) fn end_sessions_of_dead_runs(&self) -> Result<()> {
        for (id, owner) in self.0.store.run_owned()? {
            if !Owner::is_alive(&self.0.home, &owner) {
                self.0.store.mark(&id, AccountState::NeedsSignIn)?;
            }
        }
        Ok(())
    }
}
