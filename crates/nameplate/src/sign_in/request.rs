//! Requests to sign in, and what they ask the provider for.

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::{ExtraGrant, Grant};

use super::SignIns;
use super::pending::Attempt;
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::named_server::name_again;
use crate::user::{Account, AccountId, AccountState, Intent};
use crate::vault::TokenStorage;

/// Arguments of [`SignIns::begin`].
#[derive(Debug, Clone)]
pub struct SignInRequest {
    /// The provider's id, such as `google` or the name of a table in `providers.toml`.
    pub provider: String,
    /// What the user named besides the provider, where it wants that
    /// ([`Entry::server_input`](crate::config::Entry::server_input)): an issuer, a server or a handle.
    pub server: Option<String>,
    /// The purpose.
    pub intent: Intent,
    /// How the response is received; `None` for the provider's preferred method.
    pub method: Option<Grant>,
    /// Where the session will be stored.
    pub storage: TokenStorage,
    /// The account that is expected to sign in, as its e-mail address; sent where the provider documents
    /// a parameter for it, and never checked
    /// ([`ProviderConfig::expect_account`](native_oauth::ProviderConfig::expect_account)).
    pub account_hint: Option<String>,
}

impl SignInRequest {
    /// Signs in at a provider, by its preferred method, and stores the session in the keychain.
    pub fn new(provider: &str) -> Self {
        Self::with_intent(provider, Intent::SignIn)
    }

    fn with_intent(provider: &str, intent: Intent) -> Self {
        let storage = TokenStorage::Keychain;
        Self {
            provider: provider.to_owned(),
            server: None,
            intent,
            method: None,
            storage,
            account_hint: None,
        }
    }
}

/// A sign-in that has begun. The application opens [`PendingSignIn::start_url`], or shows
/// [`PendingSignIn::device`].
#[derive(Debug, Clone)]
pub struct PendingSignIn {
    /// Id of the sign-in (UUID).
    pub id: String,
    /// The authorization request (RFC 6749, section 4.1.1), to show to the user.
    pub url: String,
    /// URL to open in the browser. With a local port, it is a link to `url` that works once,
    /// because every user of the machine can read the arguments of a process.
    pub start_url: String,
    /// Redirect URI of the response; empty for a device authorization.
    pub redirect_uri: String,
    /// Expiry, in seconds since 1970.
    pub expires_at: i64,
    /// The user code, for a device authorization (RFC 8628, section 3.3).
    pub device: Option<UserCodePrompt>,
}

/// The newest attempt of the pending sign-in, which may be one that was resumed.
#[derive(Debug, Clone)]
pub struct CurrentSignIn {
    /// The request that repeats the attempt.
    pub request: SignInRequest,
    /// The authorization request; `None` after a restart.
    pub url: Option<String>,
    /// The user code, for a device authorization.
    pub device: Option<UserCodePrompt>,
    /// Notice to show while waiting.
    pub notice: Option<Error>,
}

impl SignIns {
    /// The request to sign in at a provider, and the server that the user named. If a sign-in is
    /// pending there, its purpose and the expected account are kept, and its server where none is
    /// named, so that the request is one for another method; so is that of a request that failed because the
    /// keychain could not be used, if it is repeated with storage in memory.
    pub fn request(
        &self,
        provider: &str,
        server: Option<&str>,
        method: Option<Grant>,
        storage: TokenStorage,
    ) -> SignInRequest {
        let pending = self.pending();
        let current = pending.attempts.last().map(|Attempt { row, waits, .. }| {
            (&row.provider, row.server.as_deref(), &row.intent, &waits.account_hint)
        });
        let failed = pending.failed.as_ref().filter(|_| storage == TokenStorage::Memory);
        let failed = failed.map(|request| {
            (&request.provider, request.server.as_deref(), &request.intent, &request.account_hint)
        });
        let is_same =
            |at: &String, of: Option<&str>| *at == provider && (server.is_none() || server == of);
        let known = current.or(failed).filter(|(at, of, ..)| is_same(at, *of));
        let intent = known.map(|(.., intent, _)| intent.clone()).unwrap_or_default();
        let server = server.or(known.and_then(|(_, of, ..)| of)).map(str::to_owned);
        let account_hint = known.and_then(|(.., hint)| hint.clone());
        let request = SignInRequest::with_intent(provider, intent);
        SignInRequest { server, method, storage, account_hint, ..request }
    }

    /// The request to sign in again to an account ([`Intent::Reauthenticate`]), or for more scopes
    /// ([`Intent::MoreScopes`]).
    ///
    /// # Errors
    /// [`Code::UnknownAccount`].
    pub fn request_for_account(
        &self,
        account: &str,
        intent: fn(AccountId) -> Intent,
    ) -> Result<SignInRequest> {
        let row = self.context.store.account(&AccountId::from(account.to_owned()))?;
        // Storing in memory is chosen again for each sign-in (S50).
        let config = self.context.config();
        let entry = config.entry(&row.provider);
        let named = entry.ok().and_then(|entry| name_again(entry, &row.issuer, &row.subject));
        let request = SignInRequest::with_intent(&row.provider, intent(row.id));
        Ok(SignInRequest { server: named, ..request })
    }

    /// The request for the provider's extra grant, such as a bot, with some of the offered
    /// permissions, as bits.
    ///
    /// # Errors
    /// [`Code::NoExtraGrant`] if the provider has none, [`Code::BadSetting`] for a permission that
    /// is not offered.
    pub fn request_extra_grant(
        &self,
        provider: &str,
        permissions: &[u64],
    ) -> Result<SignInRequest> {
        let config = self.context.config();
        let known = extra_grant(config.entry(provider)?)?.permissions;
        if !permissions.iter().all(|bit| known.iter().any(|permission| permission.bit == *bit)) {
            return Err(Error::new(Code::BadSetting).at(provider));
        }
        let all = permissions.iter().fold(0, |all, bit| all | bit);
        self.request_extra_grant_with(provider, Some(all))
    }

    /// The same with any permissions; `None` for the configured ones, or none.
    ///
    /// # Errors
    /// [`Code::NoExtraGrant`] if the provider has none.
    pub fn request_extra_grant_with(
        &self,
        provider: &str,
        permissions: Option<u64>,
    ) -> Result<SignInRequest> {
        let config = self.context.config();
        let entry = config.entry(provider)?;
        extra_grant(entry)?;
        let permissions = permissions.or(entry.bot_permissions).unwrap_or(0);
        Ok(SignInRequest::with_intent(provider, Intent::ExtraGrant(permissions)))
    }
}

/// # Errors
/// [`Code::NoExtraGrant`].
pub(super) fn extra_grant(entry: &Entry) -> Result<&'static ExtraGrant> {
    let extra = entry.oauth.provider.extra_grant;
    extra.ok_or_else(|| Error::new(Code::NoExtraGrant).at(&entry.oauth.id))
}

/// Changes a configuration to request what the intent needs: an account to choose, and scopes.
pub(super) fn apply_intent(context: &Context, entry: &mut Entry, intent: &Intent) -> Result<()> {
    match intent {
        // A user who is signed in must not be signed in again without interaction (U20).
        Intent::SignIn => {
            entry.oauth.asks_for_account = has_active_account(context, entry)?;
        }
        Intent::AddTo(user) => {
            context.user(user.as_str())?;
            entry.oauth.asks_for_account = true;
        }
        Intent::Reauthenticate(_) | Intent::MoreScopes(_) | Intent::ExtraGrant(_) => {}
    }
    apply_scopes(context, entry, intent)
}

/// Changes the requested scopes. They are needed again for a token response without `scope`, which
/// grants the requested ones (RFC 6749, section 5.1).
pub(super) fn apply_scopes(context: &Context, entry: &mut Entry, intent: &Intent) -> Result<()> {
    match intent {
        Intent::SignIn | Intent::AddTo(_) => {}
        // The scopes that were granted before are requested again.
        Intent::Reauthenticate(account) => {
            add_scopes(entry, context.store.account(account)?.scopes);
        }
        Intent::MoreScopes(account) => {
            let granted = context.store.account(account)?.scopes;
            let more = entry.oauth.provider.optional_scopes.iter().map(|&scope| scope.to_owned());
            add_scopes(entry, granted.into_iter().chain(more));
        }
        Intent::ExtraGrant(permissions) => {
            let extra = extra_grant(entry)?;
            entry.oauth.scopes = extra.scopes.iter().map(|&scope| scope.to_owned()).collect();
            entry.oauth.extra_parameters = vec![(extra.parameter, permissions.to_string())];
        }
    }
    Ok(())
}

fn add_scopes(entry: &mut Entry, scopes: impl IntoIterator<Item = String>) {
    for scope in scopes {
        if !entry.oauth.scopes.contains(&scope) {
            entry.oauth.scopes.push(scope);
        }
    }
}

/// Whether an account is signed in at the provider, and at the server that was named.
fn has_active_account(context: &Context, entry: &Entry) -> Result<bool> {
    let is_there = |account: &Account| {
        let same_server = entry.server.is_none() || account.issuer == entry.oauth.issuer;
        account.provider == entry.oauth.id && same_server && account.state == AccountState::Active
    };
    let users = context.users()?;
    Ok(users.iter().flat_map(|user| &user.accounts).any(is_there))
}
