//! Access tokens: refreshed before their expiry by one process at a time.

use native_oauth::provider::IdToken;
use secrecy::{ExposeSecret, SecretString};

use super::Login;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::failpoint;
use crate::session::Session;
use crate::store::AccountRow;
use crate::user::{AccountId, AccountState};
use crate::vault::{TokenStorage, VaultError};

/// An access token, for requests to the provider.
#[derive(Debug)]
pub struct AccessToken {
    /// The token, which is a secret.
    pub token: SecretString,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Expiry, in seconds since 1970, if known.
    pub expires_at: Option<i64>,
}

/// When an access token is refreshed (RFC 6749, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// Only if it expires soon.
    WhenNeeded,
    /// In any case, where the provider allows it.
    Always,
}

impl Login {
    /// A valid access token of an account.
    ///
    /// # Errors
    /// [`Code::NeedsSignIn`] if the session has ended; the profile stays. [`Code::NoRefreshToken`]
    /// if a new token is required and there is no refresh token. The network error if the provider
    /// is not reachable and the token has expired; the session stays.
    pub async fn access_token(&self, account: &str, policy: RefreshPolicy) -> Result<AccessToken> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        let given =
            self.valid_session(&row, policy).await.map_err(|error| error.at(&row.provider))?;
        Ok(AccessToken {
            token: given.access_token(),
            expires_at: given.expires_at,
            scopes: given.scopes,
        })
    }

    pub(super) async fn valid_session(
        &self,
        row: &AccountRow,
        policy: RefreshPolicy,
    ) -> Result<Session> {
        if row.is_local() {
            return Err(Error::new(Code::NoAccessToken));
        }
        if row.state != AccountState::Active {
            return Err(Error::new(Code::NeedsSignIn));
        }
        self.recover_if_needed().await;
        // Without the lock, a missing item may be one that another process is writing.
        let seen = self.session(row.storage(), &row.id).await?;
        if let Some(seen) = seen.as_ref().filter(|seen| seen.is_fresh(self.now()))
            && policy == RefreshPolicy::WhenNeeded
        {
            return Ok(seen.clone());
        }
        // Serialized across processes: the second one finds the result of the first.
        let _lock = self.lock_account(row.identity()).await?;
        self.check_still_active(row)?;
        let stored = self.stored_session(row).await?;
        let newer = seen.is_none_or(|seen| stored.differs_from(&seen));
        if newer && stored.is_fresh(self.now()) {
            return Ok(stored);
        }
        self.renew(row, stored, policy).await
    }

    /// Called with the account's lock. The account may have been signed out before.
    fn check_still_active(&self, row: &AccountRow) -> Result<()> {
        match self.0.store.account(&row.id) {
            Ok(now) if now.state == AccountState::Active => Ok(()),
            Err(error) if error.code() != Code::UnknownAccount => Err(error),
            Ok(_) | Err(_) => Err(Error::new(Code::NeedsSignIn)),
        }
    }

    async fn stored_session(&self, row: &AccountRow) -> Result<Session> {
        match self.session(row.storage(), &row.id).await? {
            Some(session) => Ok(session),
            // The session is in another process's memory.
            None if self.is_session_elsewhere(row) => Err(Error::new(Code::NeedsSignIn)),
            None => self.end_session(row),
        }
    }

    /// Whether the session is in another process's memory.
    pub(super) fn is_session_elsewhere(&self, row: &AccountRow) -> bool {
        row.owner.as_ref().is_some_and(|owner| *owner != self.0.owner.id)
    }

    /// Refreshes the session. Called with the account's lock.
    async fn renew(
        &self,
        row: &AccountRow,
        session: Session,
        policy: RefreshPolicy,
    ) -> Result<Session> {
        let Some(refresh_token) = session.refresh_token() else {
            return match (session.is_usable(self.now()), policy) {
                (true, RefreshPolicy::WhenNeeded) => Ok(session),
                (true, RefreshPolicy::Always) => Err(Error::new(Code::NoRefreshToken)),
                (false, _) => self.end_session(row),
            };
        };
        match self.refresh(row, &session, &refresh_token).await {
            Ok(renewed) => Ok(renewed),
            Err(error) if error.code() == Code::SessionEnded => self.end_session(row),
            Err(foreign) if foreign.code() == Code::SessionForeign => Err(foreign),
            // A network error ends nothing, and a token that has not expired can be used.
            Err(_) if policy == RefreshPolicy::WhenNeeded && session.is_usable(self.now()) => {
                Ok(session)
            }
            Err(error) => Err(error),
        }
    }

    /// The provider's configuration for a session, with the endpoints that the session may be sent
    /// to. If a setting differs nothing is changed, so that the session can be used once it is
    /// restored.
    ///
    /// # Errors
    /// [`Code::SessionForeign`] with the setting.
    pub(super) async fn entry_of(
        &self,
        row: &AccountRow,
        session: &Session,
        needed: &[&str],
    ) -> Result<Entry> {
        match self.bound_entry(&row.provider, session, needed).await {
            Err(error) if error.code() == Code::SessionForeign => {
                // Another process may have set the provider up again and signed in.
                self.follow_config();
                self.bound_entry(&row.provider, session, needed).await
            }
            bound => bound,
        }
    }

    /// The configuration with its metadata, restricted by [`Session::bound`].
    pub(super) async fn bound_entry(
        &self,
        provider: &str,
        session: &Session,
        needed: &[&str],
    ) -> Result<Entry> {
        let config = self.config();
        let entry = config.ready(provider)?;
        session.check_issuer(entry)?;
        let entry = self.discovered(entry).await?;
        session.bound(entry.of_client(session.client()), needed)
    }

    async fn refresh(
        &self,
        row: &AccountRow,
        session: &Session,
        refresh_token: &SecretString,
    ) -> Result<Session> {
        let entry = &self.entry_of(row, session, &[]).await?;
        let client = self.client(entry).await?;
        self.0.http.check_retry_after(entry.oauth.token_endpoint()?)?;
        // The keys first, because the refresh token may be used only once.
        let keys = match speaks_of_a_person(entry, session) {
            true => Some(client.signing_keys().await?),
            false => None,
        };
        let tokens = client.refresh(refresh_token).await?;
        failpoint::hit();
        let checked = client.check_refreshed(&tokens, keys, &row.subject, session.nonce()).await;
        if let Err(refused) = checked.map_err(Error::from) {
            // The refresh token may have been rotated. Tokens of another subject are not stored
            // (S45).
            let rotated = session.rotated(&tokens);
            let rotated = rotated.filter(|_| refused.code() != Code::UserinfoMismatch);
            if let Some(rotated) = rotated {
                self.put_session(row, &rotated).await?;
            }
            return Err(refused);
        }
        let renewed = session.renewed(&tokens, client.config(), self.now())?;
        self.put_session(row, &renewed).await?;
        self.0.store.set_expiry(&row.id, renewed.expires_at)?;
        tracing::info!(provider = entry.oauth.id, "renewed an access token");
        Ok(renewed)
    }

    /// Replaces the keychain item, so that the new session is stored before the old one is lost
    /// (S42).
    async fn put_session(&self, row: &AccountRow, session: &Session) -> Result<()> {
        let (name, text) = (row.id.to_string(), session.text());
        Ok(self.vault(row.storage(), move |vault| vault.put(&name, &text)).await?)
    }

    /// Ends the session; the profile stays.
    fn end_session<T>(&self, row: &AccountRow) -> Result<T> {
        self.0.store.end_session(&row.id, row.owner.as_deref())?;
        tracing::info!(provider = row.provider, "a session has ended");
        self.tell(Event::Changed);
        Err(Error::new(Code::NeedsSignIn))
    }

    /// Ends the session after the provider refused its access token, unless another process has
    /// signed in again.
    pub(super) async fn end_if_still(&self, row: &AccountRow, dead: &SecretString) -> Result<()> {
        let _lock = self.lock_account(row.identity()).await?;
        let stored = self.stored_session(row).await?;
        match stored.access_token().expose_secret() == dead.expose_secret() {
            true => self.end_session(row),
            false => Ok(()),
        }
    }

    /// The stored session of an account.
    pub(super) async fn session(
        &self,
        storage: TokenStorage,
        id: &AccountId,
    ) -> Result<Option<Session>> {
        let name = id.to_string();
        match self.vault(storage, move |vault| vault.get(&name)).await {
            Ok(text) => Ok(Session::parse(&text)),
            Err(VaultError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a refresh may bring an id_token: only with the scope `openid` (OpenID Connect Core,
/// section 3.1.2.1). It is verified (S45), and not read otherwise.
fn speaks_of_a_person(entry: &Entry, session: &Session) -> bool {
    entry.oauth.provider.id_token != IdToken::Never
        && session.scopes.iter().any(|scope| scope == "openid")
}
