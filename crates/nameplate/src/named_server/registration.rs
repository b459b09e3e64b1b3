//! The client of a server that a user named: it registers itself once (RFC 7591), and again if the
//! server has forgotten it.

use native_oauth::Client;
use native_oauth::client_registration::{RegisteredClient, RegistrationManagement};
use native_oauth::hex::hex;
use native_oauth::provider::{RedirectMethod, ServerInput, TokenEndpointAuthMethod};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::account_storage::{is_session_elsewhere, wait_for_lock};
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::lock::FileLock;
use crate::server_entry::with_registered_client;
use crate::store::{AccountRow, RegisteredClientRow};
use crate::vault::TokenStorage;
use crate::{client_storage, redirect_uris};

/// The entry with its client: the one that is registered already, if its server still knows it, else
/// a new one.
///
/// # Errors
/// If the server registers none, or vault or database fail.
pub(super) async fn registered(
    context: &Context,
    entry: Entry,
    storage: TokenStorage,
) -> Result<Entry> {
    let (provider, issuer) = (entry.oauth.id.clone(), entry.oauth.issuer.clone());
    let _lock = lock(context, &provider, &issuer).await?;
    let former = context.store.registered_client(&provider, &issuer)?;
    if let Some(row) = &former {
        let known = with_registered_client(entry.clone(), row);
        if is_usable(context, &known, row).await? {
            if storage == TokenStorage::Keychain {
                client_storage::move_to_keychain(context, row).await?;
            }
            return Ok(known);
        }
        tracing::info!(provider, "a client is registered again");
    }
    let uris = redirect_uris::to_register(&context.home, &entry);
    let client = Client::new(context.http_for(&entry).clone(), entry.oauth.clone());
    let made = client.registration().register(&context.home.identity().name, &uris).await?;
    check_not_of_another(context, &entry, &made)?;
    let row = client_storage::add(context, &entry, &made, storage).await?;
    if let Some(former) = former {
        client_storage::delete_secrets(context, &former).await?;
    }
    Ok(with_registered_client(entry, &row))
}

/// Keeps the client of an entry from being deleted by a sign-out ([`drop_unused`]) while the result
/// lives; `None` if the entry's client did not register itself.
///
/// # Errors
/// [`Code::ClientForgotten`] if it was deleted since the entry was resolved.
pub(crate) async fn hold(context: &Context, entry: &Entry) -> Result<Option<FileLock>> {
    if !registers_itself(entry) {
        return Ok(None);
    }
    let (provider, issuer) = (&entry.oauth.id, &entry.oauth.issuer);
    let lock = lock(context, provider, issuer).await?;
    let row = context.store.registered_client(provider, issuer)?;
    let ours = |row: &RegisteredClientRow| {
        entry.oauth.client.as_ref().is_some_and(|client| client.id == row.client_id)
    };
    match row.as_ref().is_some_and(ours) {
        true => Ok(Some(lock)),
        false => Err(Error::new(Code::ClientForgotten)),
    }
}

async fn lock(context: &Context, provider: &str, issuer: &str) -> Result<FileLock> {
    let digest = Sha256::new().chain_update(provider).chain_update([0]).chain_update(issuer);
    let name = format!("client-{}.lock", hex(&digest.finalize()[..8]));
    wait_for_lock(context, context.home.locks().join(name), Code::StoreBusy).await
}

/// Whether a client can be used: its secret is here and has not expired, and the server has not
/// forgotten it. A user would learn that in the browser only.
async fn is_usable(context: &Context, entry: &Entry, row: &RegisteredClientRow) -> Result<bool> {
    if row.expires_at.is_some_and(|at| at <= context.now()) {
        return Ok(false);
    }
    let secrets = match row.storage {
        Some(storage) => match client_storage::secrets(context, storage, row).await {
            Ok(Some(secrets)) => Some(secrets),
            // What is missing is the token to delete the client with.
            Ok(None) if row.auth == TokenEndpointAuthMethod::None => None,
            Ok(None) if storage == TokenStorage::Memory && is_client_elsewhere(context, row)? => {
                return Err(Error::new(Code::SessionElsewhere));
            }
            Ok(None) => return Ok(false),
            // A sign-in that is not saved registers another client, unless an account has tokens of
            // this one, to which the keychain may come back.
            Err(error) if error.code() == Code::KeychainAbsent && !has_account(context, row)? => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        },
        None => None,
    };
    let mut oauth = entry.oauth.clone();
    if let Some(client) = &mut oauth.client {
        client.secret = secrets.and_then(|secrets| secrets.client_secret).map(SecretString::from);
    }
    let redirect_uri = redirect_uris::of_method(&context.home, entry, RedirectMethod::Manual)?;
    let client = Client::new(context.http_for(entry).clone(), oauth);
    Ok(client.registration().is_registered(&redirect_uri).await?)
}

/// Whether an account is at the server of the client.
fn has_account(context: &Context, row: &RegisteredClientRow) -> Result<bool> {
    Ok(!accounts_of(context, row)?.is_empty())
}

/// Whether another process has a session of the client in memory, and so its secret as well.
fn is_client_elsewhere(context: &Context, row: &RegisteredClientRow) -> Result<bool> {
    let accounts = accounts_of(context, row)?;
    Ok(accounts.iter().any(|account| is_session_elsewhere(context, account)))
}

fn accounts_of(context: &Context, row: &RegisteredClientRow) -> Result<Vec<AccountRow>> {
    let mut accounts = context.store.accounts()?;
    accounts.retain(|one| one.provider == row.provider && one.issuer == row.issuer);
    Ok(accounts)
}

/// An error of a client that registered itself. No console has that client: the next sign-in
/// registers another one.
pub(crate) fn error_of_client(entry: &Entry, error: Error) -> Error {
    let is_of_client = matches!(
        error.code(),
        Code::ClientRefused
            | Code::ClientUnknown
            | Code::RedirectRefused
            | Code::SecretMissing
            | Code::SecretRefused
            | Code::SecretUnwanted
    );
    match registers_itself(entry) && is_of_client {
        true => error.with_code(Code::ClientForgotten),
        false => error,
    }
}

/// Whether the client of an entry registers itself, at a server that a user named.
pub(crate) fn registers_itself(entry: &Entry) -> bool {
    let input = entry.oauth.provider.server_input;
    entry.server.is_some() && matches!(input, ServerInput::Issuer | ServerInput::Server)
}

/// A client id says which client a code is for. One that another server gave, or that is configured
/// for another provider, would let this server speak to people in that client's name.
fn check_not_of_another(context: &Context, entry: &Entry, made: &RegisteredClient) -> Result<()> {
    let id = &made.credentials.id;
    let registered = context.store.registered_clients()?;
    let elsewhere =
        registered.iter().any(|row| row.client_id == *id && row.issuer != entry.oauth.issuer);
    let config = context.config();
    let clients = |entry: &Entry| {
        let both = [entry.oauth.client.as_ref(), entry.device_client.as_ref()];
        both.into_iter().flatten().any(|client| client.id == *id)
    };
    match elsewhere || config.entries().iter().any(clients) {
        true => Err(Error::new(Code::ClientOfAnother)),
        false => Ok(()),
    }
}

/// Deletes every registration at its server, where the server lets clients do that (RFC 7592). What
/// fails is left there: the client is of no use without what is deleted here.
pub(crate) async fn unregister_all(context: &Context) {
    for row in context.store.registered_clients().unwrap_or_default() {
        if let Err(error) = unregister(context, &row).await {
            tracing::info!(provider = row.provider, code = %error.code(), "a client stays registered");
        }
    }
}

/// Deletes the client of an issuer at which no account is left, if the server lets clients do that
/// (RFC 7592). Any other one stays for the next sign-in, since it would stay registered there.
pub(crate) async fn drop_unused(context: &Context, provider: &str, issuer: &str) -> Result<()> {
    let Some(row) = context.store.registered_client(provider, issuer)? else { return Ok(()) };
    let _lock = lock(context, provider, issuer).await?;
    let used = has_account(context, &row)?;
    let unfinished = context.store.unfinished(context.now())?;
    let awaited = unfinished.iter().any(|row| row.provider == provider && row.issuer == issuer);
    // A revocation is sent by the client that the tokens were issued to.
    let revoking = context.store.revocations()?.iter().any(|row| row.provider == provider);
    if used || awaited || revoking || row.management_url.is_none() {
        return Ok(());
    }
    unregister(context, &row).await?;
    client_storage::delete_secrets(context, &row).await?;
    context.store.drop_registered_client(&row.id)
}

async fn unregister(context: &Context, row: &RegisteredClientRow) -> Result<()> {
    let (Some(url), Some(storage)) = (&row.management_url, row.storage) else { return Ok(()) };
    let token = client_storage::secrets(context, storage, row).await?;
    let token = token.and_then(|secrets| secrets.registration_access_token);
    let (Some(token), Ok(url)) = (token, url.parse()) else { return Ok(()) };
    let entry = context.entry(&row.provider, &row.issuer)?;
    let client = Client::new(context.http_for(&entry).clone(), entry.oauth);
    let management = RegistrationManagement { url, token: token.into() };
    Ok(client.registration().unregister(&management).await?)
}
