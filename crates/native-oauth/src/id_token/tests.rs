//! What an id_token must say, and who may have signed it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use jws::JwsError as Jws;
use serde_json::json;
use sha2::{Digest, Sha256};

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

/// The public key with further members.
fn published(more: Value) -> Value {
    let mut jwk = json!(Jwk::from_encoding_key(&key(), Algorithm::ES256).unwrap());
    jwk["kid"] = "k".into();
    for (name, value) in more.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

/// As of an algorithm with SHA-256.
fn access_token_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({ "keys": keys })).unwrap()
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
    let context = IdTokenContext::Code { nonce: "n", now: NOW };
    Expected {
        provider: built_in("google").unwrap(),
        issuers,
        secret: None,
        client_id: "app",
        trusted_audiences: &[],
        algorithms,
        access_token: "token",
        context,
    }
}

fn verified(claims: &Value, keys: Vec<Value>) -> Result<Value, IdTokenError> {
    let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
    let token = jsonwebtoken::encode(&header, claims, &key()).unwrap();
    let keys = key_set(&keys);
    verify(&token, &keys, &expected(&["https://id.example.com"], None))
}

fn checked(change: Value) -> Result<(), IdTokenError> {
    verified(&claims(change), vec![published(json!({}))]).map(drop)
}

/// S35, S47: a device code's id_token answers no nonce, since none can be sent; whose it is,
/// for whom, by whom and of when is looked at all the same.
#[test]
fn a_device_code_has_no_nonce_and_every_other_check() {
    let checked = |change: Value| {
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims(change), &key()).unwrap();
        let keys = key_set(&[published(json!({}))]);
        let issuers = ["https://id.example.com"];
        let context = IdTokenContext::Device { now: NOW };
        verify(&token, &keys, &Expected { context, ..expected(&issuers, None) }).map(drop)
    };
    for (change, result) in [
        (json!({"nonce": null}), Ok(())),
        (json!({"nonce": null, "exp": NOW - 60}), Err(IdTokenError::Expired)),
        (json!({"nonce": null, "iat": NOW + 61}), Err(IdTokenError::IssuedAt)),
        (json!({"nonce": null, "nbf": NOW + 61}), Err(IdTokenError::NotBefore)),
        (json!({"nonce": null, "aud": "another"}), Err(IdTokenError::Audience)),
        (json!({"nonce": null, "iss": "https://evil.example"}), Err(IdTokenError::Issuer)),
        (json!({"nonce": null, "sub": ""}), Err(IdTokenError::Subject)),
        (json!({"nonce": null, "at_hash": "x"}), Err(IdTokenError::AccessTokenHash)),
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
        (json!({"exp": NOW - 60}), Err(IdTokenError::Expired)),
        (json!({"exp": i64::MAX}), Ok(())),
        (json!({"exp": i64::MIN}), Err(IdTokenError::Expired)),
        (json!({"exp": null}), Err(IdTokenError::Expired)),
        (json!({"exp": "1790000300"}), Err(IdTokenError::Expired)),
        (json!({"exp": 1_790_000_300.5}), Ok(())),
        (json!({"iat": NOW + 60}), Ok(())),
        (json!({"iat": NOW + 61}), Err(IdTokenError::IssuedAt)),
        (json!({"iat": NOW - 86_400}), Ok(())),
        (json!({"iat": NOW - 86_401}), Err(IdTokenError::IssuedAt)),
        (json!({"iat": i64::MIN}), Err(IdTokenError::IssuedAt)),
        (json!({"iat": null}), Err(IdTokenError::IssuedAt)),
        (json!({"nbf": NOW - 9_999_999}), Ok(())),
        (json!({"nbf": NOW + 60}), Ok(())),
        (json!({"nbf": NOW + 61}), Err(IdTokenError::NotBefore)),
        (json!({"nbf": i64::MAX}), Err(IdTokenError::NotBefore)),
        (json!({"nbf": "1790000000"}), Err(IdTokenError::NotBefore)),
        (json!({"nbf": [NOW]}), Err(IdTokenError::NotBefore)),
    ] {
        assert_eq!(checked(change.clone()), result, "{change}");
    }
}

/// S35: the nonce must be there and be ours; `at_hash` may be missing, and not be wrong.
#[test]
fn nonce_and_at_hash() {
    for (change, result) in [
        (json!({"nonce": "other"}), Err(IdTokenError::Nonce)),
        (json!({"nonce": null}), Err(IdTokenError::Nonce)),
        (json!({"nonce": ["n"]}), Err(IdTokenError::Nonce)),
        (json!({"at_hash": null}), Ok(())),
        (json!({"at_hash": ""}), Err(IdTokenError::AccessTokenHash)),
        (json!({"at_hash": 7}), Err(IdTokenError::AccessTokenHash)),
        (json!({"at_hash": access_token_hash("other")}), Err(IdTokenError::AccessTokenHash)),
    ] {
        assert_eq!(checked(change.clone()), result, "{change}");
    }
}

/// S45: of a refresh, issuer, audience and subject are the same; a nonce may be missing, and
/// not be another's; an old session knows none. Whatever the clock says.
#[test]
fn a_refreshed_one_speaks_of_the_same_person() {
    let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
    let keys = key_set(&[published(json!({}))]);
    let refreshed = |change: Value, nonce| {
        let token = jsonwebtoken::encode(&header, &claims(change), &key()).unwrap();
        let issuer = "https://id.example.com";
        let context = IdTokenContext::Refresh { issuer, subject: "s", nonce };
        let issuers = ["https://id.example.com"];
        verify(&token, &keys, &Expected { context, ..expected(&issuers, None) }).map(drop)
    };
    for (change, result) in [
        (json!({}), Ok(())),
        (json!({"nonce": null}), Ok(())),
        (json!({"nonce": "other"}), Err(IdTokenError::Nonce)),
        (json!({"nonce": ["n"]}), Err(IdTokenError::Nonce)),
        (json!({"iat": NOW - 900_000, "exp": NOW - 800_000}), Ok(())),
        (json!({"sub": "other"}), Err(IdTokenError::OtherSubject)),
        (json!({"sub": null}), Err(IdTokenError::Subject)),
        (json!({"iss": "https://other.example.com"}), Err(IdTokenError::Issuer)),
        (json!({"aud": "other"}), Err(IdTokenError::Audience)),
        (json!({"at_hash": access_token_hash("other")}), Err(IdTokenError::AccessTokenHash)),
    ] {
        assert_eq!(refreshed(change.clone(), Some("n")), result, "{change}");
    }
    assert_eq!(refreshed(json!({"nonce": "of the sign-in"}), None), Ok(()));
}

/// S33: our client is the audience, alone or beside those that the configuration trusts; then
/// `azp` says that it is us. Nothing of it is anything but a string.
#[test]
fn the_audience_is_this_client() {
    let other = || Err(IdTokenError::OtherAudience("other".to_owned()));
    for (change, result) in [
        (json!({"aud": ["app"]}), Ok(())),
        (json!({"aud": ["app", "app"]}), Ok(())),
        (json!({"aud": ["app"], "azp": "app"}), Ok(())),
        (json!({"aud": "app", "azp": null}), Ok(())),
        (json!({"aud": ["other", "app"], "azp": "app"}), other()),
        (json!({"aud": ["other", "app"]}), other()),
        (json!({"aud": ["app", "other"], "azp": "other"}), other()),
        (
            json!({"aud": ["one", "app", "two"], "azp": "app"}),
            Err(IdTokenError::OtherAudience("one, two".to_owned())),
        ),
        (json!({"aud": "app", "azp": "other"}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": "app", "azp": ""}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": "app", "azp": 7}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": "app", "azp": ["app"]}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": "app", "azp": {"app": true}}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": ["app", 7]}), Err(IdTokenError::Audience)),
        (json!({"aud": ["app", null]}), Err(IdTokenError::Audience)),
        (json!({"aud": [["app"], "app"]}), Err(IdTokenError::Audience)),
        (json!({"aud": "app2"}), Err(IdTokenError::Audience)),
        (json!({"aud": []}), Err(IdTokenError::Audience)),
        (json!({"aud": {"app": true}}), Err(IdTokenError::Audience)),
        (json!({"aud": null}), Err(IdTokenError::Audience)),
    ] {
        assert_eq!(checked(change.clone()), result, "{change}");
    }
    let trusted = ["other".to_owned()];
    let with_trust = |change: Value| {
        let issuers = ["https://id.example.com"];
        let expected = Expected { trusted_audiences: &trusted, ..expected(&issuers, None) };
        check_issuer_and_audience(&claims(change), &expected)
    };
    for (change, result) in [
        (json!({"aud": ["other", "app"], "azp": "app"}), Ok(())),
        (json!({"aud": ["other", "app"]}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": ["other", "app"], "azp": "other"}), Err(IdTokenError::AuthorizedParty)),
        (json!({"aud": ["other"], "azp": "app"}), Err(IdTokenError::Audience)),
        (json!({"aud": "app"}), Ok(())),
    ] {
        assert_eq!(with_trust(change.clone()), result, "{change}");
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
        assert_eq!(checked(json!({ "iss": iss })), Err(IdTokenError::Issuer));
    }
    let google = built_in("google").unwrap();
    let both = [&[google.issuer], google.issuer_aliases].concat();
    for iss in ["https://accounts.google.com", "accounts.google.com"] {
        let claims = claims(json!({ "iss": iss }));
        assert_eq!(check_issuer_and_audience(&claims, &expected(&both, None)), Ok(()));
        assert_eq!(checked(json!({ "iss": iss })), Err(IdTokenError::Issuer));
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
        assert_eq!(check(&iss, tid.clone()), Err(IdTokenError::Issuer), "{iss} {tid}");
    }
    let named = claims(json!({ "iss": of(tenant), "tid": tenant }));
    let issuers = [microsoft.issuer];
    assert_eq!(
        check_issuer_and_audience(&named, &expected(&issuers, None)),
        Err(IdTokenError::Issuer),
        "the rule is Microsoft's alone"
    );
}

/// S34, O14: an HMAC counts by the client secret, for the one provider that signs so; by a
/// published key, by nothing, or for another client it counts never.
#[test]
fn an_hmac_is_taken_by_the_client_secret_alone() {
    let keys = key_set(&[published(json!({}))]);
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
    assert_eq!(check(&ours, Some("another")), Err(IdTokenError::Jws(Jws::Signature)));
    let unsupported = |name: &str| Err(IdTokenError::Jws(Jws::Unsupported(name.to_owned())));
    assert_eq!(check(&ours, None), unsupported("HS256"));
    let forged = signed(&published_key, Algorithm::HS256);
    assert_eq!(check(&forged, Some("channel-secret")), Err(IdTokenError::Jws(Jws::Signature)));
    let longer = signed("channel-secret", Algorithm::HS512);
    assert_eq!(check(&longer, Some("channel-secret")), unsupported("HS512"));
    for provider in crate::provider::BUILT_IN {
        let by_secret = provider.id_token_key == IdTokenKey::PublishedOrSecret;
        assert_eq!(by_secret, provider.id == "line");
    }
}

/// S34, O14: an HMAC by an empty client secret, which anyone can make, is refused.
#[tokio::test]
async fn an_empty_secret_verifies_nothing() {
    for (secret, result) in [("channel-secret", Ok(())), ("", Err(ErrorKind::IdTokenAlgorithm))] {
        let http = crate::http::Http::new("test", std::sync::Arc::new(|| NOW)).unwrap();
        let line = ProviderConfig::new(built_in("line").unwrap());
        let client = Client::new(http, line.with_client("app", Some(secret.into())));
        let issuer = "https://access.line.me";
        let by = EncodingKey::from_secret(secret.as_bytes());
        let header = Header::new(Algorithm::HS256);
        let token = jsonwebtoken::encode(&header, &claims(json!({ "iss": issuer })), &by).unwrap();
        let access = TokenResponse::of_access("token".into(), Vec::new());
        let tokens = TokenResponse { id_token: Some(token.into()), ..access };
        let checked = tokens.check_refreshed(&client, Some(key_set(&[])), (issuer, "s"), None);
        assert_eq!(checked.await.map_err(|error| error.kind()), result);
    }
}

/// Without a subject it identifies no account.
#[test]
fn the_subject_is_a_text() {
    for sub in [json!(null), json!(""), json!(" "), json!(7)] {
        assert_eq!(checked(json!({ "sub": sub })), Err(IdTokenError::Subject));
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
        (vec![], Err(IdTokenError::Jws(Jws::UnknownKey))),
        (vec![strange()], Err(IdTokenError::Jws(Jws::UnknownKey))),
        (vec![published(json!({"kid": "other"}))], Err(IdTokenError::Jws(Jws::UnknownKey))),
        (vec![published(json!({"use": "enc"}))], Err(IdTokenError::Jws(Jws::UnknownKey))),
        (vec![published(json!({"alg": "RS256"}))], Err(IdTokenError::Jws(Jws::UnknownKey))),
    ] {
        let said = format!("{keys:?}");
        assert_eq!(verified(&claims(json!({})), keys).map(drop), result, "{said}");
    }
    assert!(KeySet::read(json!({})).is_none());
}

/// S34: an algorithm that the issuer does not announce is not accepted, even with a valid signature.
#[test]
fn the_algorithm_is_an_announced_one() {
    let keys = key_set(&[published(json!({}))]);
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

/// S36: OpenID Connect Core, section 5.3.2: a signed userinfo is the issuer's own, and for us.
#[test]
fn a_signed_userinfo_is_from_the_issuer_and_for_this_client() {
    let entry =
        ProviderConfig::issuer("company", "https://id.example.com").with_client("app", None);
    let read = |claims: Value, kid: &str| {
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims, &key()).unwrap();
        verify_userinfo(&token, &key_set(&[published(json!({}))]), &entry, NOW)
    };
    let iss = "https://id.example.com";
    for aud in [json!("app"), json!(["app"]), json!(["other", "app"])] {
        let claims = json!({"iss": iss, "aud": aud, "sub": "s", "name": "나리"});
        assert_eq!(read(claims.clone(), "k").unwrap(), claims);
    }
    // They SHOULD be there, and need not.
    for claims in [
        json!({"sub": "s"}),
        json!({"aud": "app", "sub": "s"}),
        json!({"iss": iss, "sub": "s", "exp": NOW - 59}),
    ] {
        assert_eq!(read(claims.clone(), "k").unwrap(), claims);
    }
    for (claims, kid) in [
        (json!({"iss": iss, "aud": "app", "sub": "s"}), "other"),
        (json!({"iss": "https://evil.example", "aud": "app", "sub": "s"}), "k"),
        (json!({"iss": iss, "aud": "other", "sub": "s"}), "k"),
        (json!({"iss": iss, "aud": ["app", 7], "sub": "s"}), "k"),
        (json!({"iss": 7, "aud": "app", "sub": "s"}), "k"),
        (json!({"iss": iss, "aud": [], "sub": "s"}), "k"),
        (json!({"sub": "s"}), "other"),
        (json!({"iss": iss, "aud": "app"}), "k"),
        (json!({"iss": iss, "aud": "app", "sub": " "}), "k"),
        (json!({"iss": iss, "aud": "app", "sub": "s", "exp": NOW - 60}), "k"),
        (json!({"iss": iss, "aud": "app", "sub": "s", "exp": "never"}), "k"),
    ] {
        assert_eq!(read(claims, kid).unwrap_err().kind(), ErrorKind::ResponseUnreadable);
    }
}

/// OpenID Connect Core, section 12.2: a refresh names the issuer of the sign-in, also where every
/// tenant's issuer is one of the provider.
#[test]
fn a_refresh_stays_at_its_tenant() {
    let microsoft = built_in("microsoft").unwrap();
    let of = |tenant: &str| microsoft.issuer.replace(crate::provider::TENANT, tenant);
    let (ours, other) =
        ("9188040d-6c67-4c5b-b112-36a304b66dad", "5a1de000-0000-4000-8000-0000c0ffee00");
    let refreshed = |tenant: &str| {
        let token = json!({ "iss": of(tenant), "tid": tenant, "nonce": null });
        let token = jsonwebtoken::encode(
            &Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) },
            &claims(token),
            &key(),
        );
        let issuer = of(ours);
        let context = IdTokenContext::Refresh { issuer: &issuer, subject: "s", nonce: None };
        let issuers = [microsoft.issuer];
        let expected = Expected { provider: microsoft, context, ..expected(&issuers, None) };
        verify(&token.unwrap(), &key_set(&[published(json!({}))]), &expected).map(drop)
    };
    assert_eq!(refreshed(ours), Ok(()));
    assert_eq!(refreshed(other), Err(IdTokenError::Issuer));
}

/// S37, S45: the keys are the issuer's own, an unknown one is looked for once more, and a refreshed
/// id_token of another account is refused.
#[tokio::test]
async fn a_refreshed_token_is_checked_with_the_issuers_keys() {
    use wiremock::{Mock, MockServer, ResponseTemplate};
    let server = MockServer::start().await;
    let mut config = ProviderConfig::issuer("company", "https://id.example.com");
    config.endpoints.jwks = Some(server.uri().parse().unwrap());
    let http = crate::http::Http::new("test", std::sync::Arc::new(|| NOW)).unwrap();
    let client = Client::new(http, config.with_client("app", None));
    let respond = async |response: ResponseTemplate| {
        server.reset().await;
        Mock::given(wiremock::matchers::any()).respond_with(response).mount(&server).await;
    };
    respond(ResponseTemplate::new(404)).await;
    assert_eq!(signing_keys::fetch(&client).await.unwrap_err().kind(), ErrorKind::DiscoveryFailed);
    respond(ResponseTemplate::new(200).set_body_json(json!({ "keys": [published(json!({}))] })))
        .await;
    let keys = signing_keys::fetch(&client).await.unwrap();
    let signed = |change: Value| {
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims(change), &key()).unwrap();
        let access = TokenResponse::of_access("token".into(), Vec::new());
        TokenResponse { id_token: Some(token.into()), ..access }
    };
    let account = ("https://id.example.com", "s");
    let checked = async |tokens: &TokenResponse, keys: KeySet| {
        let checked = tokens.check_refreshed(&client, Some(keys), account, Some("n")).await;
        checked.map_err(|error| error.kind())
    };
    let asked = async || server.received_requests().await.unwrap_or_default().len();
    let before = asked().await;
    assert_eq!(checked(&signed(json!({})), keys).await, Ok(()));
    assert_eq!(asked().await, before, "the keys are there");
    assert_eq!(checked(&signed(json!({})), key_set(&[])).await, Ok(()));
    assert_eq!(asked().await, before + 1, "an unknown key is looked for once");
    let keys = || key_set(&[published(json!({}))]);
    let other = signed(json!({"sub": "other"}));
    assert_eq!(checked(&other, keys()).await, Err(ErrorKind::UserinfoMismatch));
    let malformed = TokenResponse::of_access("a\u{7}".into(), Vec::new());
    assert_eq!(checked(&malformed, keys()).await, Err(ErrorKind::TokenMalformed));
    respond(ResponseTemplate::new(200).set_body_json(json!({ "keys": [] }))).await;
    assert_eq!(checked(&signed(json!({})), key_set(&[])).await, Err(ErrorKind::IdTokenSignature));
}

/// AT Protocol, OAuth, "Identity Authentication": a refresh names the account of the sign-in.
#[tokio::test]
async fn a_refreshed_token_of_another_did_is_refused() {
    let http = crate::http::Http::new("test", std::sync::Arc::new(|| NOW)).unwrap();
    let config = ProviderConfig::new(built_in("bluesky").unwrap()).with_client("c", None);
    let client = Client::new(http, config);
    let did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
    for (sub, result) in [
        (json!(did), Ok(())),
        (json!("did:plc:z72i7hdynmk6r22z27h6tvur"), Err(ErrorKind::UserinfoMismatch)),
        (json!("not-a-did"), Err(ErrorKind::ResponseMalformed)),
    ] {
        let extra = json!({ "sub": sub }).as_object().unwrap().clone();
        let access = TokenResponse::of_access("token".into(), Vec::new());
        let tokens = TokenResponse { extra, ..access };
        let checked = tokens.check_refreshed(&client, None, ("https://pds.example", did), None);
        assert_eq!(checked.await.map_err(|error| error.kind()), result, "{sub}");
    }
}

/// RFC 7519, section 2: a NumericDate may have a fraction; one beyond all dates is none.
#[test]
fn a_date_may_have_a_fraction() {
    for (value, date) in [
        (json!(7), Some(7)),
        (json!(7.9), Some(7)),
        (json!(-7.9), Some(-7)),
        (json!(1e12), None),
        (json!("7"), None),
    ] {
        assert_eq!(seconds(&value), date, "{value}");
    }
}
