//! Signing keys and JWTs, without a JWT library, so that a test module can make them wrong.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use aws_lc_rs::{digest, error::Unspecified, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The keys of this process.
#[derive(Debug)]
pub struct Keys {
    /// An RSA key.
    pub main: Key,
    /// The RSA key after a rotation.
    pub next: Key,
    /// An RSA key that is in no key set, with the id of the main key.
    pub stranger: Key,
    pub es256: Key,
    es384: Key,
    es512: Key,
    ed25519: Key,
}

/// A signing key.
#[derive(Debug)]
pub struct Key {
    pub kid: &'static str,
    /// `alg`, and `crv` of an elliptic curve.
    names: (&'static str, &'static str),
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Rsa(rsa::KeyPair),
    Elliptic(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The keys, generated once per process: RSA generation is the slowest part of a start.
pub fn keys() -> Result<&'static Keys, Unspecified> {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    if let Some(keys) = KEYS.get() {
        return Ok(keys);
    }
    let keys = Keys::generate()?;
    Ok(KEYS.get_or_init(|| keys))
}

impl Keys {
    fn generate() -> Result<Self, Unspecified> {
        let rsa = |kid| {
            let pair = Pair::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048)?);
            Ok::<_, Unspecified>(Key { kid, names: ("RS256", ""), pair })
        };
        let elliptic = |kid, names, kind: &'static EcdsaSigningAlgorithm| {
            let pair = Pair::Elliptic(EcdsaKeyPair::generate(kind)?);
            Ok::<_, Unspecified>(Key { kid, names, pair })
        };
        let [p256, p384, p521] = [("ES256", "P-256"), ("ES384", "P-384"), ("ES512", "P-521")];
        Ok(Self {
            main: rsa("demo-2026-10")?,
            next: rsa("demo-2026-11")?,
            stranger: rsa("demo-2026-10")?,
            es256: elliptic("demo-es256", p256, &ECDSA_P256_SHA256_FIXED_SIGNING)?,
            es384: elliptic("demo-es384", p384, &ECDSA_P384_SHA384_FIXED_SIGNING)?,
            es512: elliptic("demo-es512", p521, &ECDSA_P521_SHA512_FIXED_SIGNING)?,
            ed25519: Key {
                kid: "demo-ed25519",
                names: ("EdDSA", "Ed25519"),
                pair: Pair::Ed25519(Ed25519KeyPair::generate()?),
            },
        })
    }

    /// The published key for this algorithm.
    fn of(&self, algorithm: &str) -> &Key {
        match algorithm {
            "ES256" => &self.es256,
            "ES384" => &self.es384,
            "ES512" => &self.es512,
            "EdDSA" => &self.ed25519,
            _ => &self.main,
        }
    }

    /// A JWT by the published key for this algorithm.
    pub fn sign(&self, algorithm: &str, claims: &Value) -> String {
        let key = self.of(algorithm);
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": key.kid });
        key.sign_by(rsa_encoding(algorithm), &header, claims)
    }

    /// The published key for this algorithm as a JWK.
    pub fn jwk(&self, algorithm: &str) -> Value {
        let mut key = self.of(algorithm).jwk();
        key["alg"] = json!(algorithm);
        key
    }
}

fn rsa_encoding(algorithm: &str) -> &'static dyn RsaEncoding {
    match algorithm {
        "RS384" => &RSA_PKCS1_SHA384,
        "RS512" => &RSA_PKCS1_SHA512,
        "PS256" => &RSA_PSS_SHA256,
        "PS384" => &RSA_PSS_SHA384,
        "PS512" => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    }
}

impl Key {
    /// A JWT with this header, signed by the key's own algorithm regardless of the header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_by(&RSA_PKCS1_SHA256, header, claims)
    }

    /// The signature of a failure is empty.
    fn sign_by(&self, rsa: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
        let input = signing_input(header, claims);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(rsa, &random, input.as_bytes(), &mut signature);
                signed.map(|()| signature)
            }
            Pair::Elliptic(pair) => {
                pair.sign(&random, input.as_bytes()).map(|signature| signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(input.as_bytes()).as_ref().to_vec()),
        };
        with_signature(&input, &signature.unwrap_or_default())
    }

    /// The public key as a JWK (RFC 7518 §6, RFC 8037 §2).
    pub fn jwk(&self) -> Value {
        let (algorithm, curve) = self.names;
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut key = match &self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let [n, e] = [n, e].map(|number| encode(number.big_endian_without_leading_zero()));
                json!({ "kty": "RSA", "n": n, "e": e })
            }
            Pair::Elliptic(pair) => {
                // Uncompressed: a 4, then both coordinates.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": curve, "x": encode(pair.public_key().as_ref()) })
            }
        };
        crate::response::merge(
            &mut key,
            json!({ "kid": self.kid, "use": "sig", "alg": algorithm }),
        );
        key
    }

    /// The public half of an RSA key as PEM, which the HS256 confusion attack uses as a shared secret.
    pub fn public_pem(&self) -> String {
        let Pair::Rsa(pair) = &self.pair else { return String::new() };
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = pair.public_key().as_der();
        let text = der.map_or_else(|_| String::new(), |der| STANDARD.encode(der.as_ref()));
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// A JWT with an HMAC.
pub fn sign_hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = signing_input(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    with_signature(&input, tag.as_ref())
}

/// A JWT with an empty signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    with_signature(&signing_input(header, claims), b"")
}

/// `at_hash`: the left half of the access token's hash (OIDC Core 3.1.3.6). For Ed25519 the working group
/// names SHA-512 (openid/connect issue 1125).
pub fn at_hash(algorithm: &str, access_token: &str) -> String {
    let kind = match algorithm {
        "RS384" | "PS384" | "ES384" => &digest::SHA384,
        "RS512" | "PS512" | "ES512" | "EdDSA" => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let hash = digest::digest(kind, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn with_signature(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
