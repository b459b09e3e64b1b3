//! The row and the keychain item of a sign-in attempt. The item holds the PKCE verifier and the
//! nonce, or the device code.

use secrecy::SecretString;

use crate::context::Context;
use crate::error::Result;
use crate::store::AttemptRow;
use crate::vault::{TokenStorage, VaultError};

/// Stores an attempt before the browser opens (S50). If the vault refuses the secrets, the row is
/// removed again.
pub(crate) async fn add(context: &Context, row: &AttemptRow, secrets: SecretString) -> Result<()> {
    context.store.add_attempt(row, context.now())?;
    let stored = context.vaults.put_new(row.storage, &item(&row.hash), secrets).await;
    if stored.is_err() {
        context.store.drop_attempt(&row.hash)?;
    }
    Ok(stored?)
}

/// The stored secrets of an attempt.
pub(crate) async fn secrets(
    context: &Context,
    row: &AttemptRow,
) -> Result<Option<SecretString>, VaultError> {
    context.vaults.find(row.storage, &item(&row.hash)).await
}

/// Deletes the secrets of attempts that have ended. Returns whether the keychain could be opened, as
/// far as it was needed: a locked one is tried only once, since each try may take minutes.
pub(crate) async fn clear_ended(context: &Context) -> bool {
    let mut opens = true;
    for row in context.store.uncleared(context.now()).unwrap_or_default() {
        if row.storage == TokenStorage::Keychain && !opens {
            continue;
        }
        match context.vaults.delete(row.storage, &item(&row.hash)).await {
            Ok(()) => {
                let _ = context.store.cleared(&row.hash);
            }
            Err(VaultError::Locked | VaultError::Absent) => opens = false,
            Err(_) => {}
        }
    }
    opens
}

fn item(hash: &str) -> String {
    format!("attempt.{hash}")
}
