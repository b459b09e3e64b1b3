//! Grants that could not be revoked yet. The token itself is in the vault, under the row's id.

use rusqlite::{Row, params};

use super::Store;
use crate::error::Result;

/// A grant that is left to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRow {
    /// Also the name of its vault entry.
    pub id: String,
    /// The provider entry's id.
    pub provider: String,
    /// When it is given up.
    pub until: i64,
}

impl Store {
    /// Notes a grant that is left to be revoked, if it is not noted already; whether it was new.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn add_revocation(&self, row: &RevocationRow) -> Result<bool> {
        let added = self.write(|t| {
            t.execute(
                "INSERT OR IGNORE INTO revocations (id, provider, until) VALUES (?1, ?2, ?3)",
                params![row.id, row.provider, row.until],
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
            let mut statement =
                c.prepare("SELECT id, provider, until FROM revocations ORDER BY rowid")?;
            statement.query_map([], revocation)?.collect()
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

fn revocation(row: &Row<'_>) -> rusqlite::Result<RevocationRow> {
    Ok(RevocationRow { id: row.get(0)?, provider: row.get(1)?, until: row.get(2)? })
}
