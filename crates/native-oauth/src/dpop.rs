//! The key that a session's tokens are bound to, and the proofs of its possession (DPoP, RFC 9449).

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// The only algorithm used: every server that supports DPoP announces it.
pub(crate) const ALGORITHM: &str = "ES256";
/// RFC 9449, section 4.2.
const TYPE: &str = "dpop+jwt";

/// An ES256 key of one session. Cheap to clone.
#[derive(Clone)]
pub struct DpopKey(Arc<Parts>);

struct Parts {
    /// PKCS#8 (RFC 5958) in base64url.
    text: SecretString,
    private: EncodingKey,
    public: Jwk,
    thumbprint: String,
}

impl DpopKey {
    /// A new key, from the operating system's random generator.
    ///
    /// # Errors
    /// [`ErrorKind::DpopKeyUnusable`] where no key can be made.
    pub fn generate() -> Result<Self> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        document.ok().and_then(|document| Self::of_pkcs8(document.as_ref())).ok_or(unusable())
    }

    /// Reads what [`DpopKey::text`] wrote.
    pub fn parse(text: &SecretString) -> Option<Self> {
        Self::of_pkcs8(&URL_SAFE_NO_PAD.decode(text.expose_secret()).ok()?)
    }

    fn of_pkcs8(document: &[u8]) -> Option<Self> {
        let private = EncodingKey::from_ec_der(document);
        let public = Jwk::from_encoding_key(&private, Algorithm::ES256).ok()?;
        let thumbprint = public.thumbprint(ThumbprintHash::SHA256).ok()?;
        let text = URL_SAFE_NO_PAD.encode(document).into();
        Some(Self(Arc::new(Parts { text, private, public, thumbprint })))
    }

    /// The key, serialized: PKCS #8 in base64url.
    pub fn text(&self) -> SecretString {
        self.0.text.clone()
    }

    /// The thumbprint of its public key (RFC 7638): `dpop_jkt` of an authorization request (RFC
    /// 9449, section 10).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// A proof for one request.
    ///
    /// # Errors
    /// [`ErrorKind::DpopKeyUnusable`] where the key does not sign.
    pub fn proof(&self, request: &ProvenRequest<'_>) -> Result<String> {
        let header = Header {
            typ: Some(TYPE.to_owned()),
            jwk: Some(self.0.public.clone()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, &Claims::of(request), &self.0.private).map_err(|_| unusable())
    }
}

fn unusable() -> Error {
    Error::new(ErrorKind::DpopKeyUnusable)
}

impl PartialEq for DpopKey {
    fn eq(&self, other: &Self) -> bool {
        self.thumbprint() == other.thumbprint()
    }
}

impl Eq for DpopKey {}

redacted!(DpopKey);

impl Serialize for DpopKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.text.expose_secret())
    }
}

impl<'de> Deserialize<'de> for DpopKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretString::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no key of a session"))
    }
}

/// What a proof is about.
#[derive(Debug)]
pub struct ProvenRequest<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// Its address.
    pub url: &'a Url,
    /// The access token that the request presents.
    pub access_token: Option<&'a SecretString>,
    /// The last nonce of the server.
    pub nonce: Option<&'a str>,
    /// Now, in seconds since 1970.
    pub issued_at: i64,
    /// A random id, new for each proof.
    pub id: [u8; 16],
}

/// RFC 9449, section 4.2.
#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    htm: &'a str,
    htu: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl<'a> Claims<'a> {
    fn of(request: &ProvenRequest<'a>) -> Self {
        let mut url = request.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        let hashed =
            |token: &SecretString| URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose_secret()));
        Self {
            jti: URL_SAFE_NO_PAD.encode(request.id),
            htm: request.method,
            htu: url.into(),
            iat: request.issued_at,
            ath: request.access_token.map(hashed),
            nonce: request.nonce,
        }
    }
}

/// An access token as a request presents it: as bearer (RFC 6750, section 2.1), or bound to a key
/// (RFC 9449, section 7.1).
#[derive(Debug, Clone, Copy)]
pub struct PresentedToken<'a> {
    /// The token.
    pub token: &'a SecretString,
    /// The key that it is bound to.
    pub key: Option<&'a DpopKey>,
}

impl<'a> PresentedToken<'a> {
    /// A token that is bound to nothing.
    pub fn bearer(token: &'a SecretString) -> Self {
        Self { token, key: None }
    }

    /// The value of `Authorization`.
    pub(crate) fn authorization(&self) -> String {
        let scheme = if self.key.is_some() { "DPoP" } else { "Bearer" };
        format!("{scheme} {}", self.token.expose_secret())
    }
}

#[cfg(test)]
mod tests;
