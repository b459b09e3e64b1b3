//! What a user wants of a sign-in and of a sign-out: plain data.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, UserId};

/// The purpose of a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Sign in with any account.
    #[default]
    SignIn,
    /// Add an account to this user.
    AddTo(UserId),
    /// Sign in again to this account; another account is refused.
    Reauthenticate(AccountId),
    /// Request more scopes for this account; another account is refused.
    MoreScopes(AccountId),
    /// Grant something to the application beside a sign-in, such as a bot, with these permissions;
    /// no user is signed in.
    ExtraGrant(u64),
}

impl Intent {
    /// The account that must sign in, if any.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::SignIn | Self::AddTo(_) | Self::ExtraGrant(_) => None,
            Self::Reauthenticate(account) | Self::MoreScopes(account) => Some(account),
        }
    }
}

/// How much a sign-out ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SignOutScope {
    /// The session on this device; revoked at the provider only where it can revoke that session
    /// alone.
    Here,
    /// Everything that the provider lets be revoked.
    Everywhere,
}

impl SignOutScope {
    /// The value in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Everywhere => "everywhere",
        }
    }

    /// Parses [`SignOutScope::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Here, Self::Everywhere].into_iter().find(|scope| scope.as_str() == text)
    }
}
