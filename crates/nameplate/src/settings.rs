//! What the person chose about the program itself.

use serde::{Deserialize, Serialize};

/// What the person chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The language of the words.
    pub language: LanguageChoice,
    /// Light or dark.
    pub theme: Theme,
}

/// A language, or the system's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum LanguageChoice {
    /// As the system is set.
    #[default]
    System,
    /// Korean.
    Ko,
    /// English.
    En,
}

/// Light, dark, or as the system is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is set.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A language that Nameplate speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl LanguageChoice {
    /// The language to speak on a system that is set to `locale`, such as `ko-KR`.
    pub fn resolve(self, locale: Option<&str>) -> Language {
        match self {
            Self::Ko => Language::Ko,
            Self::En => Language::En,
            Self::System if locale.is_some_and(|locale| locale.starts_with("ko")) => Language::Ko,
            Self::System => Language::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_goes_before_the_system() {
        assert_eq!(LanguageChoice::System.resolve(Some("ko-KR")), Language::Ko);
        assert_eq!(LanguageChoice::System.resolve(Some("C")), Language::En);
        assert_eq!(LanguageChoice::System.resolve(None), Language::En);
        assert_eq!(LanguageChoice::En.resolve(Some("ko-KR")), Language::En);
        assert_eq!(LanguageChoice::Ko.resolve(Some("en-US")), Language::Ko);
    }
}
