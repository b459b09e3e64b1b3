//! A signed JWT in compact form (RFC 7515, RFC 7519), verified by the keys that its issuer
//! publishes (RFC 7517) or by a secret that both sides know.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The longest name of an algorithm that an error repeats.
const LONGEST_NAME: usize = 32;

/// The keys of an issuer as published (RFC 7517, section 5).
#[derive(Debug, Clone)]
pub struct KeySet(Vec<Value>);

impl KeySet {
    /// Reads a key set. What its keys are is looked at only when one is needed, so that a key of
    /// an unknown kind spoils no other.
    pub(crate) fn read(mut body: Value) -> Option<Self> {
        body["keys"].as_array_mut().map(|keys| Self(std::mem::take(keys)))
    }
}

/// What a signature may be made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accepted<'a> {
    /// The algorithms that the issuer announces. `None` where it announces nothing: then any
    /// supported algorithm is accepted for which it publishes a key.
    pub(crate) announced: Option<&'a [String]>,
    /// The client secret, where an HMAC by it is accepted.
    pub(crate) secret: Option<&'a str>,
}

/// A JWT whose signature was verified.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Its claims: a JSON object.
    pub(crate) claims: Value,
    hash: &'static digest::Algorithm,
}

impl Verified {
    /// The left half of the hash that the signature's algorithm uses, in base64url (OpenID Connect
    /// Core, section 3.1.3.6).
    pub(crate) fn half_hash(&self, text: &str) -> String {
        half_hash(self.hash, text)
    }
}

fn half_hash(algorithm: &'static digest::Algorithm, text: &str) -> String {
    let hash = digest::digest(algorithm, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// Why a JWT was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsError {
    #[error("it is not a signed token")]
    NotSigned,
    #[error("it is encrypted, which is not supported")]
    Encrypted,
    #[error("its header demands an extension (crit)")]
    Extension,
    #[error("its type (typ) is not JWT")]
    Type,
    #[error("unsupported algorithm {0}")]
    Unsupported(String),
    #[error("unsupported {0}")]
    UnsupportedKey(String),
    #[error("the issuer does not announce its algorithm {0}")]
    NotAnnounced(String),
    #[error("it names a key that the issuer does not publish")]
    UnknownKey,
    #[error("its signature does not hold")]
    Signature,
}

/// A signature algorithm with a public key.
struct Algorithm {
    /// As RFC 7518, section 3.1, RFC 8037, section 3.1, and RFC 9864, section 2 name it.
    name: &'static str,
    key: Key,
    /// For `at_hash`. OpenID Connect names none for EdDSA; SHA-512 is what Ed25519 uses (RFC 8032,
    /// section 5.1).
    hash: &'static digest::Algorithm,
}

/// The kind of key that an algorithm needs, with the function that verifies by it. RSA keys of
/// less than 2048 bits are refused (RFC 7518, section 3.3).
enum Key {
    Rsa(&'static RsaParameters),
    Ec(&'static str, &'static dyn VerificationAlgorithm),
    Ed25519,
}

const fn algorithm(name: &'static str, key: Key, hash: &'static digest::Algorithm) -> Algorithm {
    Algorithm { name, key, hash }
}

static ALGORITHMS: [Algorithm; 11] = [
    algorithm("RS256", Key::Rsa(&RSA_PKCS1_2048_8192_SHA256), &digest::SHA256),
    algorithm("RS384", Key::Rsa(&RSA_PKCS1_2048_8192_SHA384), &digest::SHA384),
    algorithm("RS512", Key::Rsa(&RSA_PKCS1_2048_8192_SHA512), &digest::SHA512),
    algorithm("PS256", Key::Rsa(&RSA_PSS_2048_8192_SHA256), &digest::SHA256),
    algorithm("PS384", Key::Rsa(&RSA_PSS_2048_8192_SHA384), &digest::SHA384),
    algorithm("PS512", Key::Rsa(&RSA_PSS_2048_8192_SHA512), &digest::SHA512),
    algorithm("ES256", Key::Ec("P-256", &ECDSA_P256_SHA256_FIXED), &digest::SHA256),
    algorithm("ES384", Key::Ec("P-384", &ECDSA_P384_SHA384_FIXED), &digest::SHA384),
    algorithm("ES512", Key::Ec("P-521", &ECDSA_P521_SHA512_FIXED), &digest::SHA512),
    algorithm("EdDSA", Key::Ed25519, &digest::SHA512),
    algorithm("Ed25519", Key::Ed25519, &digest::SHA512),
];

/// Whether signatures by the algorithm of that name can be verified with a published key.
pub(crate) fn is_supported(name: &str) -> bool {
    ALGORITHMS.iter().any(|known| known.name == name)
}

/// Verifies a JWT and gives its claims.
pub(crate) fn verify(
    token: &str,
    keys: &KeySet,
    accepted: &Accepted<'_>,
) -> Result<Verified, JwsError> {
    let (payload, hash) = payload(token, keys, accepted)?;
    let claims = serde_json::from_slice(&payload).ok().filter(Value::is_object);
    Ok(Verified { claims: claims.ok_or(JwsError::NotSigned)?, hash })
}

/// The payload, with the hash of the algorithm that signed it.
fn payload(
    token: &str,
    keys: &KeySet,
    accepted: &Accepted<'_>,
) -> Result<(Vec<u8>, &'static digest::Algorithm), JwsError> {
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = match parts.as_slice() {
        [header, payload, signature] => (*header, *payload, *signature),
        // The five parts of RFC 7516, section 7.1.
        [_, _, _, _, _] => return Err(JwsError::Encrypted),
        _ => return Err(JwsError::NotSigned),
    };
    let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
    let header = read_header(header)?;
    let name = header.get("alg").and_then(Value::as_str).ok_or(JwsError::NotSigned)?;
    let (payload, signature) = (decode(payload)?, decode(signature)?);
    if let ("HS256", Some(secret)) = (name, accepted.secret) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, signed, &signature).map_err(|_| JwsError::Signature)?;
        return Ok((payload, &digest::SHA256));
    }
    let algorithm = find(name, accepted.announced)?;
    let id = header.get("kid").filter(|id| !id.is_null());
    let fitting: Vec<_> = keys.0.iter().filter(|key| algorithm.fits(key, id)).collect();
    if fitting.iter().any(|key| algorithm.holds(key, signed, &signature).is_some()) {
        return Ok((payload, algorithm.hash));
    }
    let sizes: Option<Vec<_>> = fitting.iter().map(|key| algorithm.unsupported_size(key)).collect();
    Err(match sizes.as_deref() {
        Some([bits, ..]) => JwsError::UnsupportedKey(format!("RSA key of {bits} bits")),
        Some([]) if keys.0.iter().any(|key| algorithm.needs_ed448(key, id)) => {
            JwsError::UnsupportedKey("EdDSA with Ed448".to_owned())
        }
        Some([]) => JwsError::UnknownKey,
        None => JwsError::Signature,
    })
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::NotSigned)
}

/// The header of a JWT of the usual type. No extension is implemented, so `crit` is refused
/// whatever it lists (RFC 7515, section 4.1.11). A token of another type is made for another
/// purpose (RFC 8725, section 3.11).
fn read_header(part: &str) -> Result<Map<String, Value>, JwsError> {
    let Ok(Value::Object(header)) = serde_json::from_slice(&decode(part)?) else {
        return Err(JwsError::NotSigned);
    };
    if header.contains_key("crit") {
        return Err(JwsError::Extension);
    }
    // RFC 7515, section 4.1.9: a media type, in any letter case, usually without `application/`.
    let is_jwt = |kind: &Value| {
        let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
        kind.strip_prefix("application/").unwrap_or(&kind) == "jwt"
    };
    match header.get("typ") {
        Some(kind) if !is_jwt(kind) => Err(JwsError::Type),
        Some(_) | None => Ok(header),
    }
}

/// The algorithm of that name, if it is supported and announced. An HMAC that is not announced
/// may be forged with a published key as its secret, so its error is not "unsupported".
fn find(name: &str, announced: Option<&[String]>) -> Result<&'static Algorithm, JwsError> {
    let is_announced = announced.is_none_or(|names| names.iter().any(|known| known == name));
    match ALGORITHMS.iter().find(|known| known.name == name) {
        _ if name.eq_ignore_ascii_case("none") => Err(JwsError::NotSigned),
        Some(algorithm) if is_announced => Ok(algorithm),
        None if is_announced || !name.starts_with("HS") => Err(JwsError::Unsupported(short(name))),
        Some(_) | None => Err(JwsError::NotAnnounced(short(name))),
    }
}

fn short(name: &str) -> String {
    name.chars().filter(char::is_ascii_graphic).take(LONGEST_NAME).collect()
}

impl Algorithm {
    /// Whether a published key has this id and is made for this (RFC 7517, section 4).
    fn fits(&self, key: &Value, id: Option<&Value>) -> bool {
        let kind = match self.key {
            Key::Rsa(_) => key["kty"] == "RSA",
            Key::Ec(curve, _) => key["kty"] == "EC" && key["crv"] == curve,
            Key::Ed25519 => key["kty"] == "OKP" && key["crv"] == "Ed25519",
        };
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
        };
        // `EdDSA` names the algorithm of both curves, `Ed25519` that of one.
        let is_ours = |name: &Value| match self.key {
            Key::Ed25519 => name == "EdDSA" || name == "Ed25519",
            Key::Rsa(_) | Key::Ec(..) => name == self.name,
        };
        let allowed =
            |name: &str, allows: &dyn Fn(&Value) -> bool| key[name].is_null() || allows(&key[name]);
        kind && id.is_none_or(|id| key["kid"] == *id)
            && allowed("use", &|purpose| purpose == "sig")
            && allowed("key_ops", &verifies)
            && allowed("alg", &is_ours)
    }

    /// Whether a published key has this id and is of the other curve that `EdDSA` may mean.
    fn needs_ed448(&self, key: &Value, id: Option<&Value>) -> bool {
        self.name == "EdDSA" && key["crv"] == "Ed448" && id.is_none_or(|id| key["kid"] == *id)
    }

    /// The bits of an RSA key whose size is not supported.
    fn unsupported_size(&self, key: &Value) -> Option<usize> {
        let Key::Rsa(_) = self.key else { return None };
        let number = URL_SAFE_NO_PAD.decode(key["n"].as_str()?).ok()?;
        let number = unpadded(&number);
        let zeros = number.first()?.leading_zeros() as usize;
        Some(number.len() * 8 - zeros).filter(|bits| !(2048..=8192).contains(bits))
    }

    /// Whether the key made the signature.
    fn holds(&self, key: &Value, signed: &[u8], signature: &[u8]) -> Option<()> {
        let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
        let verified = match &self.key {
            Key::Rsa(parameters) => {
                let (n, e) = (part("n")?, part("e")?);
                let key = RsaPublicKeyComponents { n: unpadded(&n), e: unpadded(&e) };
                key.verify(parameters, signed, signature)
            }
            Key::Ec(_, algorithm) => {
                let point = [vec![4], part("x")?, part("y")?].concat();
                algorithm.verify_sig(&point, signed, signature)
            }
            Key::Ed25519 => UnparsedPublicKey::new(&ED25519, part("x")?).verify(signed, signature),
        };
        verified.ok()
    }
}

/// A number without the zeros that some issuers put before it.
fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests;
