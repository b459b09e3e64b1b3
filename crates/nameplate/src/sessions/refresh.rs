//! The refresh of a session by its refresh token (RFC 6749, section 6), by one process at a time: the
//! account's lock is held (`account_storage.rs`), and who waits for it finds the new session.

use native_oauth::jws::KeySet;
use native_oauth::provider::IdToken;
use native_oauth::token_response::TokenResponse;
use native_oauth::{Client, signing_keys};
use secrecy::SecretString;

use super::{RefreshPolicy, Sessions};
use crate::account::AccountState;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::named_server::registration;
use crate::store::AccountRow;
use crate::stored_session::Session;
use crate::{account_storage, failpoint, provider_client};

/// The response to a refresh request, not yet checked.
struct Refreshed {
    client: Client,
    /// The issuer's keys, where the response may have an id_token.
    keys: Option<KeySet>,
    tokens: TokenResponse,
}

impl Sessions {
    /// The stored session if it is fresh and not the one that was `seen`, else a renewed one.
    pub(super) async fn stored_or_renewed(
        &self,
        row: &AccountRow,
        seen: Option<Session>,
        policy: RefreshPolicy,
    ) -> Result<Session> {
        // Serialized across processes: the second one finds the result of the first.
        let _lock = account_storage::lock(&self.context, row.identity()).await?;
        self.check_still_active(row)?;
        let stored = self.stored_session(row).await?;
        self.check_key(row, &stored)?;
        let newer = seen.is_none_or(|seen| stored.differs_from(&seen));
        if newer && stored.is_fresh(self.context.now()) {
            return Ok(stored);
        }
        self.renew(row, stored, policy).await
    }

    /// Called with the account's lock. The account may have been signed out before.
    fn check_still_active(&self, row: &AccountRow) -> Result<()> {
        match self.context.store.account(&row.id) {
            Ok(now) if now.state == AccountState::Active => Ok(()),
            Err(error) if error.code() != Code::UnknownAccount => Err(error),
            Ok(_) | Err(_) => Err(Error::new(Code::NeedsSignIn)),
        }
    }

    /// Ends a session whose tokens are bound to a key that is lost. Called with the account's lock.
    ///
    /// # Errors
    /// [`Code::SessionKeyLost`]; nothing was sent.
    fn check_key(&self, row: &AccountRow, session: &Session) -> Result<()> {
        let Err(lost) = session.binding() else { return Ok(()) };
        match account_storage::end_session(&self.context, row) {
            Err(ended) if ended.code() != Code::NeedsSignIn => Err(ended),
            Ok(()) | Err(_) => Err(lost),
        }
    }

    /// Refreshes the session. Called with the account's lock.
    async fn renew(
        &self,
        row: &AccountRow,
        session: Session,
        policy: RefreshPolicy,
    ) -> Result<Session> {
        let Some(refresh_token) = session.refresh_token() else {
            return match (session.is_usable(self.context.now()), policy) {
                (true, RefreshPolicy::WhenNeeded) => Ok(session),
                (true, RefreshPolicy::Always) => Err(Error::new(Code::NoRefreshToken)),
                (false, _) => account_storage::end_session(&self.context, row),
            };
        };
        // Read after the request, which may take longer than the token is valid.
        let may_use =
            || policy == RefreshPolicy::WhenNeeded && session.is_usable(self.context.now());
        match self.refresh(row, &session, &refresh_token).await {
            Ok(response) => match self.store_refreshed(row, &session, response).await {
                Err(refused) if refused.code() == Code::TokenTypeRefused && may_use() => {
                    Ok(session)
                }
                stored => stored,
            },
            Err(error) if error.code() == Code::SessionEnded => {
                account_storage::end_session(&self.context, row)
            }
            Err(error) if error.code() == Code::SessionForeign => {
                match self.is_of_former_client(row, &session) {
                    true => account_storage::end_session(&self.context, row),
                    false => Err(error),
                }
            }
            // The refresh failed. The session stays, and its token can be used until it expires.
            Err(_) if may_use() => Ok(session),
            Err(error) => Err(error),
        }
    }

    /// The provider's response to a refresh request.
    async fn refresh(
        &self,
        row: &AccountRow,
        session: &Session,
        refresh_token: &SecretString,
    ) -> Result<Refreshed> {
        let entry = self.bound_entry(row, session, &[]).await?;
        let client = provider_client::client(&self.context, &entry).await?;
        self.context.http_for(&entry).check_retry_after(entry.oauth.token_endpoint()?)?;
        // The keys first, because the refresh token may be used only once.
        let keys = match may_have_id_token(&entry, session) {
            true => Some(signing_keys::fetch(&client).await?),
            false => None,
        };
        let tokens = client.refresh(refresh_token, &session.binding()?).await;
        let tokens = tokens.map_err(|error| registration::error_of_client(&entry, error.into()))?;
        failpoint::hit();
        Ok(Refreshed { client, keys, tokens })
    }

    /// Checks the tokens and stores them; only then they are used (S42).
    async fn store_refreshed(
        &self,
        row: &AccountRow,
        session: &Session,
        Refreshed { client, keys, tokens }: Refreshed,
    ) -> Result<Session> {
        let account = (row.issuer.as_str(), row.subject.as_str());
        let checked = tokens.check_refreshed(&client, keys, account, session.nonce()).await;
        if let Err(refused) = checked.map_err(Error::from) {
            // The refresh token may have been rotated. Tokens of another subject are not stored
            // (S45), as far as the subject was read: a type that is refused is refused before.
            let rotated = session.rotated(&tokens);
            let rotated = rotated.filter(|_| refused.code() != Code::UserinfoMismatch);
            if let Some(rotated) = rotated {
                account_storage::put_session(&self.context, row, &rotated).await?;
            }
            return Err(refused);
        }
        let renewed = session.renewed(&tokens, client.config(), self.context.now())?;
        account_storage::put_session(&self.context, row, &renewed).await?;
        self.context.store.set_expiry(&row.id, renewed.lifetime())?;
        tracing::info!(provider = row.provider, "renewed an access token");
        Ok(renewed)
    }

    /// Whether the session belongs to a client that its server has forgotten, so that another one was
    /// registered there. No setting would bring it back.
    fn is_of_former_client(&self, row: &AccountRow, session: &Session) -> bool {
        let entry = self.context.entry(&row.provider, session.issuer());
        entry.is_ok_and(|entry| {
            let client = entry.oauth.client();
            registration::registers_itself(&entry)
                && client.is_ok_and(|client| client.id != session.client())
        })
    }
}

/// Whether a refresh may bring an id_token: only with the scope `openid` (OpenID Connect Core,
/// section 3.1.2.1). It is verified (S45), and not read otherwise.
fn may_have_id_token(entry: &Entry, session: &Session) -> bool {
    entry.oauth.provider.id_token != IdToken::Never
        && session.scopes.iter().any(|scope| scope == "openid")
}
