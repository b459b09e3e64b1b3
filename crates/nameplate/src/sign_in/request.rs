//! Requests to sign in, and what they ask the provider for.

use native_oauth::provider::Grant;

use super::SignIns;
use crate::error::{Code, Error, Result};
use crate::ids::AccountId;
use crate::intent::Intent;
use crate::server_entry::name_again;
use crate::sign_in::apply_intent::extra_grant;
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
    /// The host that the user has confirmed after [`Code::HostNotConfirmed`].
    pub confirmed_host: Option<String>,
}

impl SignInRequest {
    /// Signs in at a provider, by its preferred method, and stores the session in the keychain.
    pub fn new(provider: &str) -> Self {
        Self::with_intent(provider, Intent::SignIn)
    }

    pub(super) fn with_intent(provider: &str, intent: Intent) -> Self {
        let storage = TokenStorage::Keychain;
        Self {
            provider: provider.to_owned(),
            server: None,
            intent,
            method: None,
            storage,
            account_hint: None,
            confirmed_host: None,
        }
    }
}

impl SignIns {
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
