//! PKCE (RFC 7636): the challenge of a request, and whether a verifier fits it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::params::Params;

/// `code_challenge` with its method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    Plain(String),
    S256(String),
}

impl Challenge {
    /// The challenge of a request; without a method it is `plain` (RFC 7636 §4.3). Endpoints refuse the methods that
    /// they do not support.
    pub fn of(params: &Params) -> Option<Self> {
        let value = params.get("code_challenge")?.to_owned();
        let is_s256 = params.get("code_challenge_method") == Some("S256");
        Some(if is_s256 { Self::S256(value) } else { Self::Plain(value) })
    }

    /// Whether `verifier` is well-formed (43 to 128 unreserved characters, RFC 7636 §4.1) and fits.
    pub fn fits(&self, verifier: &str) -> bool {
        let well_formed = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        well_formed
            && match self {
                Self::Plain(value) => value == verifier,
                Self::S256(value) => *value == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
            }
    }
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
