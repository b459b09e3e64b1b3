//! Sign-out and recovery: accounts between the writes of a sign-in or sign-out, and the reset.

use rusqlite::params;

use super::Store;
use super::accounts::{AccountRow, PendingSignOut, SELECT, account_row};
use crate::error::Result;
use crate::ids::AccountId;

impl Store {
    /// First write of a sign-out: hides the account and stores what to revoke, so that recovery can
    /// finish it; `None` if nothing is to be revoked.
    pub fn begin_removing(&self, id: &AccountId, pending: Option<PendingSignOut>) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE accounts SET state = 'removing', sign_out_scope = ?2, sign_out_since = ?3 WHERE id = ?1",
                params![
                    id.as_str(),
                    pending.map(|pending| pending.scope.as_str()),
                    pending.map(|pending| pending.since)
                ],
            )
        })?;
        Ok(())
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

    /// Accounts between two writes of a sign-in or sign-out.
    pub fn unfinished_accounts(&self) -> Result<Vec<AccountRow>> {
        self.read(|c| {
            let mut statement =
                c.prepare(&format!("{SELECT} WHERE state IN ('storing', 'removing')"))?;
            statement.query_map([], account_row)?.collect()
        })
    }

    /// Whether there is anything to recover.
    pub fn needs_recovery(&self, now: i64) -> Result<bool> {
        self.read(|c| {
            c.query_row(
                "SELECT EXISTS (SELECT 1 FROM accounts WHERE state IN ('storing', 'removing'))
                     OR EXISTS (SELECT 1 FROM attempts
                                    WHERE NOT cleared AND (outcome IS NOT NULL OR expires_at <= ?1))",
                [now],
                |row| row.get(0),
            )
        })
    }

    /// Whether rows other than accounts have keychain items: pending sign-ins, unsent revocations,
    /// registered clients and client secrets.
    pub fn has_other_items(&self) -> Result<bool> {
        self.read(|c| {
            c.query_row(
                "SELECT EXISTS (SELECT 1 FROM attempts WHERE NOT cleared AND storage = 'keychain')
                 OR EXISTS (SELECT 1 FROM revocations)
                 OR EXISTS (SELECT 1 FROM registered_clients WHERE storage = 'keychain')
                 OR EXISTS (SELECT 1 FROM settings WHERE name LIKE 'client.%')",
                [],
                |row| row.get(0),
            )
        })
    }

    /// Deletes every row.
    pub fn reset(&self) -> Result<()> {
        self.write(|t| {
            t.execute_batch("DELETE FROM users; DELETE FROM accounts; DELETE FROM attempts; DELETE FROM revocations; DELETE FROM registered_clients; DELETE FROM named_servers; DELETE FROM settings;")
        })?;
        // The write-ahead log and the free pages still have the deleted rows.
        self.read(|c| {
            c.execute_batch(
                "PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
            )
        })
    }
}
