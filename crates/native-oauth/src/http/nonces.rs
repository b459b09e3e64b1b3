//! The nonces that servers want in proofs (RFC 9449, sections 8 and 9), by origin. They are forgotten
//! with the process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderMap;
use url::{Origin, Url};

/// RFC 9449, section 8.1.
const HEADER: &str = "dpop-nonce";
/// Longest nonce, in bytes.
const MAX_NONCE_BYTES: usize = 1024;

/// The last nonce of each origin.
#[derive(Debug, Default)]
pub(super) struct DpopNonces(Mutex<HashMap<Origin, String>>);

impl DpopNonces {
    /// The last nonce of the origin.
    pub(super) fn of(&self, url: &Url) -> Option<String> {
        let nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.get(&url.origin()).cloned()
    }

    /// Keeps the nonce of a response, if it has one.
    pub(super) fn note(&self, url: &Url, headers: &HeaderMap) {
        let nonce = headers.get(HEADER).and_then(|nonce| nonce.to_str().ok());
        let Some(nonce) = nonce.filter(|nonce| is_nonce(nonce)) else { return };
        let mut nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(url.origin(), nonce.to_owned());
    }
}

fn is_nonce(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (1..=MAX_NONCE_BYTES).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(nonce: &str) -> HeaderMap {
        HeaderMap::from_iter([(HEADER.parse().unwrap(), nonce.parse().unwrap())])
    }

    /// S64: a nonce is for its origin alone, and what is none is not repeated.
    #[test]
    fn a_nonce_belongs_to_its_origin() {
        let nonces = DpopNonces::default();
        let url = |text: &str| text.parse::<Url>().unwrap();
        nonces.note(&url("https://id.example.com/token"), &headers("first"));
        assert_eq!(nonces.of(&url("https://id.example.com/me?x")).as_deref(), Some("first"));
        for other in
            ["https://api.example.com/", "http://id.example.com/", "https://id.example.com:444/"]
        {
            assert_eq!(nonces.of(&url(other)), None, "{other}");
        }
        for unusable in ["", "a b", "a\"b", &"n".repeat(1025)] {
            nonces.note(&url("https://id.example.com/"), &headers(unusable));
        }
        assert_eq!(nonces.of(&url("https://id.example.com/")).as_deref(), Some("first"));
        nonces.note(&url("https://id.example.com/"), &headers("second"));
        assert_eq!(nonces.of(&url("https://id.example.com/")).as_deref(), Some("second"));
    }
}
