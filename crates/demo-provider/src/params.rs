//! Parameters of a query or a form body.

use std::collections::HashSet;

use url::form_urlencoded;

/// Parameters in the order in which they were sent, repetitions included.
#[derive(Debug, Default, Clone)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses `a=b&c=d`.
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value; an empty parameter counts as absent (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// Whether one of the parameters called `name` has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs().any(|pair| pair == (name, value))
    }

    /// Whether a parameter was sent twice, which RFC 6749 §3.1 forbids.
    pub fn has_repetition(&self) -> bool {
        let mut seen = HashSet::new();
        !self.pairs().all(|(name, _)| seen.insert(name))
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_seen() {
        assert!(Params::parse(b"a=1&b=2&a=1").has_repetition());
        assert!(!Params::parse(b"a=1&b=2").has_repetition());
    }
}
