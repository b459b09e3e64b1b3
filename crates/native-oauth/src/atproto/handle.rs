//! A handle of an account: a host name.

use std::fmt;

use serde::Serialize;

/// Longest handle, in characters.
const MAX_HANDLE_CHARS: usize = 253;
/// Of a part between two periods.
const MAX_LABEL_CHARS: usize = 63;
/// Top-level domains that no handle can have. `test` is for development, where the caller allows it.
const RESERVED: &[&str] =
    &["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion"];

/// A handle in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Handle(String);

impl Handle {
    /// Reads a handle, in whatever letters.
    pub fn parse(text: &str) -> Option<Self> {
        let handle = text.to_ascii_lowercase();
        let labels: Vec<&str> = handle.split('.').collect();
        let top = labels.last()?;
        let valid = handle.len() <= MAX_HANDLE_CHARS
            && labels.len() >= 2
            && labels.iter().all(|label| is_label(label))
            && top.starts_with(|first: char| first.is_ascii_lowercase())
            && !RESERVED.contains(top);
        valid.then_some(Self(handle))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=MAX_LABEL_CHARS).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification of handles.
    #[test]
    fn a_handle_is_a_host_name() {
        for (text, handle) in [
            ("jay.bsky.social", "jay.bsky.social"),
            ("8.cn", "8.cn"),
            ("name.t--t", "name.t--t"),
            ("XX.LCS.MIT.EDU", "xx.lcs.mit.edu"),
            ("a.co", "a.co"),
            ("xn--ls8h.test", "xn--ls8h.test"),
        ] {
            assert_eq!(Handle::parse(text).unwrap().as_str(), handle);
        }
        let long = format!("{}.com", "a".repeat(64));
        let longest = format!("{}com", "abc.".repeat(63));
        for text in [
            "jo@hn.test",
            "💩.test",
            "john..test",
            "xn--bcher-.tld",
            "john.0",
            "cn.8",
            "org",
            "name.org.",
            ".name.org",
            "laptop.local",
            "blah.arpa",
            "handle.invalid",
            "127.0.0.1",
            "localhost",
            "a b.com",
            "",
            &long,
            &longest,
        ] {
            assert_eq!(Handle::parse(text), None, "{text}");
        }
    }
}
