//! The app's own texts outside the page, read from `messages/`.

use std::sync::LazyLock;

use nameplate::Language;
use serde::Deserialize;

/// The texts in one language. `{account}` is the name of a provider, with the account's where there are several.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// There is no display for a window.
    pub no_desktop: String,
    /// Shows the window.
    pub open: String,
    /// Ends the app.
    pub quit: String,
    /// Copies an access token.
    pub copy_token: String,
    /// An account without a session.
    pub signed_out: String,
    /// There is no account.
    pub nobody: String,
    /// Title of the notification after a copy.
    pub copied: String,
    /// Its text. `{seconds}` is how long the token stays.
    pub copied_hint: String,
    /// Title of the notification where the clipboard takes nothing.
    pub not_copied: String,
    /// Its text.
    pub not_copied_hint: String,
}

static KO: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/ko.json")));
static EN: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/en.json")));

/// The files are part of the program, and a test reads both.
fn read(text: &str) -> Messages {
    serde_json::from_str(text).unwrap_or_default()
}

/// The texts in a language.
pub fn messages(language: Language) -> &'static Messages {
    match language {
        Language::Ko => &KO,
        Language::En => &EN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_every_text() {
        for language in [Language::Ko, Language::En] {
            let texts = messages(language);
            assert!(
                !texts.open.is_empty() && !texts.no_desktop.is_empty() && !texts.nobody.is_empty()
            );
            assert!(
                [&texts.copy_token, &texts.signed_out]
                    .iter()
                    .all(|text| text.contains("{account}"))
            );
        }
    }
}
