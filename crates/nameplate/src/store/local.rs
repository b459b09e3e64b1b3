//! Local profiles: found by their address, and unlocked.

use rusqlite::OptionalExtension;

use super::Store;
use crate::account::LOCAL_ISSUER;
use crate::error::Result;
use crate::ids::AccountId;

impl Store {
    /// The profile with this e-mail address, ignoring ASCII case.
    pub fn profile_at(&self, address: &str) -> Result<Option<AccountId>> {
        let id = self.read(|c| {
            c.query_row(
                "SELECT id FROM accounts WHERE issuer = ?1 AND lower(email) = lower(?2) AND state IN ('active', 'needs_sign_in')",
                [LOCAL_ISSUER, address],
                |row| row.get::<_, String>(0),
            )
            .optional()
        })?;
        Ok(id.map(AccountId::from))
    }

    /// Marks a profile as signed in; whether it still exists.
    pub fn enter(&self, id: &AccountId) -> Result<bool> {
        let entered = self.execute(
            "UPDATE accounts SET state = 'active' WHERE id = ?1 AND state IN ('active', 'needs_sign_in')",
            [id.as_str()],
        )?;
        Ok(entered > 0)
    }
}
