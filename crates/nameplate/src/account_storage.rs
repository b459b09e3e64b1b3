//! The row and the keychain item of an account, changed together under the account's lock.
//!
//! A new account is stored in three writes: the row as `storing`, the item, the row as `active`. A known
//! account, signed in again, is stored in two: the item, which is named by the account's id and replaced
//! as a whole, and the row, which stays `active`. An account is removed in three: the row as `removing`,
//! the item, no row. `recovery` undoes or finishes what was interrupted.

use std::io;
use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};
use crate::lock::FileLock;
use crate::store::{AccountRow, Identity, SignInRecord};
use crate::stored_session::Session;
use crate::vault::{TokenStorage, VaultError};

/// Waits for the account's lock, held while the account is stored, refreshed or removed.
pub(crate) async fn lock(context: &Context, identity: Identity<'_>) -> Result<FileLock> {
    wait_for_lock(context, lock_path(context, identity), Code::AccountBusy).await
}

/// The account's lock, unless another task or process holds it.
pub(crate) fn try_lock(context: &Context, identity: Identity<'_>) -> io::Result<Option<FileLock>> {
    FileLock::try_now(&lock_path(context, identity))
}

fn lock_path(context: &Context, identity: Identity<'_>) -> PathBuf {
    context.home.locks().join(format!("account-{}.lock", identity.digest()))
}

/// Waits for a file lock; a long wait is reported as `code`.
///
/// # Errors
/// [`Code::StoreFailed`] if the file cannot be locked.
pub(crate) async fn wait_for_lock(
    context: &Context,
    path: PathBuf,
    code: Code,
) -> Result<FileLock> {
    let locked = tokio::task::spawn_blocking(move || FileLock::wait(&path));
    let locked = context.waits.during(code, locked).await;
    locked
        .map_err(|error| Error::caused(Code::StoreFailed, error))?
        .map_err(|error| Error::caused(Code::StoreFailed, error))
}

/// The stored session, if there is one.
pub(crate) async fn session(
    context: &Context,
    storage: TokenStorage,
    id: &AccountId,
) -> Result<Option<Session>> {
    let text = context.vaults.find(storage, id.as_str()).await?;
    Ok(text.and_then(|text| Session::parse(&text)))
}

/// Replaces the stored session, after a refresh. The item is replaced as a whole, so that one of both
/// sessions is always there (S42). The caller holds the account's lock.
pub(crate) async fn put_session(
    context: &Context,
    row: &AccountRow,
    session: &Session,
) -> Result<()> {
    Ok(context.vaults.put(row.storage(), row.id.as_str(), session.text()).await?)
}

/// Whether the session is in the memory of another process.
pub(crate) fn is_session_elsewhere(context: &Context, row: &AccountRow) -> bool {
    row.owner.as_ref().is_some_and(|owner| *owner != context.process.id)
}

/// Marks the session as ended; the profile stays.
///
/// # Errors
/// [`Code::NeedsSignIn`], always.
pub(crate) fn end_session<T>(context: &Context, row: &AccountRow) -> Result<T> {
    context.store.end_session(&row.id, row.owner.as_deref())?;
    tracing::info!(provider = row.provider, "a session has ended");
    context.events.changed();
    Err(Error::new(Code::NeedsSignIn))
}

/// The last write of a new account. If its row is gone after a reset, its item is deleted.
pub(crate) async fn activate(
    context: &Context,
    storage: TokenStorage,
    id: &AccountId,
    record: &SignInRecord<'_>,
) -> Result<UserId> {
    let activated = context.store.activate(id, record);
    if activated.is_err() {
        let row = context.store.account(id);
        if row.is_err_and(|error| error.code() == Code::UnknownAccount) {
            context.vaults.delete(storage, id.as_str()).await?;
        }
    }
    activated
}

/// Removes the session, then the row. The caller holds the account's lock.
pub(crate) async fn remove(context: &Context, row: &AccountRow) -> Result<()> {
    context.vaults.delete(row.storage(), row.id.as_str()).await?;
    if row.storage() == TokenStorage::Memory {
        // The keychain may hold an earlier session. A locked keychain fails, so that the row stays
        // and with it the name of the item; without a keychain there is no item.
        match context.vaults.delete(TokenStorage::Keychain, row.id.as_str()).await {
            Ok(()) | Err(VaultError::Absent) => {}
            Err(error) => return Err(error.into()),
        }
    }
    context.store.remove(&row.id)?;
    context.events.changed();
    Ok(())
}
