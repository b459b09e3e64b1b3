//! The languages of the pages.

/// A text in English and Korean.
pub type Text = (&'static str, &'static str);

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Korean,
}

impl Language {
    /// The supported language with the highest weight in `Accept-Language`; English if it names none.
    pub fn preferred(header: &str) -> Self {
        let mut best = (0.0, Self::English);
        for item in header.split(',') {
            let (tag, weight) = item.split_once(";q=").unwrap_or((item, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            let language = match tag.trim().get(..2) {
                Some(tag) if tag.eq_ignore_ascii_case("ko") => Self::Korean,
                Some(tag) if tag.eq_ignore_ascii_case("en") => Self::English,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The text in this language.
    pub fn of(self, text: Text) -> &'static str {
        match self {
            Self::English => text.0,
            Self::Korean => text.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_supported_one_with_the_highest_weight() {
        assert_eq!(Language::preferred("ko-KR,ko;q=0.9,en;q=0.8"), Language::Korean);
        assert_eq!(Language::preferred("en-GB,ko;q=0.9"), Language::English);
        assert_eq!(Language::preferred("fr, ko;q=0.3, en;q=0.2"), Language::Korean);
        assert_eq!(Language::preferred(""), Language::English);
    }
}
