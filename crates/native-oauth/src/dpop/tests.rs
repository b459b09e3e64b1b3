use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::*;

fn request<'a>(url: &'a Url, token: Option<&'a SecretString>) -> ProvenRequest<'a> {
    ProvenRequest {
        method: "GET",
        url,
        access_token: token,
        nonce: Some("n-1"),
        issued_at: 1_790_000_000,
        id: [1; 16],
    }
}

fn part(proof: &str, at: usize) -> Value {
    let part = proof.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// S64: RFC 9449, section 4.2. The proof shows the public key alone, and the signature is by
/// that key.
#[test]
fn a_proof_is_signed_by_the_key_that_it_shows() {
    let key = DpopKey::generate().unwrap();
    let url: Url = "https://api.example.com/me?fields=name#top".parse().unwrap();
    let token = SecretString::from("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let proof = key.proof(&request(&url, Some(&token))).unwrap();
    let header = part(&proof, 0);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    let jwk = header["jwk"].as_object().unwrap();
    let mut members: Vec<_> = jwk.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "crv", "kty", "x", "y"], "nothing of the private key");
    assert_eq!(
        part(&proof, 1),
        json!({
            "jti": "AQEBAQEBAQEBAQEBAQEBAQ", "htm": "GET", "htu": "https://api.example.com/me",
            "iat": 1_790_000_000, "nonce": "n-1",
            // RFC 9449, section 7.1: the token and the hash of its example.
            "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
        })
    );
    let jwk: Jwk = serde_json::from_value(header["jwk"].clone()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    let by = DecodingKey::from_jwk(&jwk).unwrap();
    jsonwebtoken::decode::<Value>(&proof, &by, &rules).unwrap();
    let other = DpopKey::generate().unwrap();
    let by = DecodingKey::from_jwk(&other.0.public).unwrap();
    assert!(jsonwebtoken::decode::<Value>(&proof, &by, &rules).is_err());
}

/// RFC 9449, section 4.2: `ath` and `nonce` are there where there is something to name.
#[test]
fn a_proof_names_no_token_where_there_is_none() {
    let key = DpopKey::generate().unwrap();
    let url: Url = "https://id.example.com/token".parse().unwrap();
    let first = ProvenRequest { nonce: None, ..request(&url, None) };
    let claims = part(&key.proof(&first).unwrap(), 1);
    assert!(claims.get("ath").is_none() && claims.get("nonce").is_none(), "{claims}");
}

/// S64: a key is read back as it was written; what is damaged is no key.
#[test]
fn a_key_is_read_back() {
    let key = DpopKey::generate().unwrap();
    let text = key.text();
    assert_eq!(DpopKey::parse(&text).as_ref(), Some(&key));
    assert_ne!(DpopKey::generate().unwrap(), key);
    let whole = text.expose_secret();
    let middle = whole.len() / 2;
    for damaged in ["", "{}", &whole[..middle], &whole[1..]] {
        assert_eq!(DpopKey::parse(&damaged.into()), None, "{}", damaged.len());
    }
    assert_eq!(serde_json::from_value::<DpopKey>(json!(key)).unwrap(), key);
}

/// RFC 7638: the digest of the required members in their order.
#[test]
fn a_thumbprint_is_of_the_public_key() {
    let key = DpopKey::generate().unwrap();
    let jwk = json!(key.0.public);
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    assert_eq!(key.thumbprint(), URL_SAFE_NO_PAD.encode(Sha256::digest(members)));
}

/// RFC 6750, section 2.1; RFC 9449, section 7.1: the scheme says whether the token is bound.
#[test]
fn a_token_is_presented_by_its_scheme() {
    let (token, key) = (SecretString::from("t"), DpopKey::generate().unwrap());
    assert_eq!(PresentedToken::bearer(&token).authorization(), "Bearer t");
    let bound = PresentedToken { token: &token, key: Some(&key) };
    assert_eq!(bound.authorization(), "DPoP t");
}

/// S48: what is secret does not show.
#[test]
fn a_key_does_not_show() {
    let key = DpopKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), "DpopKey([redacted])");
}
