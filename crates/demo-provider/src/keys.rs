//! Signing keys and JWTs, without a JWT library, so that a test module can make them wrong.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
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

/// The keys of this process: those that are published, and one RSA key that is not.
#[derive(Debug)]
pub struct Keys {
    /// The main key.
    pub main: Rsa,
    /// The key after a rotation.
    pub next: Rsa,
    /// A key that is in no key set.
    pub stranger: Rsa,
    /// For ES256.
    pub elliptic: Elliptic,
    /// For ES384.
    pub p384: Elliptic,
    /// For ES512.
    pub p521: Elliptic,
    /// For EdDSA.
    pub edwards: Edwards,
}

/// An RSA key and its id.
#[derive(Debug)]
pub struct Rsa {
    /// `kid`.
    pub kid: &'static str,
    pair: RsaKeyPair,
}

/// An elliptic key and its id.
#[derive(Debug)]
pub struct Elliptic {
    /// `kid`.
    pub kid: &'static str,
    algorithm: &'static str,
    curve: &'static str,
    pair: EcdsaKeyPair,
}

/// An Ed25519 key and its id.
#[derive(Debug)]
pub struct Edwards {
    /// `kid`.
    pub kid: &'static str,
    pair: Ed25519KeyPair,
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
            elliptic: Elliptic::generate(
                "demo-es256",
                ("ES256", "P-256"),
                &ECDSA_P256_SHA256_FIXED_SIGNING,
            )?,
            p384: Elliptic::generate(
                "demo-es384",
                ("ES384", "P-384"),
                &ECDSA_P384_SHA384_FIXED_SIGNING,
            )?,
            p521: Elliptic::generate(
                "demo-es512",
                ("ES512", "P-521"),
                &ECDSA_P521_SHA512_FIXED_SIGNING,
            )?,
            edwards: Edwards { kid: "demo-ed25519", pair: Ed25519KeyPair::generate()? },
        })
    }

    /// A JWT by the published key for this algorithm.
    pub fn sign(&self, algorithm: &str, claims: &Value) -> String {
        let header = |kid: &str| json!({ "alg": algorithm, "typ": "JWT", "kid": kid });
        let rsa = |encoding: &'static dyn RsaEncoding| {
            self.main.sign_by(encoding, &header(self.main.kid), claims)
        };
        match algorithm {
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "PS384" => rsa(&RSA_PSS_SHA384),
            "PS512" => rsa(&RSA_PSS_SHA512),
            "ES256" => self.elliptic.sign(&header(self.elliptic.kid), claims),
            "ES384" => self.p384.sign(&header(self.p384.kid), claims),
            "ES512" => self.p521.sign(&header(self.p521.kid), claims),
            "EdDSA" => self.edwards.sign(&header(self.edwards.kid), claims),
            _ => rsa(&RSA_PKCS1_SHA256),
        }
    }

    /// The published key for this algorithm.
    pub fn jwk(&self, algorithm: &str) -> Value {
        match algorithm {
            "ES256" => self.elliptic.jwk(),
            "ES384" => self.p384.jwk(),
            "ES512" => self.p521.jwk(),
            "EdDSA" => self.edwards.jwk(),
            _ => {
                let mut key = self.main.jwk();
                key["alg"] = json!(algorithm);
                key
            }
        }
    }
}

impl Rsa {
    fn generate(kid: &'static str) -> Result<Self, Unspecified> {
        Ok(Self { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048)? })
    }

    /// A JWT with this header, signed by RS256 regardless of the header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_by(&RSA_PKCS1_SHA256, header, claims)
    }

    fn sign_by(
        &self,
        encoding: &'static dyn RsaEncoding,
        header: &Value,
        claims: &Value,
    ) -> String {
        let input = signing_input(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        match self.pair.sign(encoding, &SystemRandom::new(), input.as_bytes(), &mut signature) {
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
    fn generate(
        kid: &'static str,
        (algorithm, curve): (&'static str, &'static str),
        kind: &'static EcdsaSigningAlgorithm,
    ) -> Result<Self, Unspecified> {
        Ok(Self { kid, algorithm, curve, pair: EcdsaKeyPair::generate(kind)? })
    }

    /// A JWT signed by this key, regardless of the header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = signing_input(header, claims);
        match self.pair.sign(&SystemRandom::new(), input.as_bytes()) {
            Ok(signature) => with_signature(&input, signature.as_ref()),
            Err(Unspecified) => with_signature(&input, b""),
        }
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        // Uncompressed: a 4, then both coordinates.
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        json!({
            "kty": "EC",
            "crv": self.curve,
            "kid": self.kid,
            "use": "sig",
            "alg": self.algorithm,
            "x": URL_SAFE_NO_PAD.encode(x),
            "y": URL_SAFE_NO_PAD.encode(y),
        })
    }
}

impl Edwards {
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = signing_input(header, claims);
        with_signature(&input, self.pair.sign(input.as_bytes()).as_ref())
    }

    /// The public half as a JWK (RFC 8037 §2).
    fn jwk(&self) -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": self.kid,
            "use": "sig",
            "alg": "EdDSA",
            "x": URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref()),
        })
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
