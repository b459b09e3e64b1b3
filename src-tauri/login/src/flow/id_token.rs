//! Who signed in, as the issuer signed it (OpenID Connect Core, section 3.1.3.7).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::attempt::Secrets;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::http::Http;

/// How far apart two clocks may be (S35).
const SKEW: i64 = 60;

/// An id_token that answers a request of minutes ago was not issued longer ago than this.
const OLDEST: i64 = 24 * 60 * 60;

/// What the claims must say.
pub(crate) struct Expected<'a> {
    /// The spellings of the issuer.
    pub(crate) issuers: &'a [&'a str],
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// The nonce of the attempt.
    pub(crate) nonce: &'a str,
    /// The access token that came with it.
    pub(crate) access_token: &'a str,
    /// Now, in seconds since 1970.
    pub(crate) now: i64,
}

/// Fetches the issuer's keys and verifies. An unknown key is looked for once more, since issuers
/// replace their keys; one sign-in never asks more often than that (S37).
pub(crate) async fn fetch_and_verify(
    http: &Http,
    entry: &Entry,
    token: &SecretString,
    access_token: &SecretString,
    secrets: &Secrets,
    now: i64,
) -> Result<Value> {
    let issuers = entry.issuers();
    let expected = Expected {
        issuers: &issuers,
        client_id: &entry.client()?.id,
        nonce: &secrets.nonce,
        access_token: access_token.expose_secret(),
        now,
    };
    let token = token.expose_secret();
    match verify(token, &keys(http, entry).await?, &expected) {
        Err(Refusal::UnknownKey) => verify(token, &keys(http, entry).await?, &expected),
        first => first,
    }
    .map_err(|refusal| Error::new(refusal.code()).detail(refusal))
}

async fn keys(http: &Http, entry: &Entry) -> Result<JwkSet> {
    let Some(url) = &entry.endpoints.jwks else {
        return Err(Error::new(Code::DiscoveryFailed).detail("jwks_uri"));
    };
    let (status, body) = http.json(url, None).await?;
    if !status.is_success() {
        return Err(Error::new(Code::DiscoveryFailed).detail(format!("jwks_uri: {status}")));
    }
    serde_json::from_value(body).map_err(|_| Error::new(Code::DiscoveryFailed).detail("jwks_uri"))
}

/// Why an id_token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it is no signed token")]
    NotSigned,
    #[error("its algorithm is not accepted")]
    Algorithm,
    #[error("it names a key that the issuer does not publish")]
    UnknownKey,
    #[error("its signature does not hold")]
    Signature,
    #[error("iss is another issuer")]
    Issuer,
    #[error("aud is another client")]
    Audience,
    #[error("azp is another client")]
    AuthorizedParty,
    #[error("sub is missing")]
    Subject,
    #[error("exp is missing or over")]
    Expired,
    #[error("iat is missing, long ago or to come")]
    IssuedAt,
    #[error("nonce is missing or another")]
    Nonce,
    #[error("at_hash belongs to another access token")]
    AccessTokenHash,
}

impl Refusal {
    fn code(self) -> Code {
        match self {
            Self::NotSigned | Self::Subject => Code::IdTokenMalformed,
            Self::Algorithm | Self::UnknownKey | Self::Signature | Self::AccessTokenHash => {
                Code::IdTokenSignature
            }
            Self::Issuer => Code::IdTokenIssuer,
            Self::Audience | Self::AuthorizedParty => Code::IdTokenAudience,
            Self::Expired | Self::IssuedAt => Code::IdTokenExpired,
            Self::Nonce => Code::IdTokenNonce,
        }
    }
}

/// Verifies signature and claims; gives the claims.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<Value, Refusal> {
    let claims = signed_claims(token, keys)?;
    check_issuer_and_audience(&claims, expected)?;
    check_times(&claims, expected.now)?;
    if claims["sub"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::Subject);
    }
    if claims["nonce"].as_str() != Some(expected.nonce) {
        return Err(Refusal::Nonce);
    }
    let at_hash = claims["at_hash"].as_str();
    if at_hash.is_some_and(|hash| hash != access_token_hash(expected.access_token)) {
        return Err(Refusal::AccessTokenHash);
    }
    Ok(claims)
}

fn signed_claims(token: &str, keys: &JwkSet) -> Result<Value, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::NotSigned)?;
    // Never an HMAC, whose key would be a public one; `none` is not even known here.
    let (Algorithm::RS256 | Algorithm::ES256) = header.alg else { return Err(Refusal::Algorithm) };
    let candidates: Vec<&Jwk> = keys
        .keys
        .iter()
        .filter(|key| header.kid.is_none() || key.common.key_id == header.kid)
        .filter(|key| fits(key, header.alg))
        .collect();
    if candidates.is_empty() {
        return Err(Refusal::UnknownKey);
    }
    candidates.into_iter().find_map(|key| decode(token, key, header.alg)).ok_or(Refusal::Signature)
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let for_signing = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let kind = match key.algorithm {
        AlgorithmParameters::RSA(_) => algorithm == Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(_) => algorithm == Algorithm::ES256,
        _ => false,
    };
    let named = key.common.key_algorithm.and_then(|named| Algorithm::try_from(named).ok());
    for_signing && kind && named.is_none_or(|named| named == algorithm)
}

fn decode(token: &str, key: &Jwk, algorithm: Algorithm) -> Option<Value> {
    let mut rules = Validation::new(algorithm);
    // Only the signature here: the claims are checked below, against a clock that is an argument.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let key = DecodingKey::from_jwk(key).ok()?;
    jsonwebtoken::decode::<Value>(token, &key, &rules).ok().map(|token| token.claims)
}

fn check_issuer_and_audience(claims: &Value, expected: &Expected<'_>) -> Result<(), Refusal> {
    if !claims["iss"].as_str().is_some_and(|iss| expected.issuers.contains(&iss)) {
        return Err(Refusal::Issuer);
    }
    let audiences: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&expected.client_id) {
        return Err(Refusal::Audience);
    }
    // Core, section 3.1.3.7, steps 4 and 5.
    match claims["azp"].as_str() {
        Some(party) if party != expected.client_id => Err(Refusal::AuthorizedParty),
        None if audiences.len() > 1 => Err(Refusal::AuthorizedParty),
        Some(_) | None => Ok(()),
    }
}

fn check_times(claims: &Value, now: i64) -> Result<(), Refusal> {
    let seconds = |name: &str| claims[name].as_i64().or_else(|| whole(claims[name].as_f64()?));
    if seconds("exp").is_none_or(|exp| exp + SKEW <= now) {
        return Err(Refusal::Expired);
    }
    if seconds("iat").is_none_or(|iat| iat > now + SKEW || iat < now - OLDEST) {
        return Err(Refusal::IssuedAt);
    }
    Ok(())
}

/// RFC 7519 allows a NumericDate to have a fraction.
#[allow(clippy::cast_possible_truncation)]
fn whole(seconds: f64) -> Option<i64> {
    (seconds.abs() < 1e12).then_some(seconds as i64)
}

/// Core, section 3.1.3.6: the left half of the hash that the token's algorithm uses.
fn access_token_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}
