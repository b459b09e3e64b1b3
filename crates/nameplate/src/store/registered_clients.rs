//! Clients that registered themselves at a server (RFC 7591).

use native_oauth::provider::TokenEndpointAuthMethod;
use rusqlite::{OptionalExtension, Row, params};

use super::Store;
use crate::error::Result;
use crate::vault::TokenStorage;

/// A client that a server has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredClientRow {
    /// Id of the row and name of the keychain item with its secrets.
    pub id: String,
    /// The provider's id.
    pub provider: String,
    /// The issuer that registered it.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// How it authenticates at the token endpoint.
    pub auth: TokenEndpointAuthMethod,
    /// Its redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The scopes that it may request; empty if the server said nothing.
    pub scopes: Vec<String>,
    /// Where its secrets are; `None` if it has none.
    pub storage: Option<TokenStorage>,
    /// Where it is deleted (RFC 7592, section 3).
    pub management_url: Option<String>,
    /// Time of the registration, in seconds since 1970.
    pub registered_at: i64,
    /// When its secret expires, in seconds since 1970.
    pub expires_at: Option<i64>,
}

impl Store {
    /// Adds a client, in the place of a former one at the same issuer.
    pub fn add_registered_client(&self, row: &RegisteredClientRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO registered_clients (id, provider, issuer, client_id, auth, redirect_uris, scopes,
                 storage, management_url, registered_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                row.id, row.provider, row.issuer, row.client_id, row.auth.as_str(),
                row.redirect_uris.join(" "), row.scopes.join(" "),
                row.storage.map(TokenStorage::as_str), row.management_url, row.registered_at,
                row.expires_at
            ],
        )
        .map(drop)
    }

    /// The client of a provider at an issuer.
    pub fn registered_client(
        &self,
        provider: &str,
        issuer: &str,
    ) -> Result<Option<RegisteredClientRow>> {
        self.read(|c| {
            let query = format!("{SELECT} WHERE provider = ?1 AND issuer = ?2");
            c.query_row(&query, [provider, issuer], client).optional()
        })
    }

    /// Every such client, oldest first.
    pub fn registered_clients(&self) -> Result<Vec<RegisteredClientRow>> {
        self.read(|c| {
            c.prepare(&format!("{SELECT} ORDER BY rowid"))?.query_map([], client)?.collect()
        })
    }

    /// Deletes a client.
    pub fn drop_registered_client(&self, id: &str) -> Result<()> {
        self.execute("DELETE FROM registered_clients WHERE id = ?1", [id]).map(drop)
    }
}

const SELECT: &str = "SELECT id, provider, issuer, client_id, auth, redirect_uris, scopes, storage, management_url, registered_at, expires_at FROM registered_clients";

fn client(row: &Row<'_>) -> rusqlite::Result<RegisteredClientRow> {
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    Ok(RegisteredClientRow {
        id: row.get(0)?,
        provider: row.get(1)?,
        issuer: row.get(2)?,
        client_id: row.get(3)?,
        auth: TokenEndpointAuthMethod::parse(&row.get::<_, String>(4)?),
        redirect_uris: words(row.get(5)?),
        scopes: words(row.get(6)?),
        storage: row.get::<_, Option<String>>(7)?.map(|text| TokenStorage::parse(&text)),
        management_url: row.get(8)?,
        registered_at: row.get(9)?,
        expires_at: row.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    /// A client belongs to one issuer: another issuer's is another client.
    #[test]
    fn a_client_is_known_by_provider_and_issuer() {
        let (_dir, _home, store) = store();
        let row = |id: &str, issuer: &str| RegisteredClientRow {
            id: id.to_owned(),
            provider: "oidc".to_owned(),
            issuer: issuer.to_owned(),
            client_id: format!("client of {issuer}"),
            auth: TokenEndpointAuthMethod::ClientSecretPost,
            redirect_uris: vec!["http://127.0.0.1/callback/x".to_owned(), "x:/y".to_owned()],
            scopes: vec!["profile".to_owned()],
            storage: Some(TokenStorage::Memory),
            management_url: Some("https://id.example/c".to_owned()),
            registered_at: 7,
            expires_at: Some(9),
        };
        let (first, other) = (row("1", "https://a.example"), row("2", "https://b.example"));
        store.add_registered_client(&first).unwrap();
        store.add_registered_client(&other).unwrap();
        let known = |issuer: &str| store.registered_client("oidc", issuer).unwrap();
        assert_eq!(known("https://a.example"), Some(first));
        assert_eq!(known("https://c.example"), None);
        assert_eq!(store.registered_client("mastodon", "https://a.example").unwrap(), None);
        let second = row("3", "https://a.example");
        store.add_registered_client(&second).unwrap();
        assert_eq!(store.registered_clients().unwrap(), [other.clone(), second]);
        store.drop_registered_client("3").unwrap();
        assert_eq!(store.registered_clients().unwrap(), [other]);
    }
}
