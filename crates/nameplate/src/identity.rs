//! The names of the embedding program.

use std::io;

/// The names of the embedding program in the operating system, at providers and in texts. The
/// library has no names of its own.
///
/// ```
/// use nameplate::AppIdentity;
///
/// let mut identity = AppIdentity::new("com.example.notes", "Notes", "1.2.0");
/// assert_eq!(identity.url_scheme, "com.example.notes");
/// assert_eq!(identity.user_agent, "Notes/1.2.0");
/// assert_eq!(identity.environment_prefix, "NOTES");
/// identity.environment_prefix = "EXAMPLE_NOTES".to_owned();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppIdentity {
    /// Reverse domain name, such as `com.example.notes`: names the folders of the user's home, the
    /// desktop entry and, in Tauri, the window's data.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version for people.
    pub version: String,
    /// Private-use URI scheme of deep links (RFC 8252, section 7.1): lowercase, with a period.
    /// Debug builds and separate homes append `.dev`.
    pub url_scheme: String,
    /// Service name of the keychain items. A separate home appends a hash of its path.
    pub keychain_service: String,
    /// `User-Agent` of requests to providers (RFC 9110, section 10.1.5).
    pub user_agent: String,
    /// First part of the names of log files.
    pub log_file: String,
    /// First part of the environment variables `<prefix>_HOME` and `<prefix>_SIGN_IN_SECONDS`.
    pub environment_prefix: String,
}

impl AppIdentity {
    /// Derives every name from these three; each can be changed.
    pub fn new(id: &str, name: &str, version: &str) -> Self {
        let token = token(name).or_else(|| token(id)).unwrap_or_default();
        Self {
            url_scheme: id.to_ascii_lowercase(),
            keychain_service: id.to_owned(),
            user_agent: format!("{token}/{version}"),
            log_file: token.to_ascii_lowercase(),
            environment_prefix: token.to_ascii_uppercase().replace('-', "_"),
            id: id.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }

    /// The environment variable with the path of a separate home.
    pub fn home_variable(&self) -> String {
        format!("{}_HOME", self.environment_prefix)
    }

    /// The environment variable that shortens the lifetime of sign-ins in a separate home, for
    /// tests; in seconds.
    pub(crate) fn lifetime_variable(&self) -> String {
        format!("{}_SIGN_IN_SECONDS", self.environment_prefix)
    }

    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] with the name that cannot be used.
    pub(crate) fn check(&self) -> io::Result<()> {
        let wrong = |field: &str| {
            Err(io::Error::new(io::ErrorKind::InvalidInput, format!("app identity: {field}")))
        };
        if !is_reverse_domain(&self.id) {
            return wrong("id");
        }
        if self.url_scheme != self.url_scheme.to_ascii_lowercase()
            || !self.url_scheme.starts_with(|c: char| c.is_ascii_lowercase())
            || !is_reverse_domain(&self.url_scheme)
        {
            return wrong("url_scheme");
        }
        for (field, text) in [
            ("name", &self.name),
            ("keychain_service", &self.keychain_service),
            ("user_agent", &self.user_agent),
        ] {
            if text.is_empty() || !is_one_line(text) {
                return wrong(field);
            }
        }
        match [("log_file", &self.log_file), ("environment_prefix", &self.environment_prefix)]
            .into_iter()
            .find(|(_, text)| token(text).as_ref() != Some(&text.replace('_', "-")))
        {
            Some((field, _)) => wrong(field),
            None => Ok(()),
        }
    }
}

/// Two or more labels of letters, digits and hyphens.
fn is_reverse_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// Whether a text has no control characters and no line separators of Unicode.
pub(crate) fn is_one_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// The letters and digits of a text, with hyphens between words; `None` if it has none.
fn token(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    Some(words.collect::<Vec<_>>().join("-")).filter(|token| !token.is_empty())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::AppIdentity;

    /// A program of the tests.
    pub(crate) fn identity() -> AppIdentity {
        AppIdentity::new("com.example.notes", "Notes", "1.2.0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_latin_letters_falls_back_to_the_id() {
        let identity = AppIdentity::new("com.example.notes", "메모", "1");
        assert_eq!(identity.user_agent, "com-example-notes/1");
        assert_eq!(identity.environment_prefix, "COM_EXAMPLE_NOTES");
        assert_eq!(identity.log_file, "com-example-notes");
        identity.check().unwrap();
        AppIdentity::new("com.example.notes", "My Notes", "1").check().unwrap();
    }

    /// S8: a scheme without a period, or a name that would change a path or a line, is refused.
    #[test]
    fn a_name_that_cannot_be_used_is_refused() {
        let with = |change: fn(&mut AppIdentity)| {
            let mut identity = AppIdentity::new("com.example.notes", "Notes", "1");
            change(&mut identity);
            identity.check().unwrap_err().to_string()
        };
        assert!(with(|identity| identity.id = "com.example/../x".into()).ends_with("id"));
        assert!(with(|identity| identity.id = "..".into()).ends_with("id"));
        assert!(with(|identity| identity.url_scheme = "notes".into()).ends_with("url_scheme"));
        assert!(with(|identity| identity.url_scheme = "Com.example".into()).ends_with("scheme"));
        assert!(with(|identity| identity.name = "a\nExec=evil".into()).ends_with("name"));
        assert!(with(|identity| identity.user_agent = "a\r\nb: c".into()).ends_with("agent"));
        assert!(with(|identity| identity.log_file = "../x".into()).ends_with("log_file"));
        assert!(with(|identity| identity.environment_prefix = String::new()).ends_with("prefix"));
    }
}
