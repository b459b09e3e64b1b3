//! Accounts on their way out: what leaving them is to end, and how they and everybody else go.

use rusqlite::params;

use super::Store;
use super::accounts::{AccountRow, SELECT, account_row};
use crate::error::Result;
use crate::user::{AccountId, SignOutScope};

/// What a person wants ended with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingSignOut {
    /// How far it goes.
    pub scope: SignOutScope,
    /// When the person said so, in seconds since 1970.
    pub since: i64,
}

impl Store {
    /// First write of a sign-out: the account is not shown any more, and with it stands what the
    /// person wants ended, so that whoever finishes it tells the provider; `None` where nobody is
    /// to be told.
    ///
    /// # Errors
    /// Where the database fails.
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

    /// Last write of a sign-out, and how a reserved row is undone: the account is gone, and with
    /// its last account the person.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn remove(&self, id: &AccountId) -> Result<()> {
        self.write(|t| {
            t.execute("DELETE FROM accounts WHERE id = ?1", [id.as_str()])?;
            t.execute("DELETE FROM users WHERE id NOT IN (SELECT user FROM accounts)", [])?;
            // A sign-in that somebody else came back from quotes names.
            t.execute(
                "UPDATE attempts SET outcome = json_remove(outcome, '$.failed.detail')
                 WHERE json_extract(outcome, '$.failed.code') IN ('somebody_else', 'account_elsewhere')",
                [],
            )
        })?;
        self.fold_in()
    }

    /// What was deleted still stands in the write-ahead log until it is folded in. A reader in
    /// another process may hold that up; then the next one does it.
    fn fold_in(&self) -> Result<()> {
        self.read(|c| c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);"))
    }

    /// Accounts found between two of the three writes.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn unfinished_accounts(&self) -> Result<Vec<AccountRow>> {
        self.read(|c| {
            let mut statement =
                c.prepare(&format!("{SELECT} WHERE state IN ('storing', 'removing')"))?;
            statement.query_map([], account_row)?.collect()
        })
    }

    /// Whether no interrupted run left anything to settle.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_settled(&self, now: i64) -> Result<bool> {
        self.read(|c| {
            c.query_row(
                "SELECT NOT EXISTS (SELECT 1 FROM accounts WHERE state IN ('storing', 'removing'))
                    AND NOT EXISTS (SELECT 1 FROM attempts
                                    WHERE NOT cleared AND (outcome IS NOT NULL OR expires_at <= ?1))",
                [now],
                |row| row.get(0),
            )
        })
    }

    /// Whether rows other than accounts have entries in the keychain: sign-ins that wait, grants
    /// that are left to be revoked, and clients' secrets.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn has_other_items(&self) -> Result<bool> {
        self.read(|c| {
            c.query_row(
                "SELECT EXISTS (SELECT 1 FROM attempts WHERE NOT cleared AND storage = 'keychain')
                 OR EXISTS (SELECT 1 FROM revocations)
                 OR EXISTS (SELECT 1 FROM settings WHERE name LIKE 'client.%')",
                [],
                |row| row.get(0),
            )
        })
    }

    /// Forgets everybody.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn reset(&self) -> Result<()> {
        self.write(|t| {
            t.execute_batch("DELETE FROM users; DELETE FROM accounts; DELETE FROM attempts; DELETE FROM revocations; DELETE FROM settings;")
        })?;
        // What was deleted still stands in the write-ahead log until it is folded in.
        self.read(|c| {
            c.execute_batch(
                "PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
            )
        })
    }
}

/// Reads both columns of a row.
pub(super) fn pending(scope: Option<String>, since: Option<i64>) -> Option<PendingSignOut> {
    Some(PendingSignOut { scope: SignOutScope::parse(&scope?)?, since: since? })
}
