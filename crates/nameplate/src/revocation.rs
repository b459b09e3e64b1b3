//! Revocation of a grant, at once or within a week.

mod request;
mod unsent;

use std::sync::Arc;

use native_oauth::provider::Revocation;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::intent::SignOutScope;
use crate::store::{AccountRow, PendingSignOut};
use crate::stored_session::Session;
use crate::vault::TokenStorage;
use request::Sent;
use unsent::Unsent;

/// How long an unsent revocation is tried again, in seconds (S46).
const WEEK: i64 = 7 * 24 * 60 * 60;

/// Result of the revocation at sign-out.
pub(crate) enum RevocationResult {
    /// Revoked, or nothing to revoke.
    Done,
    /// To be sent within a week; the error to show.
    Later(Error),
    /// Refused, or not possible.
    Failed(Error),
}

/// Sends revocations, and stores those that could not be sent.
#[derive(Clone)]
pub(crate) struct Revocations {
    context: Arc<Context>,
    /// Held while stored revocations are sent, so that none is sent twice.
    sending: Arc<tokio::sync::Mutex<()>>,
}

impl Revocations {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, sending: Arc::default() }
    }

    /// Revokes, or stores the revocation to be sent later.
    ///
    /// # Errors
    /// If the vault fails or the configuration cannot be read: then nothing may be removed yet.
    pub(crate) async fn revoke(
        &self,
        row: &AccountRow,
        pending: PendingSignOut,
    ) -> Result<RevocationResult> {
        let revocation = match self.revocation_for(row, pending.scope)? {
            Ok(revocation) => revocation,
            Err(why) => return Ok(not_revoked(row, pending.scope, why)),
        };
        let Some(text) = self.context.vaults.find(row.storage(), row.id.as_str()).await? else {
            return Ok(not_revoked(row, pending.scope, Code::RevokeTokenLost));
        };
        // A damaged item: the grant stays valid, and there is no token to revoke it with.
        let Some(mut session) = Session::parse(&text) else {
            return Ok(not_revoked(row, pending.scope, Code::RevokeTokenLost));
        };
        let error = match self.request(&row.provider, &mut session, revocation).await {
            Ok(Sent::All) => return Ok(RevocationResult::Done),
            Ok(Sent::NoEndpoint) => {
                return Ok(not_revoked(row, pending.scope, Code::RevokeUnavailable));
            }
            Ok(Sent::AllButAccessToken) => {
                // The access token that is left expires within hours.
                let unsent = Unsent { session, revocation, rest: true };
                let _ = self.store_unsent(row, unsent, pending).await;
                return Ok(RevocationResult::Done);
            }
            Err(refusal) if refusal.code().is_final() => {
                return Ok(RevocationResult::Failed(final_refusal(&refusal)));
            }
            Err(error) => error,
        };
        tracing::info!(row.provider, code = %error.code(), "a grant is revoked later");
        match self.store_unsent(row, Unsent { session, revocation, rest: false }, pending).await {
            Ok(()) => Ok(RevocationResult::Later(later(&error))),
            // A session in memory cannot be revoked later.
            Err(_) if row.storage() == TokenStorage::Memory => Ok(RevocationResult::Failed(error)),
            Err(refused) => Err(refused),
        }
    }

    /// How the grant is revoked, or why it is not: [`Code::RevokeUnavailable`], or
    /// [`Code::RevokeNotSetUp`] if a provider to disconnect from is not configured any more.
    ///
    /// # Errors
    /// [`Code::ConfigUnreadable`] if that provider may be in a file that cannot be read.
    pub(crate) fn revocation_for(
        &self,
        row: &AccountRow,
        scope: SignOutScope,
    ) -> Result<Result<Revocation, Code>> {
        let config = self.context.config();
        let revocation = match scope {
            _ if row.is_local() => None,
            SignOutScope::Here => config
                .ready(&row.provider)
                .ok()
                .and_then(|entry| entry.oauth.provider.revocations.sign_out),
            SignOutScope::Everywhere => match config.entry(&row.provider) {
                Ok(entry) => entry.oauth.provider.revocations.disconnect,
                Err(error) if error.code() == Code::UnknownProvider => {
                    return Ok(Err(Code::RevokeNotSetUp));
                }
                Err(error) => return Err(error),
            },
        };
        Ok(revocation.ok_or(Code::RevokeUnavailable))
    }
}

/// The error to show until a revocation is sent.
fn later(error: &Error) -> Error {
    match (error.code(), error.detail()) {
        (Code::SessionForeign, Some(setting)) => {
            Error::new(Code::RevokeForeign).with_detail(setting)
        }
        _ => Error::new(Code::RevokeLater),
    }
}

/// The result if nothing can be sent; why is reported if the user asked for a revocation.
fn not_revoked(row: &AccountRow, scope: SignOutScope, why: Code) -> RevocationResult {
    match scope {
        SignOutScope::Everywhere if !row.is_local() => {
            RevocationResult::Failed(Error::new(why).at(&row.provider))
        }
        SignOutScope::Everywhere | SignOutScope::Here => RevocationResult::Done,
    }
}

/// The error of a final refusal, with the provider's message.
fn final_refusal(refusal: &Error) -> Error {
    Error::new(Code::RevokeRefused).with_detail(refusal.detail().unwrap_or_default())
}
