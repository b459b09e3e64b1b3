//! Revocation of a grant, at once or within a week.

use std::sync::Arc;

use native_oauth::dpop::PresentedToken;
use native_oauth::provider::Revocation;
use native_oauth::revocation::{RevocationOutcome, TokenTypeHint};
use native_oauth::{Client, ErrorKind};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::session::Session;
use crate::store::{AccountRow, PendingSignOut, RevocationRow};
use crate::user::SignOutScope;
use crate::vault::{TokenStorage, VaultError};
use crate::{account_storage, provider_client};

/// How long an unsent revocation is tried again, in seconds (S46).
const WEEK: i64 = 7 * 24 * 60 * 60;

/// The keychain item of an unsent revocation.
#[derive(Serialize, Deserialize)]
struct Unsent {
    session: Session,
    revocation: Revocation,
    /// Whether the grant is revoked, and only an access token is left.
    rest: bool,
}

/// Result of a revocation that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// Everything is revoked.
    All,
    /// The grant is revoked; the access token could not be revoked yet.
    AllButAccessToken,
    /// The provider has no endpoint.
    NoEndpoint,
}

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
    /// If the vault fails: then nothing may be removed yet.
    pub(crate) async fn revoke(
        &self,
        row: &AccountRow,
        pending: PendingSignOut,
    ) -> Result<RevocationResult> {
        let revocation = match self.revocation_for(row, pending.scope) {
            Ok(Some(revocation)) => revocation,
            Ok(None) => return Ok(not_revoked(row, pending.scope, Code::RevokeUnavailable)),
            Err(error) => return Ok(RevocationResult::Failed(error)),
        };
        let Some(text) = self.context.vaults.find(row.storage(), row.id.as_str()).await? else {
            return Ok(RevocationResult::Done);
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

    /// Stores the revocation of an interrupted sign-out, so that the account can be removed. Sends
    /// nothing, so that the client does not wait for the provider.
    pub(crate) async fn store_interrupted(&self, row: &AccountRow) -> Result<()> {
        let pending =
            row.pending_sign_out.filter(|pending| pending.since + WEEK > self.context.now());
        let Some(pending) = pending else { return Ok(()) };
        let Ok(Some(revocation)) = self.revocation_for(row, pending.scope) else { return Ok(()) };
        let Some(session) = account_storage::session(&self.context, row.storage(), &row.id).await?
        else {
            return Ok(());
        };
        match self.store_unsent(row, Unsent { session, revocation, rest: false }, pending).await {
            Err(_) if row.storage() == TokenStorage::Memory => Ok(()),
            stored => stored,
        }
    }

    /// How the grant is revoked, if at all.
    ///
    /// # Errors
    /// [`Code::NotSetUp`] if a provider to disconnect from is not configured any more.
    fn revocation_for(&self, row: &AccountRow, scope: SignOutScope) -> Result<Option<Revocation>> {
        if row.is_local() {
            return Ok(None);
        }
        let config = self.context.config();
        match scope {
            SignOutScope::Here => Ok(config
                .ready(&row.provider)
                .ok()
                .and_then(|entry| entry.oauth.provider.revocations.sign_out)),
            SignOutScope::Everywhere => match config.entry(&row.provider) {
                Ok(entry) => Ok(entry.oauth.provider.revocations.disconnect),
                Err(_) => Err(Error::new(Code::NotSetUp)),
            },
        }
    }

    /// Stores the row, then the keychain item. An account has one revocation at most, so that an
    /// interrupted call does not leave two.
    async fn store_unsent(
        &self,
        account: &AccountRow,
        unsent: Unsent,
        pending: PendingSignOut,
    ) -> Result<()> {
        let row = RevocationRow {
            id: format!("revoking.{}", account.id),
            provider: account.provider.clone(),
            identity: account.identity().digest(),
            client: account.client.clone(),
            until: pending.since + WEEK,
        };
        let new = self.context.store.add_revocation(&row)?;
        let text = serde_json::json!(unsent).to_string().into();
        match self.context.vaults.put(TokenStorage::Keychain, &row.id, text).await {
            // Another process may have deleted the row while the item was missing.
            Ok(()) => self.context.store.add_revocation(&row).map(drop),
            Err(error) => {
                if new {
                    self.context.store.drop_revocation(&row.id)?;
                }
                Err(error.into())
            }
        }
    }

    /// Sends the unsent revocations, and deletes the expired ones.
    pub(crate) async fn send_unsent(&self) -> Result<()> {
        let _sending = self.sending.lock().await;
        for row in self.context.store.revocations()? {
            if self.is_over(&row)? || self.send(&row).await {
                self.delete(&row).await?;
            }
        }
        Ok(())
    }

    /// Deletes the revocations that were given up because the user signed in again.
    pub(crate) async fn delete_given_up(&self) -> Result<()> {
        for row in
            self.context.store.revocations()?.iter().filter(|row| row.until <= self.context.now())
        {
            self.delete(row).await?;
        }
        Ok(())
    }

    /// Deletes the keychain item, then the row. A keychain error leaves both for the next time.
    async fn delete(&self, row: &RevocationRow) -> Result<()> {
        match self.context.vaults.delete(TokenStorage::Keychain, &row.id).await {
            Ok(()) => self.context.store.drop_revocation(&row.id),
            Err(_) => Ok(()),
        }
    }

    /// Whether a revocation has expired or was given up; read again, because the user may have
    /// signed in meanwhile.
    fn is_over(&self, row: &RevocationRow) -> Result<bool> {
        Ok(!self.context.store.is_to_be_revoked(&row.id, self.context.now())?)
    }

    /// The providers with unsent revocations, including those of interrupted sign-outs.
    pub(crate) fn unsent(&self) -> Vec<String> {
        let mut left = self.context.store.revocations().unwrap_or_default();
        left.retain(|row| row.until > self.context.now());
        let interrupted = self.context.store.unfinished_accounts().unwrap_or_default();
        let unsent = interrupted.into_iter().filter(|row| {
            let scope = row.pending_sign_out.map(|pending| pending.scope);
            scope.is_some_and(|scope| matches!(self.revocation_for(row, scope), Ok(Some(_))))
        });
        left.into_iter().map(|row| row.provider).chain(unsent.map(|row| row.provider)).collect()
    }

    /// Sends a revocation; whether it is done.
    async fn send(&self, row: &RevocationRow) -> bool {
        let text = match self.context.vaults.get(TokenStorage::Keychain, &row.id).await {
            Ok(text) => text,
            Err(error) => return error == VaultError::NotFound,
        };
        let Ok(mut unsent) = serde_json::from_str::<Unsent>(text.expose_secret()) else {
            self.context
                .notices
                .set_refused_revocation(Error::new(Code::RevokeTokenLost).at(&row.provider));
            return true;
        };
        // Opening the keychain may have taken minutes.
        if self.is_over(row).unwrap_or(false) {
            return true;
        }
        let former = unsent.session.clone();
        let sent = self.request(&row.provider, &mut unsent.session, unsent.revocation).await;
        match sent {
            Ok(Sent::All | Sent::NoEndpoint) => return true,
            Ok(Sent::AllButAccessToken) => unsent.rest = true,
            Err(refusal) if refusal.code().is_final() => {
                if !unsent.rest {
                    self.context
                        .notices
                        .set_refused_revocation(final_refusal(&refusal).at(&row.provider));
                }
                return true;
            }
            Err(_) => {}
        }
        if unsent.session.differs_from(&former) {
            // The former tokens are invalid and could not revoke anything next time.
            let text = serde_json::json!(unsent).to_string().into();
            let _ = self.context.vaults.put(TokenStorage::Keychain, &row.id, text).await;
        }
        false
    }

    /// Sends a revocation request. `session` is updated if it had to be refreshed, also after an
    /// error.
    async fn request(
        &self,
        provider: &str,
        session: &mut Session,
        how: Revocation,
    ) -> Result<Sent> {
        let entry = provider_client::bound_entry(
            &self.context,
            provider,
            session,
            &["revocation_endpoint"],
        )
        .await?;
        // The metadata may be unreachable; the session has the endpoint of the sign-in.
        let endpoint = entry.oauth.endpoints.revocation.clone();
        let Some(endpoint) = endpoint.or_else(|| session.revocation_endpoint()) else {
            return Ok(Sent::NoEndpoint);
        };
        let client = provider_client::client(&self.context, &entry).await?;
        match how {
            // Revokes the access tokens as well.
            Revocation::Token => {
                let token = session.refresh_token().unwrap_or_else(|| session.access_token());
                client.end_authorization(how, &endpoint, PresentedToken::bearer(&token)).await?;
                Ok(Sent::All)
            }
            Revocation::EachToken => self.revoke_each(&client, session, &endpoint).await,
            Revocation::AccessToken
            | Revocation::Bearer
            | Revocation::BearerLogout
            | Revocation::BearerDelete
            | Revocation::ApplicationGrant
            | Revocation::ApplicationToken => self
                .revoke_with_access_token(&client, session, how, &endpoint)
                .await
                .map(|()| Sent::All),
        }
    }

    /// Revokes the refresh token, then the access token, which many servers leave valid (RFC 7009,
    /// section 2.1). An error of the second does not change the result of the first. A server may
    /// refuse to revoke refresh tokens and still revoke access tokens.
    async fn revoke_each(
        &self,
        client: &Client,
        session: &mut Session,
        endpoint: &Url,
    ) -> Result<Sent> {
        let access = session.access_token();
        // Without its key a server may still revoke.
        let key = session.key().unwrap_or_default();
        let presented = |token| PresentedToken { token, key: key.as_ref() };
        let Some(refresh) = session.refresh_token() else {
            client.revoke(endpoint, TokenTypeHint::AccessToken, presented(&access)).await?;
            return Ok(Sent::All);
        };
        let ended = client.revoke(endpoint, TokenTypeHint::RefreshToken, presented(&refresh)).await;
        match &ended {
            Ok(()) => *session = session.without_refresh_token(),
            Err(error) if error.kind().is_final() => {}
            Err(error) => return Err(error.clone().into()),
        }
        let rest = match session.is_usable(self.context.now()) {
            true => client.revoke(endpoint, TokenTypeHint::AccessToken, presented(&access)).await,
            false => Ok(()),
        };
        ended?;
        Ok(match rest {
            Err(error) if !error.kind().is_final() => Sent::AllButAccessToken,
            Ok(()) | Err(_) => Sent::All,
        })
    }

    /// Revokes with a request that needs a valid access token. A grant that is invalid already
    /// counts as revoked.
    async fn revoke_with_access_token(
        &self,
        client: &Client,
        session: &mut Session,
        how: Revocation,
        endpoint: &Url,
    ) -> Result<()> {
        let key = session.key()?;
        if session.is_usable(self.context.now())
            && client.end_authorization(how, endpoint, session.tokens()?.presented()).await?
                == RevocationOutcome::Revoked
        {
            return Ok(());
        }
        // Needs a new access token.
        let Some(refresh_token) = session.refresh_token() else { return Ok(()) };
        match client.refresh(&refresh_token, key.as_ref()).await {
            Ok(tokens) => {
                if let Err(refused) = tokens.check() {
                    *session = session.rotated(&tokens).unwrap_or_else(|| session.clone());
                    return Err(refused.into());
                }
                *session = session.renewed(&tokens, client.config(), self.context.now())?;
                match client.end_authorization(how, endpoint, tokens.presented()).await? {
                    RevocationOutcome::Revoked => Ok(()),
                    RevocationOutcome::TokenInvalid => Err(Error::new(Code::ProviderRefused)),
                }
            }
            Err(error) if error.kind() == ErrorKind::SessionEnded => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The error to show until a revocation is sent.
fn later(error: &Error) -> Error {
    match (error.code(), error.words()) {
        (Code::SessionForeign, Some(setting)) => Error::new(Code::RevokeForeign).detail(setting),
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
    Error::new(Code::RevokeRefused).detail(refusal.words().unwrap_or_default())
}
