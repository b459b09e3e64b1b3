//! Passwords of local profiles: argon2id hashes as PHC strings.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Error, Result};

/// Shortest password, in characters (NIST SP 800-63B, section 5.1.1.1).
const MIN_CHARS: usize = 8;

/// 19 MiB (in KiB), two passes, one lane (OWASP Password Storage Cheat Sheet).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hash that no password matches, verified where there is no profile, so that the time is the same.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Checks the length of a new password.
///
/// # Errors
/// [`Code::WeakPassword`].
pub(crate) fn check(password: &SecretString) -> Result<()> {
    match normal(password).expose_secret().chars().count() {
        0..MIN_CHARS => Err(Error::new(Code::WeakPassword)),
        _ => Ok(()),
    }
}

/// Hashes a password. Slow on purpose: call it on a blocking thread.
///
/// # Errors
/// [`Code::WeakPassword`] if it is longer than argon2 allows.
pub(crate) fn hash(password: &SecretString, salt: [u8; 16]) -> Result<SecretString> {
    // These errors do not quote the password.
    let failed =
        |error: argon2::password_hash::Error| Error::new(Code::WeakPassword).with_detail(error);
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|error| failed(error.into()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let normal = normal(password);
    let hashed = argon2.hash_password(normal.expose_secret().as_bytes(), &salt).map_err(failed)?;
    Ok(hashed.to_string().into())
}

/// Whether the password matches the stored hash. Without a hash it returns false after the same
/// work.
pub(crate) fn matches(password: &SecretString, kept: Option<&SecretString>) -> bool {
    let kept = kept.map_or(DUMMY, |kept| kept.expose_secret());
    let normal = normal(password);
    let same = |kept| {
        // Verified with the hash's own parameters, so that the defaults may change.
        Argon2::default().verify_password(normal.expose_secret().as_bytes(), &kept).is_ok()
    };
    PasswordHash::new(kept).is_ok_and(same)
}

/// Unicode NFC, because keyboards differ (RFC 8265, section 4.2.2).
fn normal(password: &SecretString) -> SecretString {
    let typed = password.expose_secret();
    // Large enough not to be reallocated, because the old buffer would not be wiped.
    let mut normal = String::with_capacity(typed.len() * 3);
    normal.extend(typed.nfc());
    normal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[test]
    fn a_password_is_kept_as_a_salted_phc_string_of_argon2id() {
        let (first, second) =
            (hash(&secret("correct horse"), [1; 16]), hash(&secret("correct horse"), [2; 16]));
        let (first, second) = (first.unwrap(), second.unwrap());
        let text = first.expose_secret();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert!(!text.contains("correct"));
        assert_ne!(text, second.expose_secret());
        assert!(matches(&secret("correct horse"), Some(&first)));
        assert!(!matches(&secret("correct house"), Some(&first)));
        assert!(!matches(&secret(""), Some(&first)));
    }

    /// An unknown profile costs the same work as a known one.
    #[test]
    fn an_unknown_profile_costs_as_much_as_a_known_one() {
        let kept = hash(&secret("correct horse"), [3; 16]).unwrap();
        let (kept, dummy) =
            (PasswordHash::new(kept.expose_secret()), PasswordHash::new(DUMMY).unwrap());
        let kept = kept.unwrap();
        assert_eq!((kept.algorithm, kept.version), (dummy.algorithm, dummy.version));
        assert_eq!(kept.params, dummy.params);
        let lengths =
            |hash: &PasswordHash<'_>| (hash.hash.unwrap().len(), hash.salt.unwrap().as_str().len());
        assert_eq!(lengths(&kept), lengths(&dummy));
        assert!(!matches(&secret("correct horse"), None));
        assert!(!matches(&secret(""), Some(&secret("no PHC string"))));
    }

    #[test]
    fn one_password_has_one_spelling() {
        let (composed, decomposed) =
            ("비밀번호 열쇠말", "비밀번호 열쇠말".nfd().collect::<String>());
        assert_ne!(composed, decomposed);
        let kept = hash(&secret(composed), [4; 16]).unwrap();
        assert!(matches(&secret(&decomposed), Some(&kept)));
        // Seven characters, however many parts they are written with.
        let short = "비밀번호다아아".nfd().collect::<String>();
        assert_eq!(check(&secret(&short)).unwrap_err().code(), Code::WeakPassword);
        assert!(check(&secret("12345678")).is_ok());
    }
}
