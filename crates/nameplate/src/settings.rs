//! The values of the user's settings: language and colours. `preferences` is the service that reads and
//! saves them.

use serde::{Deserialize, Serialize};

/// Settings of the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Language of messages.
    pub language: LanguageChoice,
    /// Light or dark colours.
    pub theme: Theme,
}

/// The setting of the language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum LanguageChoice {
    /// The system's setting.
    #[default]
    System,
    /// Korean.
    Ko,
    /// English.
    En,
}

/// The setting of the colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's setting.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A language of the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
}

impl LanguageChoice {
    /// The language on this system.
    pub fn language(self) -> Language {
        self.resolve(sys_locale::get_locale().as_deref())
    }

    /// The language for a system with this locale, such as `ko-KR`.
    pub fn resolve(self, locale: Option<&str>) -> Language {
        match self {
            Self::Ko => Language::Ko,
            Self::En => Language::En,
            Self::System if locale.is_some_and(|locale| locale.starts_with("ko")) => Language::Ko,
            Self::System => Language::En,
        }
    }
}

/// Where the page that the browser ends at sends the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReturnTo {
    /// To the app, by a link.
    #[default]
    App,
    /// To the terminal that the sign-in was begun in.
    Terminal,
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
