//! Numbers of requirements, such as S17, in comments and names of tests.

use std::fmt;

/// A letter (S security, O OpenID Connect, U users, N new) and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    letter: char,
    digits: u8,
}

impl Number {
    /// `Number::new('S', 17)` is S17.
    pub const fn new(letter: char, digits: u8) -> Self {
        Self { letter, digits }
    }

    /// The numbers in a comment or title: `S17: ...`, `(S2, S3)`.
    pub fn in_text(text: &str) -> Vec<Self> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter_map(|word| Self::parse(word, char::is_ascii_uppercase))
            .collect()
    }

    /// The numbers at the start of a function's name: `s17_iss_is_compared`, `s2_s3_...`.
    pub fn in_name(name: &str) -> Vec<Self> {
        name.split('_').map_while(|word| Self::parse(word, char::is_ascii_lowercase)).collect()
    }

    fn parse(word: &str, case: fn(&char) -> bool) -> Option<Self> {
        let letter = word.chars().next().filter(case)?.to_ascii_uppercase();
        let digits = word.get(1..).filter(|rest| (1..=2).contains(&rest.len()))?;
        ("SOUN".contains(letter) && digits.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| digits.parse().ok())?
            .map(|digits| Self { letter, digits })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.letter, self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S17: Number = Number::new('S', 17);
    const O3: Number = Number::new('O', 3);

    #[test]
    fn a_comment_may_name_several() {
        assert_eq!(Number::in_text("S17, O3: the issuer (RFC 9207)"), [S17, O3]);
        // S256 is a method of PKCE.
        assert_eq!(Number::in_text("PKCE with S256, UTF8 and s17"), []);
    }

    #[test]
    fn a_name_begins_with_them() {
        assert_eq!(Number::in_name("s17_o3_the_issuer"), [S17, O3]);
        assert_eq!(Number::in_name("the_issuer_s17"), []);
    }
}
