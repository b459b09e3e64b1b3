//! What is verified, by keys and signatures that libraries and the RFCs made.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
};
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use super::*;

/// Signs what it is given.
type Sign = Box<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// An algorithm by name, who signs with it, and the public key.
struct Signer {
    name: &'static str,
    sign: Sign,
    key: Value,
}

impl Signer {
    fn token(&self, header: Value) -> String {
        let mut whole = json!({ "alg": self.name, "kid": "k" });
        for (name, value) in header.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&whole), part(&json!({ "sub": "s" })));
        format!("{input}.{}", URL_SAFE_NO_PAD.encode((self.sign)(input.as_bytes())))
    }
}

/// A signature by jsonwebtoken, which knows every algorithm but ES512.
fn by_library(key: EncodingKey, name: &str) -> Sign {
    let algorithm: jsonwebtoken::Algorithm = name.parse().unwrap();
    Box::new(move |input| {
        let signature = jsonwebtoken::crypto::sign(input, &key, algorithm).unwrap();
        URL_SAFE_NO_PAD.decode(signature).unwrap()
    })
}

fn rsa(name: &'static str) -> Signer {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    let pair = PAIR.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    let public = pair.public_key();
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    let key = json!({
        "kty": "RSA", "kid": "k",
        "n": encoded(public.modulus().big_endian_without_leading_zero()),
        "e": encoded(public.exponent().big_endian_without_leading_zero()),
    });
    Signer { name, sign: by_library(EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(), name), key }
}

fn elliptic(name: &'static str, curve: &str, kind: &'static EcdsaSigningAlgorithm) -> Signer {
    let der = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(kind, der.as_ref()).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    let (x, y) = point.split_at(point.len() / 2);
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    let key = json!({"kty": "EC", "crv": curve, "kid": "k", "x": encoded(x), "y": encoded(y)});
    let sign = match name {
        "ES512" => Box::new(move |input: &[u8]| {
            pair.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec()
        }),
        _ => by_library(EncodingKey::from_ec_der(der.as_ref()), name),
    };
    Signer { name, sign, key }
}

fn edwards(name: &'static str) -> Signer {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x});
    Signer { name, sign: by_library(EncodingKey::from_ed_der(der.as_ref()), "EdDSA"), key }
}

fn signers() -> Vec<Signer> {
    let rsa_names = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    let mut signers: Vec<_> = rsa_names.into_iter().map(rsa).collect();
    signers.push(elliptic("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING));
    signers.push(elliptic("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING));
    signers.push(elliptic("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING));
    signers.push(edwards("EdDSA"));
    signers.push(edwards("Ed25519"));
    signers
}

fn set(keys: &[&Value]) -> KeySet {
    KeySet::read(json!({ "keys": keys })).unwrap()
}

const ANY: Accepted<'static> = Accepted { announced: None, secret: None };

fn checked(token: &str, key: &Value) -> Result<(), JwsError> {
    verify(token, &set(&[key]), &ANY).map(drop)
}

/// S34: RS, PS and ES 256 to 512 and EdDSA, each by its own kind of key, and only if the signature
/// is that of the content; the hash for `at_hash` is that of the algorithm.
#[test]
fn every_supported_algorithm_is_verified() {
    let signers = signers();
    assert_eq!(signers.len(), ALGORITHMS.len());
    for signer in &signers {
        let (name, token) = (signer.name, signer.token(json!({})));
        let announced = [name.to_owned()];
        let accepted = Accepted { announced: Some(&announced), secret: None };
        let verified = verify(&token, &set(&[&signer.key]), &accepted).unwrap();
        assert_eq!(verified.claims, json!({"sub": "s"}), "{name}");
        let bits = match name {
            "EdDSA" | "Ed25519" => 512,
            _ => name[2..].parse().unwrap(),
        };
        let half = URL_SAFE_NO_PAD.decode(verified.half_hash("token")).unwrap();
        assert_eq!(half.len() * 16, bits, "{name}");
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = input.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"t"}"#);
        let forged = format!("{header}.{other}.{signature}");
        assert_eq!(checked(&forged, &signer.key), Err(JwsError::Signature), "{name}");
        let cut = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(signature).unwrap()[1..]);
        assert_eq!(checked(&format!("{input}.{cut}"), &signer.key), Err(JwsError::Signature));
        assert_eq!(checked(&format!("{input}."), &signer.key), Err(JwsError::Signature));
    }
}

/// RFC 7515, appendix A.4: an ES512 signature that none of our libraries made.
#[test]
fn the_es512_signature_of_the_rfc_holds() {
    let token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let key = json!({
        "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    });
    assert_eq!(payload(token, &set(&[&key]), &ANY).unwrap().0, b"Payload");
    let spoilt = token.replace("O_Jn", "O_Jm");
    assert_eq!(payload(&spoilt, &set(&[&key]), &ANY).unwrap_err(), JwsError::Signature);
}

/// S34: RFC 7515, section 4.1.11: no extension is implemented, so none may be demanded; nor is a
/// list that is empty or none, or that names what is not there.
#[test]
fn a_demanded_extension_is_refused() {
    let signer = rsa("RS256");
    for header in [
        json!({"crit": ["x"], "x": true}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"crit": ["exp"], "exp": 1}),
        json!({"crit": ["x"]}),
        json!({"crit": ["alg"]}),
        json!({"crit": []}),
        json!({"crit": "x"}),
        json!({"crit": {}}),
        json!({"crit": null}),
    ] {
        let refused = checked(&signer.token(header.clone()), &signer.key);
        assert_eq!(refused, Err(JwsError::Extension), "{header}");
    }
    // Unknown members are ignored (RFC 7515, section 4).
    let unknown = json!({"x": true, "cty": "y", "jku": "https://evil.example/keys"});
    assert_eq!(checked(&signer.token(unknown), &signer.key), Ok(()));
}

/// S34: RFC 8725, section 3.11: a token of another type, though the issuer signed it, is none.
#[test]
fn a_token_of_another_type_is_refused() {
    let signer = rsa("RS256");
    for kind in ["JWT", "jwt", "Jwt", "application/jwt", "application/JWT"] {
        assert_eq!(checked(&signer.token(json!({"typ": kind})), &signer.key), Ok(()), "{kind}");
    }
    for kind in [
        json!("at+jwt"),
        json!("application/at+jwt"),
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("secevent+jwt"),
        json!("JWT "),
        json!("application/application/jwt"),
        json!(""),
        json!(null),
        json!(["JWT"]),
    ] {
        let token = signer.token(json!({ "typ": kind }));
        assert_eq!(checked(&token, &signer.key), Err(JwsError::Type), "{kind}");
    }
}

/// S34: a missing signature or an HMAC is refused; an unsupported algorithm is
/// reported by its name, shortened and without control characters.
#[test]
fn unsigned_and_unsupported_tokens_are_told_apart() {
    let signer = rsa("RS256");
    let with = |alg: Value| checked(&signer.token(json!({ "alg": alg })), &signer.key);
    for alg in [json!("none"), json!("None"), json!("NONE"), json!(null), json!(7), json!([])] {
        assert_eq!(with(alg.clone()), Err(JwsError::NotSigned), "{alg}");
    }
    for alg in ["ES256K", "RS1", "HS256", "HS512", "Ed448", "rs256", "", "RSA-OAEP"] {
        assert_eq!(with(json!(alg)), Err(JwsError::Unsupported(alg.to_owned())));
    }
    let long = format!("\u{1b}[2J{}", "x".repeat(999));
    assert_eq!(with(json!(long)), Err(JwsError::Unsupported(format!("[2J{}", "x".repeat(29)))));
}

/// S34: an HMAC that the issuer does not announce was not made by it; one that it announces is
/// just not supported. What is supported counts where it is announced.
#[test]
fn the_issuer_says_what_it_signs_with() {
    let signer = rsa("RS512");
    let with = |alg: &str, announced: &[&str]| {
        let announced: Vec<String> = announced.iter().map(|&name| name.to_owned()).collect();
        let accepted = Accepted { announced: Some(&announced), secret: None };
        let token = signer.token(json!({ "alg": alg }));
        verify(&token, &set(&[&signer.key]), &accepted).map(drop)
    };
    let not_announced = |name: &str| Err(JwsError::NotAnnounced(name.to_owned()));
    let unsupported = |name: &str| Err(JwsError::Unsupported(name.to_owned()));
    assert_eq!(with("RS512", &["RS256", "RS512"]), Ok(()));
    assert_eq!(with("RS512", &["RS256"]), not_announced("RS512"));
    assert_eq!(with("RS512", &[]), not_announced("RS512"));
    assert_eq!(with("HS256", &["RS256"]), not_announced("HS256"));
    assert_eq!(with("HS256", &["HS256"]), unsupported("HS256"));
    assert_eq!(with("ES256K", &["RS256"]), unsupported("ES256K"));
    assert_eq!(with("none", &["none"]), Err(JwsError::NotSigned));
}

/// S34: a key counts for what it is published for, and for its own algorithm alone.
#[test]
fn a_key_is_used_for_what_it_is_made_for() {
    let signer = rsa("RS256");
    let token = signer.token(json!({}));
    let with = |change: Value| {
        let mut key = signer.key.clone();
        for (name, value) in change.as_object().unwrap() {
            key[name] = value.clone();
        }
        checked(&token, &key)
    };
    let number = URL_SAFE_NO_PAD.decode(signer.key["n"].as_str().unwrap()).unwrap();
    let padded = URL_SAFE_NO_PAD.encode([vec![0], number].concat());
    for change in [
        json!({}),
        json!({"use": "sig", "alg": "RS256", "key_ops": ["verify"]}),
        json!({"use": null, "alg": null, "key_ops": null, "x5c": ["AA"], "d": "AA"}),
        json!({"n": padded}),
    ] {
        assert_eq!(with(change.clone()), Ok(()), "{change}");
    }
    for change in [
        json!({"use": "enc"}),
        json!({"use": "other"}),
        json!({"alg": "RS512"}),
        json!({"alg": "PS256"}),
        json!({"alg": "RSA-OAEP"}),
        json!({"key_ops": ["encrypt"]}),
        json!({"key_ops": []}),
        json!({"key_ops": "verify"}),
        json!({"kty": "oct"}),
        json!({"kid": "other"}),
        json!({"kid": null}),
    ] {
        assert_eq!(with(change.clone()), Err(JwsError::UnknownKey), "{change}");
    }
    for change in [json!({"n": ""}), json!({"n": 7}), json!({"e": "AQ"}), json!({"n": "!"})] {
        assert_eq!(with(change.clone()), Err(JwsError::Signature), "{change}");
    }
}

/// S34: RFC 7518, section 6.2: a key of another curve or kind is not the one that signed.
#[test]
fn a_key_of_another_curve_is_not_used() {
    let signer = elliptic("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING);
    for (name, value) in [("crv", "P-384"), ("kty", "OKP")] {
        let mut key = signer.key.clone();
        key[name] = json!(value);
        let refused = checked(&signer.token(json!({})), &key);
        assert_eq!(refused, Err(JwsError::UnknownKey), "{name}");
    }
}

/// RFC 8037, section 3.1 and RFC 9864: both names of the algorithm are those of an Ed25519 key.
#[test]
fn a_key_of_edwards_curve_may_have_either_name() {
    let signer = edwards("EdDSA");
    for (name, result) in [
        ("EdDSA", Ok(())),
        ("Ed25519", Ok(())),
        ("Ed448", Err(JwsError::UnknownKey)),
        ("ES256", Err(JwsError::UnknownKey)),
    ] {
        let mut key = signer.key.clone();
        key["alg"] = json!(name);
        assert_eq!(checked(&signer.token(json!({})), &key), result, "{name}");
    }
}

/// Several keys may have one id; the one that signed is found among them.
#[test]
fn of_several_keys_with_one_id_the_right_one_counts() {
    let [signer, other] = [edwards("EdDSA"), edwards("EdDSA")];
    let token = signer.token(json!({}));
    assert!(verify(&token, &set(&[&other.key, &signer.key, &other.key]), &ANY).is_ok());
    let refused = verify(&token, &set(&[&other.key, &other.key]), &ANY).unwrap_err();
    assert_eq!(refused, JwsError::Signature);
}

/// RFC 7518, section 3.3: a key of less than 2048 bits signs nothing, also where the signature is
/// good (it was made by openssl).
#[test]
fn a_short_rsa_key_is_refused() {
    let key = json!({"kty": "RSA", "e": "AQAB", "n": "2s_HBcse_lFIRe3LBNzPqgSQ5BQHLe_EH1rpoNxOvMYtRFftczwz7SEj17yOk3nJOPqX-dnzeaVOuVU4_P2YZB0sQ3KsrnXciNqRIjeOa94R9zUhbPchESko3AggoLGVBoBQxbmAAOlQhTbhsS6ovuWzerEHgaaXs1lySZ7AfVU"});
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzIn0.cqXi8Qp859ux92NyzwpyYcQ-_jn_uXvhaKNyAXPPrDWK3PDiKZ7slF1P2OSmH6LqRAMCb76elTKyPIdA62r2C0uUQNp2l-yx6QZ66CmihVvVzLBdKuqOcoYTsoVsBoYhqNwLrrYjW4SdrHSG5XxE9eVnwkCfF6BkRJVuujUyaiE";
    let unsupported = || Err(JwsError::UnsupportedKey("RSA key of 1024 bits".to_owned()));
    assert_eq!(checked(token, &key), unsupported());
    // One bit less than allowed, and the least that is allowed.
    for (first, response) in [
        (0x7f, JwsError::UnsupportedKey("RSA key of 2047 bits".to_owned())),
        (0x80, JwsError::Signature),
    ] {
        let n = URL_SAFE_NO_PAD.encode([&[first][..], &[1; 255]].concat());
        let key = json!({"kty": "RSA", "e": "AQAB", "n": n});
        assert_eq!(checked(token, &key), Err(response));
    }
    // Beside a key that can be used, the signature is what is wrong.
    let refused = verify(token, &set(&[&key, &rsa("RS256").key]), &ANY).unwrap_err();
    assert_eq!(refused, JwsError::Signature);
}

/// RFC 8037, section 3.1: `EdDSA` may mean Ed448, which is not supported; that is no forgery.
#[test]
fn a_key_of_an_unsupported_curve_is_named() {
    let signer = edwards("EdDSA");
    let x = URL_SAFE_NO_PAD.encode([1; 57]);
    let key = json!({"kty": "OKP", "crv": "Ed448", "kid": "k", "x": x});
    let refused = checked(&signer.token(json!({})), &key).unwrap_err();
    assert_eq!(refused, JwsError::UnsupportedKey("EdDSA with Ed448".to_owned()));
    assert_eq!(refused.to_string(), "unsupported EdDSA with Ed448");
    let other = signer.token(json!({"kid": "other"}));
    assert_eq!(checked(&other, &key), Err(JwsError::UnknownKey));
    let by_name = edwards("Ed25519").token(json!({}));
    assert_eq!(checked(&by_name, &key), Err(JwsError::UnknownKey));
    assert!(verify(&signer.token(json!({})), &set(&[&key, &signer.key]), &ANY).is_ok());
}

/// What is no signed JWT of three parts is told so, without a panic.
#[test]
fn what_is_no_jwt_is_refused() {
    let signer = rsa("RS256");
    let token = signer.token(json!({}));
    assert_eq!(checked("a.b.c.d.e", &signer.key), Err(JwsError::Encrypted));
    for text in ["", ".", "..", "a.b", "a.b.c.d", "{}", "é.é.é", &token[1..], &format!("{token}=")]
    {
        assert_eq!(checked(text, &signer.key), Err(JwsError::NotSigned), "{text}");
    }
    // A JWT inside of another (RFC 7519, section 5.2) carries no claims.
    let pair = Header::new(jsonwebtoken::Algorithm::EdDSA);
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let inner = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(inner.public_key().as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    for claims in [json!(token), json!([1]), json!(null)] {
        let nested =
            jsonwebtoken::encode(&pair, &claims, &EncodingKey::from_ed_der(der.as_ref())).unwrap();
        assert_eq!(checked(&nested, &key), Err(JwsError::NotSigned), "{claims}");
    }
}
