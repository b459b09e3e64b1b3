//! The row and the keychain item of a client that registered itself at a server.

use native_oauth::client_registration::RegisteredClient;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::Entry;
use crate::context::Context;
use crate::error::Result;
use crate::store::RegisteredClientRow;
use crate::vault::{TokenStorage, VaultError};

/// The secrets of a registered client, stored as JSON in one keychain item.
#[derive(Serialize, Deserialize)]
pub(crate) struct Secrets {
    pub(crate) client_secret: Option<String>,
    /// RFC 7592, section 3.
    pub(crate) registration_access_token: Option<String>,
}

/// Stores the secrets before the row, and deletes them if the row cannot be stored.
pub(crate) async fn add(
    context: &Context,
    entry: &Entry,
    made: &RegisteredClient,
    storage: TokenStorage,
) -> Result<RegisteredClientRow> {
    let owned = |secret: &SecretString| secret.expose_secret().to_owned();
    let secrets = Secrets {
        client_secret: made.credentials.secret.as_ref().map(owned),
        registration_access_token: made.management.as_ref().map(|access| owned(&access.token)),
    };
    let is_secret = secrets.client_secret.is_some() || secrets.registration_access_token.is_some();
    let row = RegisteredClientRow {
        id: item_name(),
        provider: entry.oauth.id.clone(),
        issuer: entry.oauth.issuer.clone(),
        client_id: made.credentials.id.clone(),
        auth: made.auth,
        redirect_uris: made.redirect_uris.clone(),
        scopes: made.scopes.clone(),
        storage: is_secret.then_some(storage),
        management_url: made.management.as_ref().map(|access| access.url.to_string()),
        registered_at: context.now(),
        expires_at: made.secret_expires_at,
    };
    if is_secret {
        let text = serde_json::json!(secrets).to_string().into();
        context.vaults.put_new(storage, &row.id, text).await?;
    }
    if let Err(error) = context.store.add_registered_client(&row) {
        let _ = delete_secrets(context, &row).await;
        return Err(error);
    }
    Ok(row)
}

fn item_name() -> String {
    format!("registration.{}", Uuid::new_v4())
}

/// Moves the secrets of a client from memory to the keychain, where a session of it is stored.
pub(crate) async fn move_to_keychain(context: &Context, row: &RegisteredClientRow) -> Result<()> {
    if row.storage != Some(TokenStorage::Memory) {
        return Ok(());
    }
    let Some(secrets) = context.vaults.find(TokenStorage::Memory, &row.id).await? else {
        return Ok(());
    };
    // A name of its own: a write that is given up deletes its item when it completes late.
    let moved = RegisteredClientRow {
        id: item_name(),
        storage: Some(TokenStorage::Keychain),
        ..row.clone()
    };
    context.vaults.put_new(TokenStorage::Keychain, &moved.id, secrets).await?;
    if let Err(error) = context.store.add_registered_client(&moved) {
        let _ = delete_secrets(context, &moved).await;
        return Err(error);
    }
    delete_secrets(context, row).await
}

/// The secret of the entry's client, if it has one.
pub(crate) async fn client_secret(
    context: &Context,
    entry: &Entry,
) -> Result<Option<SecretString>> {
    let row = context.store.registered_client(&entry.oauth.id, &entry.oauth.issuer)?;
    let Some((row, storage)) = row.and_then(|row| row.storage.map(|storage| (row, storage))) else {
        return Ok(None);
    };
    let secrets = secrets(context, storage, &row).await?;
    Ok(secrets.and_then(|secrets| secrets.client_secret).map(SecretString::from))
}

/// The secrets of a client in a vault.
pub(crate) async fn secrets(
    context: &Context,
    storage: TokenStorage,
    row: &RegisteredClientRow,
) -> Result<Option<Secrets>> {
    let text = context.vaults.find(storage, &row.id).await?;
    Ok(text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()))
}

/// Deletes the secrets of a client. Without a keychain there are none.
pub(crate) async fn delete_secrets(context: &Context, row: &RegisteredClientRow) -> Result<()> {
    let Some(storage) = row.storage else { return Ok(()) };
    match context.vaults.delete(storage, &row.id).await {
        Err(VaultError::Absent) => Ok(()),
        deleted => Ok(deleted?),
    }
}
