//! The profile of a user.

use serde::{Deserialize, Serialize};

use crate::text;

/// The profile of a user, independent of the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The provider's lasting id of the account; never empty.
    pub subject: String,
    /// What the user calls themself there.
    pub nickname: Option<String>,
    /// An address, if one was given.
    pub email: Option<String>,
    /// Whether the provider has verified that the user owns the address.
    pub email_verified: bool,
    /// ISO 8601: `1990-04-01`, `--04-01` without a year, `1990` without a day. A lunar date
    /// carries the calendar as RFC 9557 has it: `1990-04-01[u-ca=dangi]`.
    pub birthday: Option<String>,
    /// `female`, `male`, or free text.
    pub gender: Option<String>,
    /// As the provider groups ages, such as `20~29`.
    pub age_range: Option<String>,
    /// As the provider writes it, in E.164 where it offers that.
    pub phone: Option<String>,
    /// URL of the picture.
    pub picture: Option<String>,
}

impl Profile {
    /// Without what no name or address has: hidden characters, or endless length.
    /// Subject and picture URL are unchanged, because they are not displayed.
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
pub fn fallback_name(label: &str, subject: &str) -> String {
    format!("{label} {}", shown(subject))
}

/// Longest text, in characters; no name, address or number is as long.
const MAX_SHOWN_CHARS: usize = 320;

/// A text for people: without hidden characters, and of a length that can be shown.
pub fn shown(text: &str) -> String {
    text::line(text, MAX_SHOWN_CHARS)
}

#[cfg(test)]
mod tests;
