//! Revocations that could not be sent yet. The token is in the keychain under the row's id.

use rusqlite::{Row, Transaction, params};

use super::Store;
use super::accounts::Identity;
use crate::error::Result;

/// An unsent revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRow {
    /// Id of the row and name of the keychain item.
    pub id: String,
    /// The provider's id.
    pub provider: String,
    /// [`Identity::digest`] of the account.
    pub identity: String,
    /// [`Identity::client`] of the account.
    pub client: String,
    /// When it is given up, in seconds since 1970.
    pub until: i64,
}

impl Store {
    /// Adds a revocation, or extends that of the same account; whether it was added or extended.
    pub fn add_revocation(&self, row: &RevocationRow) -> Result<bool> {
        let added = self.execute(
            "INSERT INTO revocations (id, provider, until, identity, client) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE excluded.until > until",
            params![row.id, row.provider, row.until, row.identity, row.client],
        )?;
        Ok(added > 0)
    }

    /// The unsent revocations, oldest first.
    pub fn revocations(&self) -> Result<Vec<RevocationRow>> {
        self.read(|c| {
            let mut statement = c.prepare(
                "SELECT id, provider, until, identity, client FROM revocations ORDER BY rowid",
            )?;
            statement.query_map([], revocation)?.collect()
        })
    }

    /// Whether a revocation is still to be sent; it may have been given up since it was read.
    pub fn is_to_be_revoked(&self, id: &str, now: i64) -> Result<bool> {
        self.read(|c| {
            let known = "SELECT EXISTS (SELECT 1 FROM revocations WHERE id = ?1 AND until > ?2)";
            c.query_row(known, params![id, now], |row| row.get(0))
        })
    }

    /// Deletes a revocation.
    pub fn drop_revocation(&self, id: &str) -> Result<()> {
        self.execute("DELETE FROM revocations WHERE id = ?1", [id]).map(drop)
    }
}

/// Gives up the revocation of an account that signs in again, because many providers would end the
/// new session too. The row expires at once and is deleted like any expired one, so that the
/// keychain item is deleted even after a crash.
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
