//! Sign-out: its first and its last write.

use rusqlite::params;

use super::Store;
use super::accounts::PendingSignOut;
use crate::error::Result;
use crate::ids::AccountId;

impl Store {
    /// First write of a sign-out: hides the account and stores what to revoke, so that recovery can
    /// finish it; `None` if nothing is to be revoked.
    pub fn begin_removing(&self, id: &AccountId, pending: Option<PendingSignOut>) -> Result<()> {
        self.execute(
            "UPDATE accounts SET state = 'removing', sign_out_scope = ?2, sign_out_since = ?3 WHERE id = ?1",
            params![
                id.as_str(),
                pending.map(|pending| pending.scope.as_str()),
                pending.map(|pending| pending.since)
            ],
        )
        .map(drop)
    }

    /// Last write of a sign-out, and the way to undo [`Store::reserve`]: deletes the account, and a
    /// user without accounts.
    pub fn remove(&self, id: &AccountId) -> Result<()> {
        self.write(|t| {
            t.execute("DELETE FROM accounts WHERE id = ?1", [id.as_str()])?;
            t.execute("DELETE FROM users WHERE id NOT IN (SELECT user FROM accounts)", [])?;
            // These outcomes quote the account's name.
            t.execute(
                "UPDATE attempts SET outcome = json_remove(outcome, '$.failed.detail')
                 WHERE json_extract(outcome, '$.failed.code') IN ('other_account', 'account_elsewhere')",
                [],
            )
        })?;
        self.checkpoint()
    }

    /// Checkpoints the write-ahead log, which still has the deleted rows. A reader in another
    /// process may prevent that; then a later checkpoint does it.
    fn checkpoint(&self) -> Result<()> {
        self.read(|c| c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);"))
    }
}
