//! Who signed in, as the issuer signed it (OpenID Connect Core, section 3.1.3.7).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::exchange::Caller;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::http::Http;
use crate::provider::{IdTokenKey, IssuerRule, Provider, TENANT};

/// How far apart two clocks may be (S35).
const SKEW: i64 = 60;

/// An id_token that answers a request of minutes ago was not issued longer ago than this.
const OLDEST: i64 = 24 * 60 * 60;

/// What the claims must say.
pub(crate) struct Expected<'a> {
    /// Whose dialect it is.
    pub(crate) provider: &'a Provider,
    /// The spellings of the issuer.
    pub(crate) issuers: &'a [&'a str],
    /// The client secret, where it may be what it is signed with.
    pub(crate) secret: Option<&'a str>,
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// The algorithms that the issuer announces; `None` where it says nothing.
    pub(crate) algorithms: Option<&'a [String]>,
    /// The access token that came with it.
    pub(crate) access_token: &'a str,
    /// What it came with.
    pub(crate) occasion: Occasion<'a>,
}

/// What an id_token came with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Occasion<'a> {
    /// A sign-in: the nonce of the attempt, and now, in seconds since 1970.
    SignIn { nonce: &'a str, now: i64 },
    /// A sign-in by a device code, for which no nonce can be sent (RFC 8628, section 3.1): the
    /// direct answer of the token endpoint is what binds it to the request.
    Device { now: i64 },
    /// A refresh: it names the account's subject again, and no nonce but that of the sign-in
    /// (OpenID Connect Core, section 12.2). Its times are not looked at, since a clock that is
    /// wrong here may not cost the refresh token that was just given (S43).
    Refresh { subject: &'a str, nonce: Option<&'a str> },
}

/// Verifies by the issuer's keys. An unknown key is looked for once more, since issuers replace
/// their keys; one sign-in never asks more often than that (S37).
pub(crate) async fn fetch_and_verify(
    caller: &Caller<'_>,
    known: JwkSet,
    token: &SecretString,
    access_token: &SecretString,
    occasion: Occasion<'_>,
) -> Result<Value> {
    let Caller { http, entry, .. } = caller;
    let issuers = entry.issuers();
    let secret = match entry.provider.id_token_key {
        IdTokenKey::Published => None,
        IdTokenKey::PublishedOrSecret => caller.client_secret.as_ref(),
    };
    let expected = Expected {
        provider: entry.provider,
        issuers: &issuers,
        secret: secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()),
        client_id: &entry.client()?.id,
        algorithms: entry.id_token_algorithms.as_deref(),
        access_token: access_token.expose_secret(),
        occasion,
    };
    let token = token.expose_secret();
    match verify(token, &known, &expected) {
        Err(Refusal::UnknownKey) => verify(token, &keys(http, entry).await?, &expected),
        first => first,
    }
    .map_err(|refusal| Error::new(refusal.code()).detail(refusal))
}

/// The keys that the issuer publishes now.
pub(crate) async fn keys(http: &Http, entry: &Entry) -> Result<JwkSet> {
    let Some(url) = &entry.endpoints.jwks else {
        return Err(Error::new(Code::DiscoveryFailed).detail("jwks_uri"));
    };
    let (status, body) = http.json(url, None).await?;
    if !status.is_success() {
        return Err(Error::new(Code::DiscoveryFailed).detail(format!("jwks_uri: {status}")));
    }
    key_set(body).ok_or_else(|| Error::new(Code::DiscoveryFailed).detail("jwks_uri"))
}

/// A key of a kind that is not known here is passed over and spoils no other (RFC 7517, section 5).
pub(crate) fn key_set(mut body: Value) -> Option<JwkSet> {
    let keys = std::mem::take(body["keys"].as_array_mut()?);
    let known = keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
    Some(JwkSet { keys: known.collect() })
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
    #[error("sub is somebody else")]
    SomebodyElse,
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
            Self::SomebodyElse => Code::UserinfoMismatch,
        }
    }
}

/// Verifies signature and claims; gives the claims.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<Value, Refusal> {
    let claims = signed_claims(token, keys, expected)?;
    check_issuer_and_audience(&claims, expected)?;
    let subject = claims["sub"].as_str().filter(|subject| !subject.is_empty());
    let subject = subject.ok_or(Refusal::Subject)?;
    match expected.occasion {
        Occasion::SignIn { nonce, now } => {
            check_times(&claims, now)?;
            check_nonce(&claims, nonce)?;
        }
        Occasion::Device { now } => check_times(&claims, now)?,
        Occasion::Refresh { subject: known, .. } if subject != known => {
            return Err(Refusal::SomebodyElse);
        }
        Occasion::Refresh { nonce: Some(nonce), .. } if !claims["nonce"].is_null() => {
            check_nonce(&claims, nonce)?;
        }
        Occasion::Refresh { .. } => {}
    }
    let at_hash = &claims["at_hash"];
    if !at_hash.is_null() && *at_hash != access_token_hash(expected.access_token) {
        return Err(Refusal::AccessTokenHash);
    }
    Ok(claims)
}

fn signed_claims(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Value, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::NotSigned)?;
    // An HMAC by the secret of the one provider that does so, and never by a published key, which
    // anybody has; `none` is not even known here.
    let name = match (header.alg, expected.secret) {
        (Algorithm::HS256, Some(secret)) => {
            let key = DecodingKey::from_secret(secret.as_bytes());
            return decode(token, &key, Algorithm::HS256).ok_or(Refusal::Signature);
        }
        (Algorithm::RS256, _) => "RS256",
        (Algorithm::ES256, _) => "ES256",
        _ => return Err(Refusal::Algorithm),
    };
    if expected.algorithms.is_some_and(|announced| !announced.iter().any(|known| known == name)) {
        return Err(Refusal::Algorithm);
    }
    let candidates: Vec<&Jwk> = keys
        .keys
        .iter()
        .filter(|key| header.kid.is_none() || key.common.key_id == header.kid)
        .filter(|key| fits(key, header.alg))
        .collect();
    if candidates.is_empty() {
        return Err(Refusal::UnknownKey);
    }
    let mut keys = candidates.into_iter().filter_map(|key| DecodingKey::from_jwk(key).ok());
    keys.find_map(|key| decode(token, &key, header.alg)).ok_or(Refusal::Signature)
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

fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Option<Value> {
    let mut rules = Validation::new(algorithm);
    // Only the signature here: the claims are checked below, against a clock that is an argument.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(token, key, &rules).ok().map(|token| token.claims)
}

fn check_issuer_and_audience(claims: &Value, expected: &Expected<'_>) -> Result<(), Refusal> {
    if !claims["iss"].as_str().is_some_and(|iss| is_issuer(expected, claims, iss)) {
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

/// Where there is an issuer for each tenant, it is that of the tenant whom the claims name.
fn is_issuer(expected: &Expected<'_>, claims: &Value, iss: &str) -> bool {
    expected.issuers.iter().any(|known| match expected.provider.issuer_rule {
        IssuerRule::Exact => iss == *known,
        IssuerRule::PerTenant => {
            let tenant = claims["tid"].as_str().unwrap_or_default();
            expected.provider.is_issuer(known, iss) && iss == known.replace(TENANT, tenant)
        }
    })
}

fn check_nonce(claims: &Value, nonce: &str) -> Result<(), Refusal> {
    if claims["nonce"].as_str() == Some(nonce) { Ok(()) } else { Err(Refusal::Nonce) }
}

fn check_times(claims: &Value, now: i64) -> Result<(), Refusal> {
    let seconds = |name: &str| claims[name].as_i64().or_else(|| whole(claims[name].as_f64()?));
    if seconds("exp").is_none_or(|exp| exp.saturating_add(SKEW) <= now) {
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

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;
    use crate::provider::built_in;

    /// Of these tests alone.
    const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjCdnslBfc47kIsbn
kqPVilLW/nuFi+uGPLAVej+uDdGhRANCAAS5d4H/XDyXIadtJjXFHYb5egJR4zR4
Bw/efjRe12Wwdek3ZVGK0Hf/GVv2zPzo36yVFVs8RFeB8+XwIlFo94F+
-----END PRIVATE KEY-----
";
    const NOW: i64 = 1_790_000_000;

    fn key() -> EncodingKey {
        EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap()
    }

    /// The public key, with what is said of it besides.
    fn published(more: Value) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&key(), Algorithm::ES256).unwrap());
        jwk["kid"] = "k".into();
        for (name, value) in more.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    }

    fn claims(change: Value) -> Value {
        let mut claims = json!({
            "iss": "https://id.example.com", "aud": "app", "sub": "s", "nonce": "n",
            "iat": NOW, "exp": NOW + 300, "at_hash": access_token_hash("token"),
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn expected<'a>(issuers: &'a [&'a str], algorithms: Option<&'a [String]>) -> Expected<'a> {
        let occasion = Occasion::SignIn { nonce: "n", now: NOW };
        Expected {
            provider: built_in("google").unwrap(),
            issuers,
            secret: None,
            client_id: "app",
            algorithms,
            access_token: "token",
            occasion,
        }
    }

    fn verified(claims: &Value, keys: Vec<Value>) -> Result<Value, Refusal> {
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, claims, &key()).unwrap();
        let keys = key_set(json!({ "keys": keys })).unwrap();
        verify(&token, &keys, &expected(&["https://id.example.com"], None))
    }

    fn checked(change: Value) -> Result<(), Refusal> {
        verified(&claims(change), vec![published(json!({}))]).map(drop)
    }

    /// S35, S47: a device code's id_token answers no nonce, since none can be sent; whose it is,
    /// for whom, by whom and of when is looked at all the same.
    #[test]
    fn a_device_code_has_no_nonce_and_every_other_check() {
        let checked = |change: Value| {
            let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
            let token = jsonwebtoken::encode(&header, &claims(change), &key()).unwrap();
            let keys = key_set(json!({ "keys": [published(json!({}))] })).unwrap();
            let issuers = ["https://id.example.com"];
            let occasion = Occasion::Device { now: NOW };
            verify(&token, &keys, &Expected { occasion, ..expected(&issuers, None) }).map(drop)
        };
        for (change, result) in [
            (json!({"nonce": null}), Ok(())),
            (json!({"nonce": null, "exp": NOW - 60}), Err(Refusal::Expired)),
            (json!({"nonce": null, "iat": NOW + 61}), Err(Refusal::IssuedAt)),
            (json!({"nonce": null, "aud": "another"}), Err(Refusal::Audience)),
            (json!({"nonce": null, "iss": "https://evil.example"}), Err(Refusal::Issuer)),
            (json!({"nonce": null, "sub": ""}), Err(Refusal::Subject)),
            (json!({"nonce": null, "at_hash": "x"}), Err(Refusal::AccessTokenHash)),
        ] {
            assert_eq!(checked(change.clone()), result, "{change}");
        }
    }

    /// S35: a clock may be a minute off, and no more.
    #[test]
    fn times_may_be_a_minute_off() {
        for (change, result) in [
            (json!({}), Ok(())),
            (json!({"exp": NOW - 59}), Ok(())),
            (json!({"exp": NOW - 60}), Err(Refusal::Expired)),
            (json!({"exp": i64::MAX}), Ok(())),
            (json!({"exp": i64::MIN}), Err(Refusal::Expired)),
            (json!({"exp": null}), Err(Refusal::Expired)),
            (json!({"exp": "1790000300"}), Err(Refusal::Expired)),
            (json!({"exp": 1_790_000_300.5}), Ok(())),
            (json!({"iat": NOW + 60}), Ok(())),
            (json!({"iat": NOW + 61}), Err(Refusal::IssuedAt)),
            (json!({"iat": NOW - 86_400}), Ok(())),
            (json!({"iat": NOW - 86_401}), Err(Refusal::IssuedAt)),
            (json!({"iat": i64::MIN}), Err(Refusal::IssuedAt)),
            (json!({"iat": null}), Err(Refusal::IssuedAt)),
        ] {
            assert_eq!(checked(change.clone()), result, "{change}");
        }
    }

    /// S35: the nonce must be there and be ours; `at_hash` may be missing, and not be wrong.
    #[test]
    fn nonce_and_at_hash() {
        for (change, result) in [
            (json!({"nonce": "other"}), Err(Refusal::Nonce)),
            (json!({"nonce": null}), Err(Refusal::Nonce)),
            (json!({"nonce": ["n"]}), Err(Refusal::Nonce)),
            (json!({"at_hash": null}), Ok(())),
            (json!({"at_hash": ""}), Err(Refusal::AccessTokenHash)),
            (json!({"at_hash": 7}), Err(Refusal::AccessTokenHash)),
            (json!({"at_hash": access_token_hash("other")}), Err(Refusal::AccessTokenHash)),
        ] {
            assert_eq!(checked(change.clone()), result, "{change}");
        }
    }

    /// S45: of a refresh, issuer, audience and subject are the same; a nonce may be missing, and
    /// not be another's; an old session knows none. Whatever the clock says.
    #[test]
    fn a_refreshed_one_speaks_of_the_same_person() {
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
        let keys = key_set(json!({ "keys": [published(json!({}))] })).unwrap();
        let refreshed = |change: Value, nonce| {
            let token = jsonwebtoken::encode(&header, &claims(change), &key()).unwrap();
            let occasion = Occasion::Refresh { subject: "s", nonce };
            let issuers = ["https://id.example.com"];
            verify(&token, &keys, &Expected { occasion, ..expected(&issuers, None) }).map(drop)
        };
        for (change, result) in [
            (json!({}), Ok(())),
            (json!({"nonce": null}), Ok(())),
            (json!({"nonce": "other"}), Err(Refusal::Nonce)),
            (json!({"nonce": ["n"]}), Err(Refusal::Nonce)),
            (json!({"iat": NOW - 900_000, "exp": NOW - 800_000}), Ok(())),
            (json!({"sub": "other"}), Err(Refusal::SomebodyElse)),
            (json!({"sub": null}), Err(Refusal::Subject)),
            (json!({"iss": "https://other.example.com"}), Err(Refusal::Issuer)),
            (json!({"aud": "other"}), Err(Refusal::Audience)),
            (json!({"at_hash": access_token_hash("other")}), Err(Refusal::AccessTokenHash)),
        ] {
            assert_eq!(refreshed(change.clone(), Some("n")), result, "{change}");
        }
        assert_eq!(refreshed(json!({"nonce": "of the sign-in"}), None), Ok(()));
    }

    /// S33: our client is among the audiences, and where there are several, `azp` says it is us.
    #[test]
    fn the_audience_is_this_client() {
        for (change, result) in [
            (json!({"aud": ["app"]}), Ok(())),
            (json!({"aud": ["app"], "azp": "app"}), Ok(())),
            (json!({"aud": ["other", "app"], "azp": "app"}), Ok(())),
            (json!({"aud": ["other", "app"]}), Err(Refusal::AuthorizedParty)),
            (json!({"aud": "app", "azp": "other"}), Err(Refusal::AuthorizedParty)),
            (json!({"aud": "app2"}), Err(Refusal::Audience)),
            (json!({"aud": []}), Err(Refusal::Audience)),
            (json!({"aud": {"app": true}}), Err(Refusal::Audience)),
            (json!({"aud": null}), Err(Refusal::Audience)),
        ] {
            assert_eq!(checked(change.clone()), result, "{change}");
        }
    }

    /// S32: exactly the issuer; the other spelling of Google's is Google's entry's alone.
    #[test]
    fn the_issuer_is_exactly_the_one_asked() {
        for iss in [
            json!("https://id.example.com/"),
            json!("http://id.example.com"),
            json!("id.example.com"),
            json!(["https://id.example.com"]),
            json!(null),
        ] {
            assert_eq!(checked(json!({ "iss": iss })), Err(Refusal::Issuer));
        }
        let google = built_in("google").unwrap();
        let both = [&[google.issuer], google.issuer_aliases].concat();
        for iss in ["https://accounts.google.com", "accounts.google.com"] {
            let claims = claims(json!({ "iss": iss }));
            assert_eq!(check_issuer_and_audience(&claims, &expected(&both, None)), Ok(()));
            assert_eq!(checked(json!({ "iss": iss })), Err(Refusal::Issuer));
        }
        for other in ["discord", "kakao"] {
            assert!(built_in(other).unwrap().issuer_aliases.is_empty());
        }
    }

    /// S32: where each tenant is an issuer of its own, it is the one that the claims name, by its
    /// GUID; and no other provider's issuer has such a place to fill.
    #[test]
    fn the_issuer_of_a_tenant_is_the_one_that_the_claims_name() {
        let microsoft = built_in("microsoft").unwrap();
        let check = |iss: &str, tid: Value| {
            let claims = claims(json!({ "iss": iss, "tid": tid }));
            let issuers = [microsoft.issuer];
            let expected = Expected { provider: microsoft, ..expected(&issuers, None) };
            check_issuer_and_audience(&claims, &expected)
        };
        let tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
        let other = "11111111-6c67-4c5b-b112-36a304b66dad";
        let of = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        assert_eq!(check(&of(tenant), json!(tenant)), Ok(()));
        for (iss, tid) in [
            (of(tenant), json!(other)),
            (of(tenant), json!(null)),
            (of("common"), json!("common")),
            (of("{tenantid}"), json!("{tenantid}")),
            (of(""), json!("")),
            (of(&format!("{tenant}/x")), json!(format!("{tenant}/x"))),
            (format!("{}/", of(tenant)), json!(tenant)),
            (of(tenant).replace("login.", "evil."), json!(tenant)),
        ] {
            assert_eq!(check(&iss, tid.clone()), Err(Refusal::Issuer), "{iss} {tid}");
        }
        let named = claims(json!({ "iss": of(tenant), "tid": tenant }));
        let issuers = [microsoft.issuer];
        assert_eq!(
            check_issuer_and_audience(&named, &expected(&issuers, None)),
            Err(Refusal::Issuer),
            "the rule is Microsoft's alone"
        );
    }

    /// S34, O14: an HMAC counts by the client secret, for the one provider that signs so; by a
    /// published key, by nothing, or for anybody else it counts never.
    #[test]
    fn an_hmac_is_taken_by_the_client_secret_alone() {
        let keys = key_set(json!({ "keys": [published(json!({}))] })).unwrap();
        let published_key = published(json!({}))["x"].as_str().unwrap().to_owned();
        let signed = |key: &str, algorithm| {
            let key = EncodingKey::from_secret(key.as_bytes());
            jsonwebtoken::encode(&Header::new(algorithm), &claims(json!({})), &key).unwrap()
        };
        let issuers = ["https://id.example.com"];
        let check = |token: &str, secret| {
            verify(token, &keys, &Expected { secret, ..expected(&issuers, None) }).map(drop)
        };
        let ours = signed("channel-secret", Algorithm::HS256);
        assert_eq!(check(&ours, Some("channel-secret")), Ok(()));
        assert_eq!(check(&ours, Some("another")), Err(Refusal::Signature));
        assert_eq!(check(&ours, None), Err(Refusal::Algorithm));
        let forged = signed(&published_key, Algorithm::HS256);
        assert_eq!(check(&forged, Some("channel-secret")), Err(Refusal::Signature));
        let longer = signed("channel-secret", Algorithm::HS512);
        assert_eq!(check(&longer, Some("channel-secret")), Err(Refusal::Algorithm));
        for provider in crate::provider::BUILT_IN {
            let by_secret = provider.id_token_key == IdTokenKey::PublishedOrSecret;
            assert_eq!(by_secret, provider.id == "line");
        }
    }

    /// Without a subject it says nothing of anybody.
    #[test]
    fn the_subject_is_a_text() {
        for sub in [json!(null), json!(""), json!(7)] {
            assert_eq!(checked(json!({ "sub": sub })), Err(Refusal::Subject));
        }
    }

    /// S34: the key must be published for this, by its id; what is not understood is passed over.
    #[test]
    fn the_key_is_a_published_one() {
        let strange = || json!({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA", "kid": "k"});
        for (keys, result) in [
            (vec![published(json!({"use": "sig"}))], Ok(())),
            (vec![strange(), json!("x"), published(json!({}))], Ok(())),
            (vec![published(json!({"alg": "ES384"})), published(json!({}))], Ok(())),
            (vec![], Err(Refusal::UnknownKey)),
            (vec![strange()], Err(Refusal::UnknownKey)),
            (vec![published(json!({"kid": "other"}))], Err(Refusal::UnknownKey)),
            (vec![published(json!({"use": "enc"}))], Err(Refusal::UnknownKey)),
            (vec![published(json!({"alg": "RS256"}))], Err(Refusal::UnknownKey)),
        ] {
            let said = format!("{keys:?}");
            assert_eq!(verified(&claims(json!({})), keys).map(drop), result, "{said}");
        }
        assert_eq!(key_set(json!({})), None);
    }

    /// S34: an algorithm that the issuer does not announce is not accepted, whoever signed.
    #[test]
    fn the_algorithm_is_an_announced_one() {
        let keys = key_set(json!({ "keys": [published(json!({}))] })).unwrap();
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims(json!({})), &key()).unwrap();
        let issuers = ["https://id.example.com"];
        for (announced, accepted) in [
            (None, true),
            (Some(vec!["RS256".to_owned(), "ES256".to_owned()]), true),
            (Some(vec!["RS256".to_owned()]), false),
            (Some(Vec::new()), false),
        ] {
            let verified = verify(&token, &keys, &expected(&issuers, announced.as_deref()));
            assert_eq!(verified.is_ok(), accepted, "{announced:?}");
        }
    }
}
