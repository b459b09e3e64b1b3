//! Access tokens: refreshed before their expiry by one process at a time.

mod refresh;

use std::sync::Arc;

use native_oauth::text;
use secrecy::{ExposeSecret, SecretString};

use crate::account::{AccountState, LastUse};
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::ids::AccountId;
use crate::recovery::Recovery;
use crate::store::AccountRow;
use crate::stored_session::{Session, TokenType};
use crate::{account_storage, provider_client};

/// Of a program's name, in characters.
const LONGEST_PROGRAM: usize = 60;

/// An access token, for requests to the provider.
#[derive(Debug)]
pub struct AccessToken {
    /// The token, which is a secret.
    pub token: SecretString,
    /// Its type. One that is bound to a key ([`TokenType::Dpop`]) can be used with that key alone,
    /// which does not leave the session.
    pub token_type: TokenType,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Expiry, in seconds since 1970, if known.
    pub expires_at: Option<i64>,
}

impl AccessToken {
    fn of(session: Session) -> Self {
        Self {
            token: session.access_token(),
            token_type: session.token_type,
            expires_at: session.expires_at,
            scopes: session.scopes,
        }
    }
}

/// When an access token is refreshed (RFC 6749, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// Only if it expires soon.
    WhenNeeded,
    /// In any case, where the provider allows it.
    Always,
}

/// The sessions of the accounts.
///
/// The tokens of a session are in the keychain, or in memory ([`TokenStorage`]). An access token is
/// refreshed before it expires, by one process at a time (RFC 6749, section 6). A rotated refresh
/// token is stored before the access token is returned (S42).
///
/// ```no_run
/// # async fn example(nameplate: nameplate::Nameplate, account: &str) -> nameplate::Result<()> {
/// use nameplate::{Reaction, RefreshPolicy};
///
/// match nameplate.sessions().access_token(account, RefreshPolicy::WhenNeeded).await {
///     Ok(token) => println!("{:?}, expires at {:?}", token.scopes, token.expires_at),
///     Err(error) => match error.reaction() {
///         Reaction::SignIn => println!("sign in again"),
///         Reaction::Wait => println!("offline, or busy; try again later"),
///         Reaction::Keychain => println!("unlock the keychain"),
///         _ => return Err(error),
///     },
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`TokenStorage`]: crate::TokenStorage
#[derive(Clone)]
pub struct Sessions {
    context: Arc<Context>,
    recovery: Recovery,
}

impl Sessions {
    pub(crate) fn new(context: Arc<Context>, recovery: Recovery) -> Self {
        Self { context, recovery }
    }

    /// A valid access token of an account.
    ///
    /// # Errors
    /// [`Code::NeedsSignIn`] if the session has ended; the profile stays. [`Code::SessionElsewhere`]
    /// if it is in the memory of another process. [`Code::NoRefreshToken`]
    /// if a new token is required and there is no refresh token. The network error if the provider
    /// is not reachable and the token has expired; the session stays.
    pub async fn access_token(&self, account: &str, policy: RefreshPolicy) -> Result<AccessToken> {
        let (_, session) = self.session_of(account, policy).await?;
        Ok(AccessToken::of(session))
    }

    /// The same for a request to an API that an app names for the provider. Refused if the client, the
    /// issuer or the token endpoint differ from those of the sign-in. Does not read the issuer's
    /// metadata.
    ///
    /// # Errors
    /// As [`Sessions::access_token`]; [`Code::SessionForeign`] with the setting that differs.
    pub async fn access_token_for_api(
        &self,
        account: &str,
        policy: RefreshPolicy,
    ) -> Result<AccessToken> {
        let (row, session) = self.session_of(account, policy).await?;
        let checked = self.unless_foreign(|| async {
            let entry = self.context.ready(&row.provider, session.issuer())?;
            session.check_configured(&entry.of_client(session.client()))
        });
        checked.await.map_err(|error| error.at(&row.provider))?;
        Ok(AccessToken::of(session))
    }

    async fn session_of(
        &self,
        account: &str,
        policy: RefreshPolicy,
    ) -> Result<(AccountRow, Session)> {
        let row = self.context.store.account(&AccountId::from(account.to_owned()))?;
        match self.valid_session(&row, policy).await {
            Ok(session) => Ok((row, session)),
            Err(error) => Err(error.at(&row.provider)),
        }
    }

    /// Notes that a program got the access token of an account, for display. Uses within a minute
    /// are noted as one.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`], or if the database fails.
    pub fn note_use(&self, account: &str, program: &str) -> Result<()> {
        let id = AccountId::from(account.to_owned());
        let now = self.context.now();
        let users = self.context.store.users()?;
        let known = users.iter().flat_map(|user| &user.accounts).find(|known| known.id == id);
        let last = known.ok_or_else(|| Error::new(Code::UnknownAccount).with_detail(account))?;
        let noted = |last: &LastUse| last.by == program && (0..60).contains(&(now - last.at));
        if !last.last_use.as_ref().is_some_and(noted) {
            let by = text::line(program, LONGEST_PROGRAM);
            self.context.store.set_last_use(&id, &LastUse { at: now, by })?;
        }
        Ok(())
    }

    pub(crate) async fn valid_session(
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
        self.recovery.run_if_needed().await;
        // Without the lock, a missing item may be one that another process is writing.
        let seen = account_storage::session(&self.context, row.storage(), &row.id).await?;
        let usable = |seen: &&Session| seen.is_fresh(self.context.now()) && seen.binding().is_ok();
        if let Some(seen) = seen.as_ref().filter(usable)
            && policy == RefreshPolicy::WhenNeeded
        {
            return Ok(seen.clone());
        }
        // Goes on if the caller stops waiting: a refresh token that was sent may have been replaced
        // (RFC 9700, section 4.14.2).
        let (sessions, row) = (self.clone(), row.clone());
        let renewed = async move { sessions.stored_or_renewed(&row, seen, policy).await };
        tokio::spawn(renewed).await.map_err(|error| Error::caused(Code::StoreFailed, error))?
    }

    async fn stored_session(&self, row: &AccountRow) -> Result<Session> {
        match account_storage::session(&self.context, row.storage(), &row.id).await? {
            Some(session) => Ok(session),
            // The session is in another process's memory.
            None if account_storage::is_session_elsewhere(&self.context, row) => {
                Err(Error::new(Code::SessionElsewhere))
            }
            None => account_storage::end_session(&self.context, row),
        }
    }

    /// The provider's configuration for a session, with the endpoints that the session may be sent
    /// to. If a setting differs nothing is changed, so that the session can be used once it is
    /// restored.
    ///
    /// # Errors
    /// [`Code::SessionForeign`] with the setting.
    pub(crate) async fn bound_entry(
        &self,
        row: &AccountRow,
        session: &Session,
        needed: &[&str],
    ) -> Result<Entry> {
        self.unless_foreign(|| {
            provider_client::bound_entry(&self.context, &row.provider, session, needed)
        })
        .await
    }

    /// Checks a session, and once more with the configuration read again if it seems foreign: another
    /// process may have set the provider up again and signed in.
    async fn unless_foreign<T, F>(&self, check: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        match check().await {
            Err(error) if error.code() == Code::SessionForeign => {
                self.context.reload_config();
                check().await
            }
            checked => checked,
        }
    }

    /// Ends the session after the provider refused its access token, unless another process has
    /// signed in again.
    pub(crate) async fn end_if_unchanged(
        &self,
        row: &AccountRow,
        refused: &SecretString,
    ) -> Result<()> {
        let _lock = account_storage::lock(&self.context, row.identity()).await?;
        let stored = self.stored_session(row).await?;
        match stored.access_token().expose_secret() == refused.expose_secret() {
            true => account_storage::end_session(&self.context, row),
            false => Ok(()),
        }
    }
}
