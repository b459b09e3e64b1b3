//! Who signed in, as the issuer signed it (OpenID Connect Core, section 3.1.3.7).

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::jws::{self, Accepted, KeySet, Verified};
use crate::provider::{IdTokenKey, IssuerRule, Provider, TENANT};
use crate::provider_config::ProviderConfig;
use crate::signing_keys;
use crate::token_response::TokenResponse;

/// How far apart two clocks may be (S35).
const SKEW: i64 = 60;

/// An id_token that answers a request of minutes ago was not issued longer ago than this.
const OLDEST: i64 = 24 * 60 * 60;

/// The expected claims.
pub(crate) struct Expected<'a> {
    /// Whose dialect it is.
    pub(crate) provider: &'a Provider,
    /// The spellings of the issuer.
    pub(crate) issuers: &'a [&'a str],
    /// The client secret, where it may be what it is signed with.
    pub(crate) secret: Option<&'a str>,
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// Other audiences that the configuration trusts.
    pub(crate) trusted_audiences: &'a [String],
    /// The algorithms of the issuer's metadata; `None` if it lists none.
    pub(crate) algorithms: Option<&'a [String]>,
    /// The access token that came with it.
    pub(crate) access_token: &'a str,
    /// What it came with.
    pub(crate) context: IdTokenContext<'a>,
}

/// What an id_token came with.
#[derive(Debug, Clone, Copy)]
pub enum IdTokenContext<'a> {
    /// A sign-in: the nonce of the attempt, and now, in seconds since 1970.
    Code {
        /// Nonce of the authorization request.
        nonce: &'a str,
        /// Seconds since 1970.
        now: i64,
    },
    /// A sign-in by a device code, for which no nonce can be sent (RFC 8628, section 3.1): the
    /// direct response of the token endpoint is what binds it to the request.
    Device {
        /// Seconds since 1970.
        now: i64,
    },
    /// A refresh: it names the account's issuer and subject again, and no nonce but that of the sign-in
    /// (OpenID Connect Core, section 12.2). Its times are not looked at, since a clock that is
    /// wrong here may not cost the refresh token that was just given (S43).
    Refresh {
        /// Issuer of the account: that of the user's tenant, where each tenant has its own.
        issuer: &'a str,
        /// Subject of the account.
        subject: &'a str,
        /// Nonce of the sign-in, where it had one.
        nonce: Option<&'a str>,
    },
}

impl TokenResponse {
    /// Checks what a refresh returned: each token by itself, and the subject of the id_token, where
    /// there is one and the issuer's keys are given (OpenID Connect Core, section 12.2). The account
    /// is known by issuer and subject.
    ///
    /// # Errors
    /// As of [`TokenResponse::check`], and where the id_token does not hold.
    pub async fn check_refreshed(
        &self,
        client: &Client,
        keys: Option<KeySet>,
        (issuer, subject): (&str, &str),
        nonce: Option<&str>,
    ) -> Result<()> {
        self.check()?;
        if client.config.provider.is_atproto() && self.did()?.as_str() != subject {
            return Err(Error::new(ErrorKind::UserinfoMismatch));
        }
        if let (Some(token), Some(keys)) = (&self.id_token, keys) {
            let context = IdTokenContext::Refresh { issuer, subject, nonce };
            fetch_and_verify(client, keys, token, &self.access, context).await?;
        }
        Ok(())
    }
}

/// Verifies by the issuer's keys. An unknown key is looked for once more, since issuers replace
/// their keys; one sign-in never asks more often than that (S37).
pub(crate) async fn fetch_and_verify(
    client: &Client,
    known: KeySet,
    token: &SecretString,
    access_token: &SecretString,
    context: IdTokenContext<'_>,
) -> Result<Value> {
    let entry = &client.config;
    let issuers = entry.issuers();
    let secret = match entry.provider.id_token_key {
        IdTokenKey::Published => None,
        IdTokenKey::PublishedOrSecret => client.secret(),
    };
    let expected = Expected {
        provider: entry.provider,
        issuers: &issuers,
        secret: secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()),
        client_id: &entry.client()?.id,
        trusted_audiences: &entry.trusted_audiences,
        algorithms: entry.id_token_algorithms.as_deref(),
        access_token: access_token.expose_secret(),
        context,
    };
    let token = token.expose_secret();
    match verify(token, &known, &expected) {
        Err(IdTokenError::Jws(jws::JwsError::UnknownKey)) => {
            verify(token, &signing_keys::fetch(client).await?, &expected)
        }
        first => first,
    }
    .map_err(|refusal| Error::new(refusal.code()).with_detail(refusal))
}

/// Verifies a signed userinfo. It should name the issuer, and our client among its audiences (OpenID
/// Connect Core, section 5.3.2): what it names of them must be right.
pub(crate) fn verify_userinfo(
    token: &str,
    keys: &KeySet,
    entry: &ProviderConfig,
    now: i64,
) -> Result<Value> {
    let accepted = Accepted { announced: None, secret: None };
    let refused =
        |refusal: IdTokenError| Error::new(ErrorKind::ResponseUnreadable).with_detail(refusal);
    let claims = jws::verify(token, keys, &accepted).map_err(|jws| refused(jws.into()))?.claims;
    let ours = entry.client()?.id.as_str();
    let is_ours = || audiences(&claims).is_some_and(|audiences| audiences.contains(&ours));
    if !claims["iss"].is_null() && !is_issuer(entry.provider, &entry.issuers(), &claims) {
        return Err(refused(IdTokenError::Issuer));
    }
    if !claims["aud"].is_null() && !is_ours() {
        return Err(refused(IdTokenError::Audience));
    }
    if !claims["exp"].is_null() {
        check_expiry(&claims, now).map_err(refused)?;
    }
    match claims["sub"].as_str().is_some_and(|subject| !subject.trim().is_empty()) {
        true => Ok(claims),
        false => Err(refused(IdTokenError::Subject)),
    }
}

/// Why an id_token was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdTokenError {
    #[error(transparent)]
    Jws(#[from] jws::JwsError),
    #[error("iss is another issuer")]
    Issuer,
    #[error("aud is another client")]
    Audience,
    #[error("aud names {0} besides, which trusted_audiences does not")]
    OtherAudience(String),
    #[error("azp is another client")]
    AuthorizedParty,
    #[error("sub is missing")]
    Subject,
    #[error("sub is another account")]
    OtherSubject,
    #[error("exp is missing or over")]
    Expired,
    #[error("iat is missing, long ago or to come")]
    IssuedAt,
    #[error("nbf is to come")]
    NotBefore,
    #[error("nonce is missing or another")]
    Nonce,
    #[error("at_hash belongs to another access token")]
    AccessTokenHash,
}

impl IdTokenError {
    fn code(&self) -> ErrorKind {
        use jws::JwsError as Jws;
        match self {
            Self::Jws(Jws::Unsupported(_) | Jws::UnsupportedKey(_)) => ErrorKind::IdTokenAlgorithm,
            Self::Jws(Jws::NotSigned | Jws::Encrypted | Jws::Extension | Jws::Type)
            | Self::Subject => ErrorKind::IdTokenMalformed,
            Self::Jws(Jws::NotAnnounced(_) | Jws::UnknownKey | Jws::Signature)
            | Self::AccessTokenHash => ErrorKind::IdTokenSignature,
            Self::Issuer => ErrorKind::IdTokenIssuer,
            Self::Audience | Self::OtherAudience(_) | Self::AuthorizedParty => {
                ErrorKind::IdTokenAudience
            }
            Self::Expired | Self::IssuedAt | Self::NotBefore => ErrorKind::IdTokenExpired,
            Self::Nonce => ErrorKind::IdTokenNonce,
            Self::OtherSubject => ErrorKind::UserinfoMismatch,
        }
    }
}

/// Verifies signature and claims; gives the claims.
pub(crate) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<Value, IdTokenError> {
    let accepted = Accepted { announced: expected.algorithms, secret: expected.secret };
    let verified = jws::verify(token, keys, &accepted)?;
    check_claims(&verified, expected)?;
    Ok(verified.claims)
}

fn check_claims(verified: &Verified, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let claims = &verified.claims;
    check_issuer_and_audience(claims, expected)?;
    let subject = claims["sub"].as_str().filter(|subject| !subject.trim().is_empty());
    let subject = subject.ok_or(IdTokenError::Subject)?;
    match expected.context {
        IdTokenContext::Code { nonce, now } => {
            check_times(claims, now)?;
            check_nonce(claims, nonce)?;
        }
        IdTokenContext::Device { now } => check_times(claims, now)?,
        IdTokenContext::Refresh { issuer, .. } if !is_same_issuer(claims, issuer, expected) => {
            return Err(IdTokenError::Issuer);
        }
        IdTokenContext::Refresh { subject: known, .. } if subject != known => {
            return Err(IdTokenError::OtherSubject);
        }
        IdTokenContext::Refresh { nonce: Some(nonce), .. } if !claims["nonce"].is_null() => {
            check_nonce(claims, nonce)?;
        }
        IdTokenContext::Refresh { .. } => {}
    }
    // Core, section 3.1.3.6.
    let at_hash = &claims["at_hash"];
    match at_hash.is_null() || *at_hash == verified.half_hash(expected.access_token) {
        true => Ok(()),
        false => Err(IdTokenError::AccessTokenHash),
    }
}

fn check_issuer_and_audience(claims: &Value, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    if !is_issuer(expected.provider, expected.issuers, claims) {
        return Err(IdTokenError::Issuer);
    }
    let audiences = audiences(claims).ok_or(IdTokenError::Audience)?;
    if !audiences.contains(&expected.client_id) {
        return Err(IdTokenError::Audience);
    }
    // Core, section 3.1.3.7, step 3: every other audience could use it as well.
    let is_known = |audience: &&&str| {
        **audience == expected.client_id
            || expected.trusted_audiences.iter().any(|trusted| trusted == **audience)
    };
    let others: Vec<&str> = audiences.iter().filter(|one| !is_known(one)).copied().collect();
    if !others.is_empty() {
        return Err(IdTokenError::OtherAudience(others.join(", ")));
    }
    // Steps 4 and 5 of its first edition.
    match &claims["azp"] {
        Value::Null if audiences.iter().all(|audience| *audience == expected.client_id) => Ok(()),
        Value::String(party) if party == expected.client_id => Ok(()),
        _ => Err(IdTokenError::AuthorizedParty),
    }
}

/// The audience of a token; `None` where one of them is not a string.
fn audiences(claims: &Value) -> Option<Vec<&str>> {
    match &claims["aud"] {
        Value::Array(several) => several.iter().map(Value::as_str).collect(),
        one => Some(vec![one.as_str()?]),
    }
}

/// Whether the claims name the issuer. Where there is an issuer for each tenant, it is that of the
/// tenant that the claims name.
fn is_issuer(provider: &Provider, issuers: &[&str], claims: &Value) -> bool {
    let Some(iss) = claims["iss"].as_str() else { return false };
    issuers.iter().any(|known| match provider.issuer_rule {
        IssuerRule::Exact => iss == *known,
        IssuerRule::PerTenant => {
            let tenant = claims["tid"].as_str().unwrap_or_default();
            provider.is_issuer(known, iss) && iss == known.replace(TENANT, tenant)
        }
    })
}

/// Whether the claims name the issuer of the sign-in. One that has a single issuer may spell it in
/// another way.
fn is_same_issuer(claims: &Value, issuer: &str, expected: &Expected<'_>) -> bool {
    match expected.provider.issuer_rule {
        IssuerRule::Exact => true,
        IssuerRule::PerTenant => claims["iss"] == issuer,
    }
}

fn check_nonce(claims: &Value, nonce: &str) -> Result<(), IdTokenError> {
    if claims["nonce"].as_str() == Some(nonce) { Ok(()) } else { Err(IdTokenError::Nonce) }
}

fn check_expiry(claims: &Value, now: i64) -> Result<(), IdTokenError> {
    match seconds(&claims["exp"]) {
        Some(exp) if exp.saturating_add(SKEW) > now => Ok(()),
        Some(_) | None => Err(IdTokenError::Expired),
    }
}

fn check_times(claims: &Value, now: i64) -> Result<(), IdTokenError> {
    check_expiry(claims, now)?;
    let seconds = |name: &str| seconds(&claims[name]);
    if seconds("iat").is_none_or(|iat| iat > now + SKEW || iat < now - OLDEST) {
        return Err(IdTokenError::IssuedAt);
    }
    // RFC 7519, section 4.1.5.
    if !claims["nbf"].is_null() && seconds("nbf").is_none_or(|nbf| nbf > now + SKEW) {
        return Err(IdTokenError::NotBefore);
    }
    Ok(())
}

fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| whole(value.as_f64()?))
}

/// RFC 7519 allows a NumericDate to have a fraction.
#[allow(clippy::cast_possible_truncation)]
fn whole(seconds: f64) -> Option<i64> {
    (seconds.abs() < 1e12).then_some(seconds as i64)
}

#[cfg(test)]
mod tests;
