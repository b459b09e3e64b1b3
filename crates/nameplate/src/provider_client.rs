//! The OAuth client of a configured provider: its metadata and its secret.

use native_oauth::{Client, discovery};
use secrecy::SecretString;

use crate::client_storage;
use crate::config::Entry;
use crate::context::Context;
use crate::error::Result;
use crate::server_entry::check_endpoints;
use crate::stored_session::Session;
use crate::vault::{TokenStorage, VaultError};

/// An entry with the metadata of its issuer (OpenID Connect Discovery); unchanged if it needs none.
pub(crate) async fn discovered(context: &Context, entry: &Entry) -> Result<Entry> {
    let oauth = discovery::complete(context.http_for(entry), &entry.oauth).await?;
    let entry = Entry { oauth, ..entry.clone() };
    check_endpoints(&entry)?;
    Ok(entry)
}

/// The entry with metadata, restricted to what [`Session::bound`] allows.
pub(crate) async fn bound_entry(
    context: &Context,
    provider: &str,
    session: &Session,
    needed: &[&str],
) -> Result<Entry> {
    let entry = context.ready(provider, session.issuer())?;
    session.check_issuer(&entry)?;
    let entry = discovered(context, &entry).await?;
    session.bound(entry.of_client(session.client()), needed)
}

/// The client of an entry, with its secret.
pub(crate) async fn client(context: &Context, entry: &Entry) -> Result<Client> {
    let secret = client_secret(context, entry).await?;
    let mut oauth = entry.oauth.clone();
    if let Some(client) = &mut oauth.client {
        client.secret = secret;
    }
    Ok(Client::new(context.http_for(entry).clone(), oauth))
}

/// The configured secret, else the one in the keychain.
pub(crate) async fn client_secret(
    context: &Context,
    entry: &Entry,
) -> Result<Option<SecretString>> {
    let client = entry.oauth.client()?;
    if client.secret.is_some() {
        return Ok(client.secret.clone());
    }
    if entry.server.is_some() {
        return client_storage::client_secret(context, entry).await;
    }
    // The database knows whether there is one, so that no keychain is opened for nothing.
    if !has_secret_in_keychain(context, &entry.oauth.id, &client.id) {
        return Ok(None);
    }
    let name = secret_item(&entry.oauth.id, &client.id);
    match context.vaults.get(TokenStorage::Keychain, &name).await {
        Ok(secret) => Ok(Some(secret)),
        Err(VaultError::NotFound | VaultError::Absent) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the keychain has the secret of a client; opens no item.
pub(crate) fn has_secret_in_keychain(context: &Context, provider: &str, client_id: &str) -> bool {
    let name = secret_item(provider, client_id);
    context.store.client_secrets().is_ok_and(|stored| stored.contains(&name))
}

/// The name of the keychain item with the secret of a client.
pub(crate) fn secret_item(provider: &str, client_id: &str) -> String {
    format!("client.{provider}.{client_id}")
}
