//! What users named besides a provider, such as a server or a handle.

use rusqlite::params;

use super::Store;
use crate::error::Result;

/// How many names are kept for each provider.
const KEPT: i64 = 5;

impl Store {
    /// Notes a server name that a sign-in used.
    pub fn note_named_server(&self, provider: &str, name: &str, now: i64) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO named_servers (provider, name, used_at) VALUES (?1, ?2, ?3)",
                params![provider, name, now],
            )?;
            t.execute(
                "DELETE FROM named_servers WHERE provider = ?1 AND rowid NOT IN
                 (SELECT rowid FROM named_servers WHERE provider = ?1 ORDER BY used_at DESC, rowid DESC LIMIT ?2)",
                params![provider, KEPT],
            )
        })?;
        Ok(())
    }

    /// The names that were used at a provider, the last one first.
    pub fn named_servers(&self, provider: &str) -> Result<Vec<String>> {
        self.read(|c| {
            let mut statement = c.prepare(
                "SELECT name FROM named_servers WHERE provider = ?1 ORDER BY used_at DESC, rowid DESC",
            )?;
            statement.query_map([provider], |row| row.get(0))?.collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::store::tests::store;

    #[test]
    fn the_last_names_are_offered_again() {
        let (_dir, _home, store) = store();
        for (now, name) in (0..).zip(["a", "b", "c", "d", "e", "f", "b"]) {
            store.note_named_server("mastodon", name, now).unwrap();
        }
        store.note_named_server("oidc", "z", 9).unwrap();
        assert_eq!(store.named_servers("mastodon").unwrap(), ["b", "f", "e", "d", "c"]);
        assert_eq!(store.named_servers("oidc").unwrap(), ["z"]);
    }
}
