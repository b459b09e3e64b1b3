//! Grants that could not be revoked yet. The token itself is in the vault, under the row's id.

use rusqlite::{Row, Transaction, params};

use super::Store;
use super::accounts::Identity;
use crate::error::Result;

/// A grant that is left to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRow {
    /// Also the name of its vault entry.
    pub id: String,
    /// The provider entry's id.
    pub provider: String,
    /// [`Identity::digest`] of the account.
    pub identity: String,
    /// The client of that identity.
    pub client: String,
    /// When it is given up.
    pub until: i64,
}

impl Store {
    /// Notes a grant that is left to be revoked, if it is not noted already; whether it was new.
    /// A later one of the same account takes the place of an earlier.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn add_revocation(&self, row: &RevocationRow) -> Result<bool> {
        let added = self.write(|t| {
            t.execute(
                "INSERT INTO revocations (id, provider, until, identity, client) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE excluded.until > until",
                params![row.id, row.provider, row.until, row.identity, row.client],
            )
        })?;
        Ok(added > 0)
    }

    /// What is left to be revoked.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn revocations(&self) -> Result<Vec<RevocationRow>> {
        self.read(|c| {
            let mut statement = c.prepare(
                "SELECT id, provider, until, identity, client FROM revocations ORDER BY rowid",
            )?;
            statement.query_map([], revocation)?.collect()
        })
    }

    /// Whether one is still to be sent; it may have been given up since it was read.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_to_be_revoked(&self, id: &str, now: i64) -> Result<bool> {
        self.read(|c| {
            let known = "SELECT EXISTS (SELECT 1 FROM revocations WHERE id = ?1 AND until > ?2)";
            c.query_row(known, params![id, now], |row| row.get(0))
        })
    }

    /// Forgets one that was revoked, or given up.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn drop_revocation(&self, id: &str) -> Result<()> {
        self.write(|t| t.execute("DELETE FROM revocations WHERE id = ?1", [id]))?;
        Ok(())
    }
}

/// Gives up what was to be revoked of whoever signs in again: many providers end everything of the
/// person with it, the new session too. What is given up is removed like what is too old, so that a
/// crash or a locked keychain in between costs nothing.
pub(super) fn give_up(t: &Transaction<'_>, identity: Identity<'_>) -> rusqlite::Result<()> {
    t.execute(
        "UPDATE revocations SET until = 0 WHERE identity = ?1 AND client = ?2",
        params![identity.digest(), identity.client],
    )?;
    Ok(())
}

fn revocation(row: &Row<'_>) -> rusqlite::Result<RevocationRow> {
    Ok(RevocationRow {
        id: row.get(0)?,
        provider: row.get(1)?,
        until: row.get(2)?,
        identity: row.get(3)?,
        client: row.get(4)?,
    })
}
