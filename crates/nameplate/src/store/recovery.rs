//! What interrupted sign-ins and sign-outs left, for `recovery`.

use super::Store;
use super::accounts::{AccountRow, SELECT, account_row};
use crate::error::Result;

impl Store {
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
}
