//! Numbers of requirements, such as S17, in comments and titles of tests.

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
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(Self::parse).collect()
    }

    fn parse(word: &str) -> Option<Self> {
        let letter = word.chars().next()?;
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
}
