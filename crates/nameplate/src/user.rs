//! People and their accounts: plain data, known to every part and importing none of them.

use std::fmt;

use native_oauth::profile::{Profile, fallback_name};
use serde::{Deserialize, Serialize};

/// A person on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct User {
    /// Random, of this device alone.
    pub id: UserId,
    /// What to call the person; never empty.
    pub nickname: String,
    /// The address that the profile was last read with.
    pub email: Option<String>,
    /// Whether the provider vouches that the person owns [`User::email`].
    pub email_verified: bool,
    /// See [`Profile::birthday`].
    pub birthday: Option<String>,
    /// See [`Profile::gender`].
    pub gender: Option<String>,
    /// See [`Profile::age_range`].
    pub age_range: Option<String>,
    /// See [`Profile::phone`].
    pub phone: Option<String>,
    /// Names the kept picture and changes with it; `None` where there is none.
    pub avatar: Option<String>,
    /// When the profile was last read from its provider, in seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub read_at: i64,
    /// The accounts through which this person signs in, oldest first.
    pub accounts: Vec<Account>,
}

/// One account at one provider, known by (issuer, subject) and never by its e-mail (S38).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Account {
    /// Random, of this device alone; also the name of the account's keychain entry.
    pub id: AccountId,
    /// The provider entry's id, such as `discord` or the name of a table in `providers.toml`.
    pub provider: String,
    /// The provider's name for people.
    pub label: String,
    /// Who vouches for [`Account::subject`].
    pub issuer: String,
    /// The provider's own lasting id of the account.
    pub subject: String,
    /// The nickname at this provider.
    pub nickname: String,
    /// The address at this provider.
    pub email: Option<String>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// Whether accounts may be joined by the address, and why not.
    pub email_trust: EmailTrust,
    /// What the access token may do, as granted.
    pub scopes: Vec<String>,
    /// When the access token expires, in seconds since 1970, where the provider said so.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub expires_at: Option<i64>,
    /// Whether the account can be used.
    pub state: AccountState,
    /// What could not be read along with the profile, as sentences.
    pub notes: Vec<String>,
}

impl Account {
    /// A new reading of the profile, with what was known of the account where it says nothing. What
    /// is shown for want of a nickname ([`Profile::display_name`]) was not known from the provider.
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
}

impl User {
    /// The same for what is asked for apart from the rest, which only the person has.
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

/// Whether an account's address proves whose it is, so that joining accounts by it is offered
/// (S39), and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum EmailTrust {
    /// It does.
    Trusted,
    /// The provider told no address.
    NoAddress,
    /// The provider does not vouch for it.
    Unverified,
    /// The provider vouches for it, which proves nothing there.
    NoProof,
    /// The provider's endpoints are overridden here: whoever answers may say anything.
    Overridden,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Known to the database, its session not yet in the keychain.
    Storing,
    /// Signed in.
    Active,
    /// The profile is kept; the session is gone.
    NeedsSignIn,
    /// Its session is on its way out of the keychain.
    Removing,
}

impl AccountState {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Storing => "storing",
            Self::Active => "active",
            Self::NeedsSignIn => "needs_sign_in",
            Self::Removing => "removing",
        }
    }

    /// Reads what [`AccountState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Storing, Self::Active, Self::NeedsSignIn, Self::Removing]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// What a sign-in is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// To sign in, as whoever comes back.
    #[default]
    SignIn,
    /// To add an account to a person who is here.
    AddTo(UserId),
    /// To sign in again to an account whose session is over; the same person is required.
    Reauthenticate(AccountId),
    /// To ask for more of the profile; the same person is required.
    MoreScopes(AccountId),
    /// To add a bot to a server, with these permissions; nobody is signed in by it.
    AddBot(u64),
}

impl Intent {
    /// The account that has to come back, if it matters.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::SignIn | Self::AddTo(_) | Self::AddBot(_) => None,
            Self::Reauthenticate(account) | Self::MoreScopes(account) => Some(account),
        }
    }
}

/// How much a sign-out ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOutScope {
    /// The session on this device; revoked at the provider only where it can revoke that session
    /// alone.
    Here,
    /// Everything that the provider lets be revoked.
    Everywhere,
}

impl SignOutScope {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Everywhere => "everywhere",
        }
    }

    /// Reads what [`SignOutScope::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Here, Self::Everywhere].into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Names an id type, so that one kind of id is never taken for another.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export, as = "String"))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new random id.
            pub fn random() -> Self {
                Self(uuid::Uuid::new_v4().simple().to_string())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// Which person.
    UserId
}
id! {
    /// Which account.
    AccountId
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was shown for want of a nickname is not taken for one later.
    #[test]
    fn a_fallback_is_no_known_nickname() {
        for (nickname, kept) in [
            ("나리", Some("나리")),
            ("a@b.c", None),
            ("Google 1234", None),
            ("Google 5", Some("Google 5")),
        ] {
            let account = Account {
                id: AccountId::random(),
                provider: "google".into(),
                label: "Google".into(),
                issuer: "https://accounts.google.com".into(),
                subject: "1234".into(),
                nickname: nickname.into(),
                email: Some("a@b.c".into()),
                email_verified: true,
                email_trust: EmailTrust::Trusted,
                scopes: Vec::new(),
                expires_at: None,
                state: AccountState::Active,
                notes: Vec::new(),
            };
            let profile = account.complete(Profile::default());
            assert_eq!(profile.nickname.as_deref(), kept, "{nickname}");
            assert_eq!(profile.email.as_deref(), Some("a@b.c"));
        }
    }
}
