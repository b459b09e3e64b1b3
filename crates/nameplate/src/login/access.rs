//! A valid access token, whenever asked: renewed ahead of its end, by one process at a time, and
//! given to all who wait.

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

/// An access token, as it is given to whoever calls a provider with it.
#[derive(Debug)]
pub struct AccessToken {
    /// The token: a secret of the person.
    pub token: SecretString,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it expires, in seconds since 1970, where the provider said so.
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
    /// [`Code::NeedsSignIn`] where the session is over; then the profile stays.
    /// [`Code::NoRefreshToken`] where a new one is wanted and nothing can bring it. Where the
    /// provider cannot be reached and the token is over, why it cannot; the session stays too.
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
        // Not found without the lock may only mean that another process is writing.
        let seen = self.session(row.storage(), &row.id).await?;
        if let Some(seen) = seen.as_ref().filter(|seen| seen.is_fresh(self.now()))
            && policy == RefreshPolicy::WhenNeeded
        {
            return Ok(seen.clone());
        }
        // One at a time, across processes: whoever comes second finds the first one's result.
        let _lock = self.lock_account(row.identity()).await?;
        self.check_still_active(row)?;
        let stored = self.stored_session(row).await?;
        let newer = seen.is_none_or(|seen| stored.differs_from(&seen));
        if newer && stored.is_fresh(self.now()) {
            return Ok(stored);
        }
        self.renew(row, stored, policy).await
    }

    /// Under the account's lock: it may have been signed out of, or forgotten, before.
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
            // What another program keeps for its own run is not ours to end.
            None if self.is_session_elsewhere(row) => Err(Error::new(Code::NeedsSignIn)),
            None => self.end_session(row),
        }
    }

    /// Whether another program has the session, for its own run.
    pub(super) fn is_session_elsewhere(&self, row: &AccountRow) -> bool {
        row.owner.as_ref().is_some_and(|owner| *owner != self.0.owner.id)
    }

    /// Renews under the account's lock.
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
            // A provider out of reach ends nothing, and a token that still works is good enough.
            Err(_) if policy == RefreshPolicy::WhenNeeded && session.is_usable(self.now()) => {
                Ok(session)
            }
            Err(error) => Err(error),
        }
    }

    /// The provider as it is set up now, if it is the one that gave the session, with the endpoints
    /// that the session may be sent to. Where a setting differs nothing changes, so that the
    /// session is good again once the setting is put back.
    ///
    /// # Errors
    /// [`Code::SessionForeign`] names the setting.
    pub(super) async fn entry_of(
        &self,
        row: &AccountRow,
        session: &Session,
        needed: &[&str],
    ) -> Result<Entry> {
        match self.bound_entry(&row.provider, session, needed).await {
            Err(error) if error.code() == Code::SessionForeign => {
                // Another program may have set the provider up anew and signed in since.
                self.follow_config();
                self.bound_entry(&row.provider, session, needed).await
            }
            bound => bound,
        }
    }

    /// The entry of a provider with its metadata, as [`Session::bound`] restricts it.
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
        // The keys first: what is out of reach now shall not cost the refresh token.
        let keys = match speaks_of_a_person(entry, session) {
            true => Some(client.signing_keys().await?),
            false => None,
        };
        let tokens = client.refresh(refresh_token).await?;
        failpoint::hit();
        let checked = client.check_refreshed(&tokens, keys, &row.subject, session.nonce()).await;
        if let Err(refused) = checked.map_err(Error::from) {
            // The refresh token that was sent may be spent by now. What was given to another person
            // is not kept at all (S45).
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

    /// The new one is kept before the old one is forgotten: one entry, replaced whole (S42).
    async fn put_session(&self, row: &AccountRow, session: &Session) -> Result<()> {
        let (name, text) = (row.id.to_string(), session.text());
        Ok(self.vault(row.storage(), move |vault| vault.put(&name, &text)).await?)
    }

    /// The session is over; the profile stays, and asks for a sign-in.
    fn end_session<T>(&self, row: &AccountRow) -> Result<T> {
        self.0.store.end_session(&row.id, row.owner.as_deref())?;
        tracing::info!(provider = row.provider, "a session has ended");
        self.tell(Event::Changed);
        Err(Error::new(Code::NeedsSignIn))
    }

    /// The provider calls a token dead that nothing can renew: the session is over, unless another
    /// process has since signed in anew.
    pub(super) async fn end_if_still(&self, row: &AccountRow, dead: &SecretString) -> Result<()> {
        let _lock = self.lock_account(row.identity()).await?;
        let stored = self.stored_session(row).await?;
        match stored.access_token().expose_secret() == dead.expose_secret() {
            true => self.end_session(row),
            false => Ok(()),
        }
    }

    /// What the vault holds for an account, if anything.
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

/// Whether a refresh may bring an id_token: one comes with the scope `openid` alone (OpenID
/// Connect Core, section 3.1.2.1). It is verified then (S45), and never read elsewhere.
fn speaks_of_a_person(entry: &Entry, session: &Session) -> bool {
    entry.oauth.provider.id_token != IdToken::Never
        && session.scopes.iter().any(|scope| scope == "openid")
}
