//! People and their accounts: plain data, known to every part and importing none of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

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

/// What leaving an account is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// The session on this device; the provider is told only where it can end that one alone.
    Here,
    /// Whatever the provider lets be ended.
    Everywhere,
}

impl Leave {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Everywhere => "everywhere",
        }
    }

    /// Reads what [`Leave::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Here, Self::Everywhere].into_iter().find(|leave| leave.as_str() == text)
    }
}

/// What a provider says of a person, in the project's own terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The provider's lasting id of the account; never empty.
    pub subject: String,
    /// What the person calls themself there.
    pub nickname: Option<String>,
    /// An address, if one was given.
    pub email: Option<String>,
    /// Whether the provider vouches that the person owns the address.
    pub email_verified: bool,
    /// ISO 8601: `1990-04-01`, `--04-01` without a year, `1990` without a day. A lunar date
    /// carries the calendar as RFC 9557 has it: `1990-04-01[u-ca=dangi]`.
    pub birthday: Option<String>,
    /// `female`, `male`, or the person's own words.
    pub gender: Option<String>,
    /// As the provider groups ages, such as `20~29`.
    pub age_range: Option<String>,
    /// As the provider writes it, in E.164 where it offers that.
    pub phone: Option<String>,
    /// Where the picture is; the bytes are fetched once and kept.
    pub picture: Option<String>,
}

impl Profile {
    /// Without what no name or address has: hidden characters, or endless length.
    /// The subject is left as it is, and so is the picture's address, which nobody is shown.
    #[must_use]
    pub fn tidy(self) -> Self {
        let tidy =
            |text: Option<String>| text.map(|text| shown(&text)).filter(|text| !text.is_empty());
        let email = tidy(self.email.clone());
        let is_as_given = email.as_deref() == self.email.as_deref().map(str::trim);
        Self {
            nickname: tidy(self.nickname),
            // The provider vouches for the address as it gave it (S39).
            email_verified: self.email_verified && is_as_given,
            email,
            birthday: tidy(self.birthday),
            gender: tidy(self.gender),
            age_range: tidy(self.age_range),
            phone: tidy(self.phone),
            ..self
        }
    }

    /// With what was known of the account before where this reading says nothing. What is shown for
    /// want of a nickname ([`Profile::display_name`]) was not known from the provider.
    #[must_use]
    pub fn or_known(self, account: &Account) -> Self {
        let fallback = fallback_name(&account.label, &account.subject);
        let is_fallback = |name: &String| account.email.as_ref() == Some(name) || *name == fallback;
        let known = Some(account.nickname.clone()).filter(|name| !is_fallback(name));
        Self {
            nickname: self.nickname.or(known),
            email_verified: if self.email.is_some() {
                self.email_verified
            } else {
                account.email_verified
            },
            email: self.email.or_else(|| account.email.clone()),
            ..self
        }
    }

    /// The same for what is asked for apart from the rest, which only the person has.
    #[must_use]
    pub fn or_known_extras(self, user: &User) -> Self {
        Self {
            birthday: self.birthday.or_else(|| user.birthday.clone()),
            gender: self.gender.or_else(|| user.gender.clone()),
            age_range: self.age_range.or_else(|| user.age_range.clone()),
            phone: self.phone.or_else(|| user.phone.clone()),
            ..self
        }
    }

    /// What to show as the name: the nickname, else the address, else the account's own id.
    pub fn display_name(&self, label: &str) -> String {
        let known = [&self.nickname, &self.email].into_iter().flatten();
        known
            .map(|name| name.trim())
            .find(|name| !name.is_empty())
            .map_or_else(|| fallback_name(label, &self.subject), str::to_owned)
    }
}

/// The name of an account that has neither a nickname nor an address.
fn fallback_name(label: &str, subject: &str) -> String {
    format!("{label} {}", shown(subject))
}

/// Longer than any name, address or number.
const LONGEST: usize = 320;

/// A text for people: without hidden characters, and of a length that can be shown.
pub(crate) fn shown(text: &str) -> String {
    text::line(text, LONGEST)
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

    /// A name that would steer a terminal, or fill a disk, is neither.
    #[test]
    fn a_name_is_only_a_name() {
        let hostile = format!("\u{1b}]0;x\u{7}나리\n{}", "x".repeat(9000));
        let profile =
            Profile { subject: "\u{1}".into(), nickname: Some(hostile), ..Profile::default() };
        let tidy = profile.tidy();
        assert_eq!(tidy.nickname.as_ref().unwrap().chars().count(), LONGEST);
        assert!(tidy.nickname.unwrap().starts_with("]0;x나리x"));
        assert_eq!(tidy.subject, "\u{1}");
    }

    /// S62: the subject itself stays exact, and is displayed without hidden characters.
    #[test]
    fn a_raw_subject_steers_no_terminal() {
        let subject = "\u{1b}]0;root\u{7}\u{9b}2J\u{202e}42\u{200b}";
        let profile = Profile { subject: subject.into(), ..Profile::default() }.tidy();
        assert_eq!(profile.display_name("Kakao"), "Kakao ]0;root2J42");
        assert_eq!(profile.subject, subject);
    }

    /// S39: an address that is not the one that the provider vouches for is not verified.
    #[test]
    fn a_changed_address_is_not_verified() {
        let long = format!("{}@b.c", "x".repeat(LONGEST));
        for (email, shown, verified) in [
            ("a@b.c", Some("a@b.c"), true),
            (" a@b.c ", Some("a@b.c"), true),
            ("a\u{200b}@b.c", Some("a@b.c"), false),
            ("\u{202e}a@b.c", Some("a@b.c"), false),
            ("\u{200b}", None, false),
            (&long, Some(&long[..LONGEST]), false),
        ] {
            let profile =
                Profile { email: Some(email.into()), email_verified: true, ..Profile::default() }
                    .tidy();
            assert_eq!((profile.email.as_deref(), profile.email_verified), (shown, verified));
        }
    }

    /// S62: a name of blanks is no name.
    #[test]
    fn a_blank_name_is_absent() {
        for blank in ["\u{3164}", "\u{ffa0}\u{115f} \u{1160}", "\u{ad}", "\u{e0100}"] {
            let profile = Profile { nickname: Some(blank.into()), ..Profile::default() }.tidy();
            assert_eq!(profile.nickname, None, "{blank:?}");
        }
    }

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
            let profile = Profile::default().or_known(&account);
            assert_eq!(profile.nickname.as_deref(), kept, "{nickname}");
            assert_eq!(profile.email.as_deref(), Some("a@b.c"));
        }
    }

    #[test]
    fn a_name_is_found_for_everybody() {
        let mut profile = Profile { subject: "42".into(), ..Profile::default() };
        assert_eq!(profile.display_name("Kakao"), "Kakao 42");
        profile.email = Some("nari@example.com".into());
        assert_eq!(profile.display_name("Kakao"), "nari@example.com");
        profile.nickname = Some("  ".into());
        assert_eq!(profile.display_name("Kakao"), "nari@example.com");
        profile.nickname = Some(" 나리 ".into());
        assert_eq!(profile.display_name("Kakao"), "나리");
    }
}
