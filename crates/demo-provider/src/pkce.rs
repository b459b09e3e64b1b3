//! PKCE (RFC 7636): the challenge of a request and whether a verifier fits it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// `code_challenge` with its method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// The verifier itself. Only Google still takes it.
    Plain(String),
    /// The verifier's hash.
    S256(String),
}

impl Challenge {
    /// Whether `verifier` is the one.
    pub fn fits(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(value) => value == verifier,
            Self::S256(value) => *value == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
pub fn is_well_formed(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_fits() {
        let challenge = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        assert!(challenge.fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"));
    }
}
