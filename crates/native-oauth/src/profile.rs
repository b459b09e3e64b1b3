//! The profile of a user.

use serde::{Deserialize, Serialize};

use crate::text;

/// The profile of a user, independent of the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The provider's lasting id of the account; never empty.
    pub subject: String,
    /// What the person calls themself there.
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
mod tests {
    use super::*;

    /// Control characters and excess length are removed from a name.
    #[test]
    fn a_name_is_only_a_name() {
        let hostile = format!("\u{1b}]0;x\u{7}나리\n{}", "x".repeat(9000));
        let profile =
            Profile { subject: "\u{1}".into(), nickname: Some(hostile), ..Profile::default() };
        let tidy = profile.tidy();
        assert_eq!(tidy.nickname.as_ref().unwrap().chars().count(), MAX_SHOWN_CHARS);
        assert!(tidy.nickname.unwrap().starts_with("]0;x나리x"));
        assert_eq!(tidy.subject, "\u{1}");
    }

    /// S62: nor is anything else that is shown.
    #[test]
    fn no_field_steers_a_terminal() {
        let hostile = || Some("a\u{1b}[2J\u{202e}b".to_owned());
        let profile = Profile {
            nickname: hostile(),
            email: hostile(),
            birthday: hostile(),
            gender: hostile(),
            age_range: hostile(),
            phone: hostile(),
            ..Profile::default()
        };
        let Profile { nickname, email, birthday, gender, age_range, phone, .. } = profile.tidy();
        for field in [nickname, email, birthday, gender, age_range, phone] {
            assert_eq!(field.as_deref(), Some("a[2Jb"));
        }
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
        let long = format!("{}@b.c", "x".repeat(MAX_SHOWN_CHARS));
        for (email, shown, verified) in [
            ("a@b.c", Some("a@b.c"), true),
            (" a@b.c ", Some("a@b.c"), true),
            ("a\u{200b}@b.c", Some("a@b.c"), false),
            ("\u{202e}a@b.c", Some("a@b.c"), false),
            ("\u{200b}", None, false),
            (&long, Some(&long[..MAX_SHOWN_CHARS]), false),
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
