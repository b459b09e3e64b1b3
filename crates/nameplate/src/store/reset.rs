//! The reset of the database.

use super::Store;
use crate::error::Result;

impl Store {
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
