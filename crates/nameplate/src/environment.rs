//! Environment variables, given by the embedding program.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// The environment variables that the configuration may come from. The library reads none on its
/// own: the program passes those of its process, or none.
///
/// ```
/// let environment: nameplate::Environment = std::env::vars_os().collect();
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The value of a variable, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(name).map(OsString::as_os_str);
        value.filter(|value| !value.is_empty())
    }

    /// The value of a variable, if it is UTF-8.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.to_str().map(str::to_owned)
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<T: IntoIterator<Item = (OsString, OsString)>>(variables: T) -> Self {
        let named = variables.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            // Names on Windows are case-insensitive.
            Some((if cfg!(windows) { name.to_ascii_uppercase() } else { name }, value))
        });
        Self(named.collect())
    }
}

/// Without the values, which may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S48: the values are not shown.
    #[test]
    fn no_value_is_shown() {
        let variable = ("KAKAO_CLIENT_SECRET".into(), "s3cret".into());
        let environment: Environment = [variable].into_iter().collect();
        assert_eq!(environment.text("KAKAO_CLIENT_SECRET").unwrap(), "s3cret");
        let shown = format!("{environment:?}");
        assert!(shown.contains("KAKAO_CLIENT_SECRET") && !shown.contains("s3cret"), "{shown}");
    }
}
