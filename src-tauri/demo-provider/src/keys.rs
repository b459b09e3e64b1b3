//! The signing keys and JWTs, made by hand so that a hostile issuer can make them wrong.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{error::Unspecified, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The keys of this process: two RSA keys and an elliptic one that are published, and one RSA key that nobody knows.
#[derive(Debug)]
pub struct Keys {
    /// The usual key.
    pub main: Rsa,
    /// The key after a rotation.
    pub next: Rsa,
    /// In no key set.
    pub stranger: Rsa,
    /// For ES256.
    pub elliptic: Elliptic,
}

/// An RSA key and its id.
#[derive(Debug)]
pub struct Rsa {
    /// `kid`.
    pub kid: &'static str,
    pair: RsaKeyPair,
}

/// A P-256 key and its id.
#[derive(Debug)]
pub struct Elliptic {
    /// `kid`.
    pub kid: &'static str,
    pair: EcdsaKeyPair,
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
        Ok(Self {
            main: Rsa::generate("demo-2026-10")?,
            next: Rsa::generate("demo-2026-11")?,
            stranger: Rsa::generate("demo-2026-10")?,
            elliptic: Elliptic::generate("demo-es256")?,
        })
    }
}

impl Rsa {
    fn generate(kid: &'static str) -> Result<Self, Unspecified> {
        Ok(Self { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048)? })
    }

    /// A JWT with this header, signed by RS256 whatever the header says.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = signing_input(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        match self.pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            input.as_bytes(),
            &mut signature,
        ) {
            Ok(()) => with_signature(&input, &signature),
            Err(Unspecified) => with_signature(&input, b""),
        }
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The public half as PEM, which the HS256 confusion attack uses as a shared secret.
    pub fn public_pem(&self) -> Result<String, Unspecified> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }
}

impl Elliptic {
    fn generate(kid: &'static str) -> Result<Self, Unspecified> {
        Ok(Self { kid, pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)? })
    }

    /// A JWT signed by ES256.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = signing_input(header, claims);
        match self.pair.sign(&SystemRandom::new(), input.as_bytes()) {
            Ok(signature) => with_signature(&input, signature.as_ref()),
            Err(Unspecified) => with_signature(&input, b""),
        }
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC",
            "crv": "P-256",
            "kid": self.kid,
            "use": "sig",
            "alg": "ES256",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        })
    }
}

/// A JWT "signed" by HMAC.
pub fn sign_hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = signing_input(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    with_signature(&input, tag.as_ref())
}

/// A JWT with an empty signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    with_signature(&signing_input(header, claims), b"")
}

/// `at_hash`: the left half of the access token's hash (OIDC Core 3.1.3.6).
pub fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn with_signature(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
