//! The relying-party test modules, each with a small, strict relying party, which refuses the modules that must be
//! refused for their one deviation, and accepts the others.

use crate::common::{Demo, OIDC, claims, demo, header, text, with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demo_provider::Module;
use demo_provider::providers::oidc::CLIENT_ID;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode};
use reqwest::StatusCode;
use serde_json::{Value, json};

type Verdict<T> = Result<T, &'static str>;

/// What the relying party must say about each module that is to be refused.
const REASONS: [(&str, &str); 37] = [
    ("discovery-issuer-mismatch", "issuer"),
    ("invalid-iss", "iss"),
    ("invalid-aud", "aud"),
    ("missing-aud", "aud"),
    ("invalid-secondary-aud", "azp"),
    ("missing-sub", "sub"),
    ("missing-iat", "iat"),
    ("iat-is-week-in-past", "iat"),
    ("invalid-expired-exp", "exp"),
    ("idtoken-sig-none", "alg"),
    ("invalid-null-alg", "alg"),
    ("invalid-sig-rs256", "signature"),
    ("invalid-sig-es256", "signature"),
    ("invalid-sig-hs256", "alg"),
    ("invalid-alternate-alg", "alg"),
    ("kid-absent-multiple-jwks-no-match", "signature"),
    ("nonce-invalid", "nonce"),
    ("invalid-missing-nonce", "nonce"),
    ("userinfo-invalid-sub", "userinfo sub"),
    ("authorization-response-with-invalid-state", "state"),
    ("authorization-response-with-missing-state", "state"),
    ("invalid-authorization-response-iss", "response iss"),
    ("remove-authorization-response-iss", "response iss"),
    ("invalid-azp", "azp"),
    ("invalid-at-hash", "at_hash"),
    ("untrusted-secondary-aud", "aud"),
    ("aud-member-not-a-string", "aud"),
    ("azp-not-a-string", "azp"),
    ("nbf-in-future", "nbf"),
    ("idtoken-crit-unknown", "crit"),
    ("idtoken-typ-access-token", "typ"),
    ("idtoken-sig-es256k", "alg"),
    ("discovery-unsupported-alg", "alg"),
    ("userinfo-signed-invalid-sub", "userinfo sub"),
    ("refresh-invalid-sub", "refreshed"),
    ("refresh-invalid-iss", "refreshed"),
    ("refresh-invalid-aud", "refreshed"),
];

/// Whose userinfo tells nothing; the id_token does.
const SILENT: [&str; 5] = [
    "idtoken-claims",
    "userinfo-empty-strings",
    "userinfo-forbidden",
    "userinfo-signed-by-stranger",
    "userinfo-encrypted",
];

/// What can be verified here.
const KNOWN: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

#[tokio::test]
async fn every_module_is_what_its_name_says() {
    let demo = demo(OIDC).await;
    for module in Module::ALL {
        let reason =
            REASONS.iter().find(|(name, _)| *name == module.name()).map(|(_, reason)| *reason);
        assert_eq!(reason.is_some(), module.must_be_refused(), "{module:?}");
        assert_eq!(sign_in(&demo, module.name()).await.err(), reason, "{module:?}");
    }
}

#[tokio::test]
async fn an_unknown_module_is_not_found() {
    let demo = demo(OIDC).await;
    let response = demo.get("/oidc/rp/nonsense/.well-known/openid-configuration", &[]).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tokens_of_one_issuer_are_nothing_to_another() {
    let demo = demo(OIDC).await;
    let rp = Rp::discover(&demo, "valid-aud-as-array").await.unwrap();
    let code = rp.authorize().await.unwrap();
    let body = rp.exchange(&code).await;
    let elsewhere = demo.read("/oidc/userinfo", text(&body, "access_token")).await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_new_key_is_found_at_the_second_read() {
    let demo = demo(OIDC).await;
    let rp = Rp::discover(&demo, "key-rotation").await.unwrap();
    let body = rp.exchange(&rp.authorize().await.unwrap()).await;
    let kid = header(text(&body, "id_token"))["kid"].clone();
    let has = |keys: Value| keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid);
    assert!(!has(rp.jwks().await));
    assert!(has(rp.jwks().await));
}

#[tokio::test]
async fn the_accepted_oddities_are_really_there() {
    let demo = demo(OIDC).await;
    let token = async |name: &str| {
        let rp = Rp::discover(&demo, name).await.unwrap();
        rp.exchange(&rp.authorize().await.unwrap()).await
    };
    assert!(token("token-endpoint-response-without-expires_in").await.get("expires_in").is_none());
    assert!(token("no-scope-in-token-endpoint-response").await.get("scope").is_none());
    assert_eq!(token("token-type-case-insensitivity").await["token_type"], "bEaReR");
    let single = token("kid-absent-single-jwks").await;
    assert!(header(text(&single, "id_token")).get("kid").is_none());
    let array = token("valid-aud-as-array").await;
    assert_eq!(claims(text(&array, "id_token"))["aud"], json!([CLIENT_ID]));
    let quiet = demo
        .json("/oidc/rp/authorization-response-iss-not-supported/.well-known/openid-configuration")
        .await;
    assert!(quiet.get("authorization_response_iss_parameter_supported").is_none());
    let no_pkce =
        demo.json("/oidc/rp/discovery-without-pkce/.well-known/openid-configuration").await;
    assert!(no_pkce.get("code_challenge_methods_supported").is_none());
    let no_auth =
        demo.json("/oidc/rp/discovery-without-auth-methods/.well-known/openid-configuration").await;
    assert!(no_auth.get("token_endpoint_auth_methods_supported").is_none());
    let strings = token("email-verified-string").await;
    let info =
        demo.read("/oidc/rp/email-verified-string/userinfo", text(&strings, "access_token")).await;
    assert_eq!(info.body["email_verified"], "true");
    assert!(token("scope-array").await["scope"].as_array().unwrap().contains(&json!("openid")));
}

#[tokio::test]
async fn every_userinfo_is_what_its_name_says() {
    let demo = demo(OIDC).await;
    let userinfo = async |name: &str| {
        let rp = Rp::discover(&demo, name).await.unwrap();
        let body = rp.exchange(&rp.authorize().await.unwrap()).await;
        let access = text(&body, "access_token").to_owned();
        let reply = demo.read(&rp.path("userinfo"), &access).await;
        (reply, claims(text(&body, "id_token")))
    };
    let (alone, told) = userinfo("idtoken-claims").await;
    assert_eq!((&alone.body, &told["nickname"]), (&json!({"sub": told["sub"]}), &json!("하늘")));
    let (empty, told) = userinfo("userinfo-empty-strings").await;
    assert_eq!((&empty.body["sub"], &empty.body["name"]), (&told["sub"], &json!("")));
    let (forbidden, _) = userinfo("userinfo-forbidden").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let (signed, told) = userinfo("userinfo-signed").await;
    let named = claims(&signed.text);
    assert_eq!((&named["iss"], &named["aud"]), (&told["iss"], &told["aud"]));
    let (stranger, _) = userinfo("userinfo-signed-by-stranger").await;
    let rp = Rp::discover(&demo, "userinfo-signed-by-stranger").await.unwrap();
    assert_eq!(rp.signed(&stranger.text).await, Err("signature"));
    let (encrypted, _) = userinfo("userinfo-encrypted").await;
    assert_eq!(encrypted.text.split('.').count(), 5);
    let (picture, _) = userinfo("picture-data-uri").await;
    assert!(text(&picture.body, "picture").starts_with("data:image/png;base64,iVBOR"));
}

/// A whole sign-in with one refresh, by the book.
async fn sign_in(demo: &Demo, module: &str) -> Verdict<()> {
    let rp = Rp::discover(demo, module).await?;
    let code = rp.authorize().await?;
    let body = rp.exchange(&code).await;
    let access = body["access_token"].as_str().ok_or("access_token")?;
    body["token_type"]
        .as_str()
        .filter(|kind| kind.eq_ignore_ascii_case("bearer"))
        .ok_or("token_type")?;
    let first =
        rp.verify(body["id_token"].as_str().ok_or("id_token")?, access, Some("n-1")).await?;
    let reply = demo.read(&rp.path("userinfo"), access).await;
    let info = match &reply.body {
        Value::Null if SILENT.contains(&module) => first.clone(),
        Value::Null => rp.signed(&reply.text).await?,
        info if SILENT.contains(&module) => {
            assert_ne!(info["nickname"], "하늘");
            first.clone()
        }
        info => info.clone(),
    };
    if info["sub"] != first["sub"] {
        return Err("userinfo sub");
    }
    assert_eq!(info["nickname"], "하늘", "{module}");
    let refreshed = rp.refresh(body["refresh_token"].as_str().ok_or("refresh_token")?).await;
    let again = claims(refreshed["id_token"].as_str().ok_or("refreshed id_token")?);
    let same = ["iss", "sub", "aud"].iter().all(|name| again[*name] == first[*name]);
    if same { Ok(()) } else { Err("refreshed") }
}

struct Rp<'a> {
    demo: &'a Demo,
    root: String,
    document: Value,
}

impl<'a> Rp<'a> {
    async fn discover(demo: &'a Demo, module: &str) -> Verdict<Self> {
        let root = format!("/oidc/rp/{module}");
        let document = demo.json(&format!("{root}/.well-known/openid-configuration")).await;
        let rp = Self { demo, root, document };
        if rp.document["issuer"] == rp.issuer() { Ok(rp) } else { Err("issuer") }
    }

    fn issuer(&self) -> String {
        self.demo.url(&self.root)
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.root)
    }

    async fn jwks(&self) -> Value {
        self.demo.json(&self.path("jwks")).await
    }

    /// The request of the generic issuer's client to this issuer.
    async fn authorize(&self) -> Verdict<String> {
        let response = self.demo.allow_at(&self.path("authorize"), "haneul").await;
        if response.get("state").map(String::as_str) != Some("st") {
            return Err("state");
        }
        let announced = self.document["authorization_response_iss_parameter_supported"] == true;
        match response.get("iss") {
            Some(iss) if *iss == self.issuer() => {}
            None if !announced => {}
            _ => return Err("response iss"),
        }
        response.get("code").cloned().ok_or("code")
    }

    async fn exchange(&self, code: &str) -> Value {
        let form = with(&OIDC.exchange(), &[("code", code)]);
        self.demo.post(&self.path("token"), &form).await.body
    }

    async fn refresh(&self, token: &str) -> Value {
        let form = with(&OIDC.refresh(), &[("refresh_token", token)]);
        self.demo.post(&self.path("token"), &form).await.body
    }

    async fn verify(&self, jwt: &str, access: &str, nonce: Option<&str>) -> Verdict<Value> {
        let claims = self.signed(jwt).await?;
        let now = now();
        let seconds = |name: &str| claims[name].as_i64();
        let (aud, azp) = (&claims["aud"], &claims["azp"]);
        let audiences = aud.as_array().cloned().unwrap_or_else(|| vec![aud.clone()]);
        let several = audiences.len() > 1;
        let ours = audiences.contains(&json!(CLIENT_ID)) && audiences.iter().all(Value::is_string);
        let algorithm = header(jwt)["alg"].as_str().unwrap().to_owned();
        for (name, holds) in [
            ("iss", claims["iss"] == self.issuer()),
            ("aud", ours),
            ("azp", if several { azp == CLIENT_ID } else { azp.is_null() || azp.is_string() }),
            ("aud", !several),
            ("sub", claims["sub"].is_string()),
            ("exp", seconds("exp").is_some_and(|exp| exp > now)),
            ("iat", seconds("iat").is_some_and(|iat| (now - 600..=now + 60).contains(&iat))),
            ("nbf", seconds("nbf").is_none_or(|nbf| nbf <= now + 60)),
            ("nonce", claims["nonce"].as_str() == nonce),
            ("at_hash", claims["at_hash"] == at_hash(&algorithm, access)),
        ] {
            if !holds {
                return Err(name);
            }
        }
        Ok(claims)
    }

    /// The claims, if a published key of the announced algorithm made the signature.
    async fn signed(&self, jwt: &str) -> Verdict<Value> {
        let header = header(jwt);
        let announced = self.document["id_token_signing_alg_values_supported"].as_array().unwrap();
        let algorithm = header["alg"].as_str().filter(|name| KNOWN.contains(name));
        let algorithm = algorithm.filter(|_| announced.contains(&header["alg"])).ok_or("alg")?;
        if header.get("crit").is_some() {
            return Err("crit");
        }
        if header["typ"] != "JWT" {
            return Err("typ");
        }
        for _ in 0..2 {
            let keys = self.jwks().await;
            let fits = |key: &&Value| header["kid"].is_null() || key["kid"] == header["kid"];
            let mut keys = keys["keys"].as_array().unwrap().iter().filter(fits);
            let claims = keys.find_map(|key| check(jwt, key, algorithm));
            if let Some(claims) = claims {
                return Ok(claims);
            }
        }
        Err("signature")
    }
}

/// By jsonwebtoken, which does not know ES512.
fn check(jwt: &str, key: &Value, algorithm: &str) -> Option<Value> {
    if algorithm == "ES512" {
        return check_es512(jwt, key);
    }
    let algorithm = algorithm.parse().unwrap();
    let key: Jwk = serde_json::from_value(key.clone()).unwrap();
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    Some(decode(jwt, &DecodingKey::from_jwk(&key).ok()?, &validation).ok()?.claims)
}

fn check_es512(jwt: &str, key: &Value) -> Option<Value> {
    use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (input, signature) = jwt.rsplit_once('.')?;
    let point = [vec![4], part(key["x"].as_str()?), part(key["y"].as_str()?)].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point);
    key.verify(input.as_bytes(), &part(signature)).ok()?;
    Some(claims(jwt))
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn at_hash(algorithm: &str, access: &str) -> String {
    use aws_lc_rs::digest;
    let kind = match &algorithm[2..] {
        "256" => &digest::SHA256,
        "384" => &digest::SHA384,
        _ => &digest::SHA512,
    };
    let hash = digest::digest(kind, access.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
