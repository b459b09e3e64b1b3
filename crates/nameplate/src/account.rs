//! Accounts at a provider: plain data.

use native_oauth::profile::{Profile, fallback_name};
use serde::{Deserialize, Serialize};

use crate::ids::AccountId;

/// The provider of local profiles.
pub(crate) const LOCAL_PROVIDER: &str = "email";
/// The issuer of local profiles.
pub(crate) const LOCAL_ISSUER: &str = "local";

/// An account at a provider, identified by issuer and subject, never by its e-mail address (S38).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Account {
    /// Random id on this device (UUID); also the name of the keychain item.
    pub id: AccountId,
    /// The provider's id, such as `discord` or the name of a table in `providers.toml`.
    pub provider: String,
    /// The provider's display name.
    pub label: String,
    /// The issuer of [`Account::subject`].
    pub issuer: String,
    /// The provider's id of the account (OpenID Connect Core, section 2: `sub`).
    pub subject: String,
    /// Nickname at the provider.
    pub nickname: String,
    /// E-mail address at the provider.
    pub email: Option<String>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
    /// Whether accounts may be linked by the address, and why not.
    pub email_trust: EmailTrust,
    /// See [`Profile::birthday`].
    pub birthday: Option<String>,
    /// See [`Profile::gender`].
    pub gender: Option<String>,
    /// See [`Profile::age_range`].
    pub age_range: Option<String>,
    /// See [`Profile::phone`].
    pub phone: Option<String>,
    /// Digest of the stored picture; `None` without one.
    pub avatar: Option<String>,
    /// When the profile was last read from the provider, in seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub read_at: i64,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Expiry of the access token, in seconds since 1970, if known.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub expires_at: Option<i64>,
    /// Whether the access token is refreshed when it expires.
    pub renews: bool,
    /// When a program last got the access token.
    pub last_use: Option<LastUse>,
    /// State of the account.
    pub state: AccountState,
    /// Parts of the profile that could not be read, as sentences.
    pub notes: Vec<String>,
}

/// When a program got the access token of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct LastUse {
    /// In seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub at: i64,
    /// What the program calls itself, such as `nameplate token`.
    pub by: String,
}

impl Account {
    /// Completes a newly read profile with stored values. A nickname that was derived
    /// ([`Profile::display_name`]) is not taken over.
    #[must_use]
    pub fn complete(&self, read: Profile) -> Profile {
        let fallback = fallback_name(&self.label, &self.subject);
        let is_fallback = |name: &String| self.email.as_ref() == Some(name) || *name == fallback;
        let known = Some(self.nickname.clone()).filter(|name| !is_fallback(name));
        let email_verified =
            if read.email.is_some() { read.email_verified } else { self.email_verified };
        Profile {
            nickname: read.nickname.or(known),
            email_verified,
            email: read.email.or_else(|| self.email.clone()),
            ..read
        }
    }

    /// Completes a profile with stored extras.
    #[must_use]
    pub fn complete_extras(&self, read: Profile) -> Profile {
        Profile {
            birthday: read.birthday.or_else(|| self.birthday.clone()),
            gender: read.gender.or_else(|| self.gender.clone()),
            age_range: read.age_range.or_else(|| self.age_range.clone()),
            phone: read.phone.or_else(|| self.phone.clone()),
            ..read
        }
    }
}

/// Whether linking accounts by an account's address may be offered (S39), and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum EmailTrust {
    /// It may.
    Trusted,
    /// The provider gave no address.
    NoAddress,
    /// The provider has not verified the address.
    Unverified,
    /// The provider's verification does not prove who owns the address.
    NoProof,
    /// The provider's endpoints are overridden, so its verification proves nothing.
    Overridden,
}

/// State of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Being stored: the session is not in the keychain yet.
    Storing,
    /// Signed in.
    Active,
    /// The profile is stored; the session has ended.
    NeedsSignIn,
    /// Being removed.
    Removing,
}

impl AccountState {
    /// The value in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Storing => "storing",
            Self::Active => "active",
            Self::NeedsSignIn => "needs_sign_in",
            Self::Removing => "removing",
        }
    }

    /// Parses [`AccountState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Storing, Self::Active, Self::NeedsSignIn, Self::Removing]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
impl Account {
    /// An active account without optional data.
    pub(crate) fn example() -> Self {
        Self {
            id: AccountId::random(),
            provider: "company".into(),
            label: "Company".into(),
            issuer: "https://id.example".into(),
            subject: "1".into(),
            nickname: "Mira".into(),
            email: None,
            email_verified: true,
            email_trust: EmailTrust::Trusted,
            scopes: Vec::new(),
            birthday: None,
            gender: None,
            age_range: None,
            phone: None,
            avatar: None,
            read_at: 0,
            renews: false,
            last_use: None,
            expires_at: None,
            state: AccountState::Active,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use native_oauth::profile::Profile;

    /// A derived display name is not stored as the nickname.
    #[test]
    fn a_fallback_is_no_known_nickname() {
        for (nickname, kept) in [
            ("나리", Some("나리")),
            ("a@b.c", None),
            ("Google 1234", None),
            ("Google 5", Some("Google 5")),
        ] {
            let account = Account {
                provider: "google".into(),
                label: "Google".into(),
                subject: "1234".into(),
                nickname: nickname.into(),
                email: Some("a@b.c".into()),
                ..Account::example()
            };
            let profile = account.complete(Profile::default());
            assert_eq!(profile.nickname.as_deref(), kept, "{nickname}");
            assert_eq!(profile.email.as_deref(), Some("a@b.c"));
        }
    }
}
