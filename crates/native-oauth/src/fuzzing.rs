//! Parsers of what others send, each with rules that hold whatever the bytes are.
//!
//! A function takes arbitrary bytes and panics where a rule is broken. `fuzz/` drives it with
//! libFuzzer (`cargo xtask fuzz`); the tests below run it on the seeds that lie there.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::atproto::RECORD;
use crate::authorization_response::{self as callback, MAX_RESPONSE_BYTES, Outcome};
use crate::dialect::ParsedResponse;
use crate::discovery;
use crate::id_token::{self, Expected, IdTokenContext};
use crate::jws::KeySet;
use crate::profile::Profile;
use crate::provider::{BUILT_IN, OIDC, ProfileResponses, Provider};
use crate::provider_config::ProviderConfig;
use crate::redirect::private_use_scheme as deep_link;
use crate::sent_secrets::SentSecrets;
use crate::token_response::WireResponse;

const SCHEME: &str = "app.nameplate.desktop";
const ISSUER: &str = "https://id.example.com";
const NOW: i64 = 1_790_000_000;
const SKEW: i64 = 60;
/// Only inside the quoted values of the seeds, so no error text may contain it.
const SECRET: &str = "correct-horse";
/// A fuzz target: its name in `fuzz/`, and what it does with the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub static TARGETS: &[Target] = &[
    ("callback", callback),
    ("deep_link", deep_link),
    ("profile", profile),
    ("id_token_signature", id_token_signature),
    ("id_token_claims", id_token_claims),
    ("token_response", token_response),
    ("discovery", discovery),
];

/// An authorization response, by whichever method (RFC 6749, section 4.1.2).
pub fn callback(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_callback(&text);
    check_callback(&format!("{SCHEME}:/callback/x?state=s&{text}"));
}

fn check_callback(address: &str) {
    let Ok(response) = callback::parse(address) else { return };
    assert!(address.trim().len() <= MAX_RESPONSE_BYTES);
    assert!(!response.redirect_uri.contains(['?', '#']));
    assert!(!response.state.is_empty(), "a response without a state");
    let query = address.trim().split('#').next().and_then(|rest| rest.split_once('?'));
    let values = |name: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().1.as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    };
    assert_eq!(values("state"), [response.state.as_str()], "a state that came twice");
    match response.outcome {
        Outcome::Code(code) => {
            assert_eq!(format!("{code:?}"), "AuthorizationCode([redacted])");
            assert_eq!(code.state(), response.state);
            let code = code.into_inner();
            assert!(!code.is_empty());
            assert_eq!(values("code"), [code], "a code that came twice");
            assert!(values("error").iter().all(String::is_empty), "granted in spite of an error");
        }
        Outcome::Error(error_response) => drop(error_response.explain(&OIDC)),
    }
}

/// A URI that the operating system hands over (RFC 8252, section 7.1).
pub fn deep_link(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_deep_link(&text);
    check_deep_link(&format!("{SCHEME}:{text}"));
}

fn check_deep_link(text: &str) {
    let Some(link) = deep_link::read(SCHEME, text) else { return };
    assert!(text.len() <= MAX_RESPONSE_BYTES);
    let deep_link::DeepLink::Response(address) = link else { return };
    let Ok(url) = Url::parse(&address) else { panic!("{address}") };
    assert_eq!((url.scheme(), url.host_str(), url.username()), (SCHEME, None, ""), "{address}");
    let entry = url.path().strip_prefix("/callback/").unwrap_or_default();
    let id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(!entry.is_empty() && entry.chars().all(id), "{address}");
    callback(address.as_bytes());
}

/// A JSON object with the bodies of the profile requests by their names, or a fixture of `provider/fixtures`, which
/// contains three of them. Every provider reads it.
fn profile(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(data) else { return };
    for bodies in [&input, &input["full"], &input["sparse"], &input["hostile"]] {
        for provider in BUILT_IN.iter().copied().chain([&OIDC]) {
            read_profile(provider, bodies);
        }
    }
}

fn read_profile(provider: &'static Provider, bodies: &Value) {
    let body = |name: &str| Some(bodies[name].clone()).filter(|body| !body.is_null());
    let responses = ProfileResponses {
        id_token: body("id_token"),
        bodies: provider
            .profile_requests
            .iter()
            .map(|request| request.name)
            .chain([RECORD])
            .filter_map(|name| Some((name, body(name)?)))
            .collect(),
        avatar_base: provider.endpoints.avatar_base.to_owned(),
    };
    if let Ok(profile) = (provider.profile)(&responses) {
        check_profile(provider, &responses, profile.tidy());
    }
}

fn check_profile(provider: &Provider, responses: &ProfileResponses, profile: Profile) {
    assert!(!profile.subject.is_empty(), "a profile without a subject");
    let shown = [
        Some(profile.display_name(provider.label)),
        profile.nickname.clone(),
        profile.email.clone(),
        profile.birthday.clone(),
        profile.gender.clone(),
        profile.age_range.clone(),
        profile.phone.clone(),
    ];
    for text in shown.into_iter().flatten() {
        assert!(!text.trim().is_empty());
        let hidden = |c: char| {
            c.is_control()
                || matches!(
                    c as u32,
                    0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x3164 | 0xfeff | 0xffa0
                        | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
                        | 0xfe00..=0xfe0e | 0xfff9..=0xfffb | 0x1d173..=0x1d17a
                        | 0xe0000..=0xe007f | 0xe0100..=0xe01ef
                )
        };
        assert!(!text.chars().any(hidden), "{text:?}");
    }
    assert!(profile.email.is_some() || !profile.email_verified, "no address, and verified");
    assert!(
        profile.email_verified || !(provider.trusts_email)(responses, &profile),
        "an unverified address is trusted"
    );
}

/// Published with the seeds. The private keys were deleted, so nothing else can be signed.
static KEYS: LazyLock<Option<KeySet>> = LazyLock::new(|| {
    KeySet::read(json!({ "keys": [
        {
            "kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256",
            "x": "WsA0gKymzisS9Jb99O6kxh1_TWjDU9Lk-lxw5DEJlWY",
            "y": "u-Fi4gmgYTgbBUVuOaYv7ntufJs8Jkp5kVPh51Kx0KY",
        },
        {
            "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "e": "AQAB",
            "n": "jplYIOwRWBY4p2rKNvMC2VOK0_C5mIV7yAy14kRdwoBagYrKVY8SoD68iWNnV5c_dasyaLzZHu4bMEqhba3vxorxwa2kMwoH7jgwgpysPPyZrZ0Bj2oVVV2LMqugLXNoQnPz4fyRzM9qi_qFzsIDspAPNuPkcBOczeR0uxQSTQ-0cTcLfW-zVq1lWQJYO1t6ukVFLB8PTzeTj46KCZoKSoBV85h4Yef3bvwZvoI8d3bChKL_TA76zbrFYIBu2KgrFYN8vEHwqDLbx226GGsNBfqYfL9is18toBaCSNC0bTiMYZADBB1rHSqKu5ieQslDAf3fMphO1msQyb6CepBCSw",
        },
    ]}))
});

/// The claims of both seeds that are signed.
const SIGNED: &str = "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwiYXVkIjoiYXBwIiwic3ViIjoicyIsIm5vbmNlIjoibiIsImlhdCI6MTc5MDAwMDAwMCwiZXhwIjoxNzkwMDAwMzAwLCJhdF9oYXNoIjoiUEVhZW5XeFlkZE42UV9OVDFQaU9ZUSIsImVtYWlsIjoiaGFuZXVsQGV4YW1wbGUuY29tIiwiZW1haWxfdmVyaWZpZWQiOnRydWV9";

fn verified(token: &str, secret: Option<&str>) -> Option<Value> {
    let expected = Expected {
        provider: &OIDC,
        issuers: &[ISSUER],
        secret,
        client_id: "app",
        trusted_audiences: &[],
        algorithms: None,
        access_token: "token",
        context: IdTokenContext::Code { nonce: "n", now: NOW },
    };
    id_token::verify(token, KEYS.as_ref()?, &expected).ok()
}

/// An id_token as it comes: what is not signed by a published key never verifies.
pub fn id_token_signature(data: &[u8]) {
    let Ok(token) = std::str::from_utf8(data) else { return };
    if verified(token, None).is_some() {
        assert_eq!(token.split('.').nth(1), Some(SIGNED), "a forged id_token");
    }
}

/// Header and claims on two lines, signed here with the one kind of key that is secret.
pub fn id_token_claims(data: &[u8]) {
    const CLIENT_SECRET: &str = "channel-secret";
    let Ok((header, claims)) =
        std::str::from_utf8(data).map(|t| t.split_once('\n').unwrap_or(("", t)))
    else {
        return;
    };
    let header = if header.is_empty() { r#"{"alg":"HS256"}"# } else { header };
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(CLIENT_SECRET.as_bytes());
    let Ok(signature) = crypto::sign(signed.as_bytes(), &key, Algorithm::HS256) else { return };
    let token = format!("{signed}.{signature}");
    assert_eq!(verified(&token, None), None, "an HMAC where none is taken");
    let Some(claims) = verified(&token, Some(CLIENT_SECRET)) else { return };
    let header: Value = serde_json::from_str(header).unwrap_or_default();
    assert_eq!(header["alg"], "HS256");
    assert!(header.get("crit").is_none(), "an unknown extension");
    assert_eq!((&claims["iss"], &claims["nonce"]), (&json!(ISSUER), &json!("n")));
    let audiences = match &claims["aud"] {
        Value::Array(audiences) => audiences.clone(),
        one => vec![one.clone()],
    };
    assert!(!audiences.is_empty(), "without an audience");
    assert!(audiences.iter().all(|one| one == "app"), "for another client as well");
    assert!(claims["azp"].is_null() || claims["azp"] == "app", "for another party");
    assert!(claims["sub"].as_str().is_some_and(|subject| !subject.is_empty()));
    let seconds = |name: &str| claims[name].as_f64().unwrap_or(f64::NAN);
    #[allow(clippy::cast_precision_loss)]
    let (now, skew) = (NOW as f64, SKEW as f64);
    assert!(seconds("exp") > now - skew && seconds("iat") < now + skew + 1.0, "out of date");
    assert!(claims["nbf"].is_null() || seconds("nbf") < now + skew + 1.0, "not good yet");
}

/// The body of a token response, with either kind of status (RFC 6749, sections 5.1 and 5.2).
pub fn token_response(data: &[u8]) {
    for provider in BUILT_IN {
        for success in [true, false] {
            if let Ok(response) = provider.dialect.read(success, data) {
                check_token_response(provider, response, success);
            }
        }
    }
}

fn check_token_response(provider: &Provider, response: ParsedResponse, success: bool) {
    const KNOWN: &[&str] =
        &["token_type", "access_token", "refresh_token", "id_token", "expires_in", "scope"];
    match response {
        ParsedResponse::Tokens(tokens) => {
            assert!(success, "tokens with an error status");
            let fields = tokens.as_object().into_iter().flatten();
            assert!(
                fields.map(|(name, _)| name.as_str()).all(|name| {
                    KNOWN.contains(&name) || provider.dialect.extra.contains(&name)
                })
            );
            assert!(tokens["access_token"].as_str().is_some_and(|token| !token.is_empty()));
            let kind = tokens["token_type"].as_str();
            assert!(kind.is_some_and(|kind| ["bearer", "dpop", "unknown"].contains(&kind)));
            let read = serde_json::from_value::<WireResponse>(tokens);
            assert!(read.is_ok(), "{:?}", read.err());
        }
        ParsedResponse::Error(refusal) => {
            let shown = SentSecrets::default().and(SECRET).scrub(&refusal.text());
            assert!(!shown.contains(SECRET), "what was sent is quoted");
            assert!(!shown.chars().any(char::is_control), "a control character");
        }
    }
}

/// The metadata of an issuer (OpenID Connect Discovery 1.0, section 3).
pub fn discovery(data: &[u8]) {
    let Ok(metadata) = serde_json::from_slice::<discovery::Metadata>(data) else { return };
    let config = ProviderConfig::issuer("company", ISSUER).with_client("app", None);
    if let Ok(found) = discovery::overlay(&config, metadata) {
        assert_eq!(found.issuer, ISSUER);
        check_endpoints(&found);
    }
}

/// Endpoints are https, without user name and fragment (S9).
pub fn check_endpoints(config: &ProviderConfig) {
    for url in config.endpoints.known() {
        assert_eq!(url.scheme(), "https", "{url}");
        assert!(url.username().is_empty() && url.password().is_none(), "{url}");
        assert_eq!(url.fragment(), None, "{url}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn fuzz() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
    }

    /// N9, S20: every parser has seeds, and the rules hold of the seeds, among them
    /// each input that broke one before.
    #[test]
    fn the_rules_hold_of_every_seed() {
        for (name, target) in TARGETS {
            let seeds = std::fs::read_dir(fuzz().join("seeds").join(name)).unwrap();
            let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name}");
            seeds.iter().for_each(|seed| target(&std::fs::read(seed).unwrap()));
        }
    }

    /// The properties hold for each provider's fixture, which `cargo xtask fuzz` uses as a seed.
    #[test]
    fn the_rules_hold_of_every_fixture() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provider/fixtures");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
        let read = files.map(|file| profile(&std::fs::read(file).unwrap())).count();
        assert_eq!(read, BUILT_IN.len());
    }

    /// The seeds reach the rules: those that are meant to verify do.
    #[test]
    fn the_signed_seeds_verify() {
        for name in ["es256", "rs256"] {
            let token = std::fs::read_to_string(fuzz().join("seeds/id_token_signature").join(name));
            assert!(verified(&token.unwrap(), None).is_some(), "{name}");
        }
        let claims = std::fs::read(fuzz().join("seeds/id_token_claims/claims")).unwrap();
        assert!(String::from_utf8(claims).unwrap().contains(ISSUER));
    }
}
