//! The relying-party test modules: each is an issuer that is honest but for one thing.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::answer::remove;
use crate::keys;
use crate::random;
use crate::world::World;

const WEEK: i64 = 7 * 86_400;

macro_rules! modules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A test module; its name is part of its issuer: `BASE/oidc/rp/NAME`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Module {
            $($(#[$doc])* $variant,)*
        }

        impl Module {
            /// Every module: those to refuse, then those to accept.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

modules! {
    // To be refused.
    /// O1: the discovery document names another issuer.
    DiscoveryIssuerMismatch = "discovery-issuer-mismatch",
    /// O2: `iss` of the id_token is another's.
    InvalidIss = "invalid-iss",
    /// O3: `aud` is another client.
    InvalidAud = "invalid-aud",
    /// O4: no `aud`.
    MissingAud = "missing-aud",
    /// O5: `aud` holds our client and an unknown one, and there is no `azp`.
    InvalidSecondaryAud = "invalid-secondary-aud",
    /// O6: no `sub`.
    MissingSub = "missing-sub",
    /// O7: no `iat`.
    MissingIat = "missing-iat",
    /// O8: issued a week ago, and still running.
    IatIsWeekInPast = "iat-is-week-in-past",
    /// O9: expired ten minutes ago.
    InvalidExpiredExp = "invalid-expired-exp",
    /// O10: `alg` is `none`, and there is no signature.
    IdtokenSigNone = "idtoken-sig-none",
    /// O11: `alg` is JSON's null over a signature that would be right.
    InvalidNullAlg = "invalid-null-alg",
    /// O12: RS256 by a key that only pretends to be the published one.
    InvalidSigRs256 = "invalid-sig-rs256",
    /// O13: ES256 with a spoilt signature.
    InvalidSigEs256 = "invalid-sig-es256",
    /// O14: HS256 with the public key as the secret.
    InvalidSigHs256 = "invalid-sig-hs256",
    /// O15: a good ES256 signature where only RS256 is announced.
    InvalidAlternateAlg = "invalid-alternate-alg",
    /// O16: no `kid`, several keys, none fits.
    KidAbsentMultipleJwksNoMatch = "kid-absent-multiple-jwks-no-match",
    /// O17: `nonce` is another's.
    NonceInvalid = "nonce-invalid",
    /// O18: no `nonce`.
    InvalidMissingNonce = "invalid-missing-nonce",
    /// O19: userinfo speaks of somebody else.
    UserinfoInvalidSub = "userinfo-invalid-sub",
    /// O20: `state` of the answer is another's.
    AuthorizationResponseWithInvalidState = "authorization-response-with-invalid-state",
    /// O21: no `state` in the answer.
    AuthorizationResponseWithMissingState = "authorization-response-with-missing-state",
    /// O22: `iss` of the answer is another's.
    InvalidAuthorizationResponseIss = "invalid-authorization-response-iss",
    /// O23: no `iss` in the answer, though announced.
    RemoveAuthorizationResponseIss = "remove-authorization-response-iss",
    /// S33: two audiences, and `azp` is the other one.
    InvalidAzp = "invalid-azp",
    /// S35: `at_hash` is of another token.
    InvalidAtHash = "invalid-at-hash",
    /// S45: a refreshed id_token names somebody else.
    RefreshInvalidSub = "refresh-invalid-sub",
    /// S45: a refreshed id_token comes from another issuer.
    RefreshInvalidIss = "refresh-invalid-iss",
    /// S45: a refreshed id_token is for another client.
    RefreshInvalidAud = "refresh-invalid-aud",

    // To be accepted.
    /// O24: `aud` is an array with our client alone.
    ValidAudAsArray = "valid-aud-as-array",
    /// O25: no `kid`, one key.
    KidAbsentSingleJwks = "kid-absent-single-jwks",
    /// O26: no `kid`, several keys, one fits.
    KidAbsentMultipleJwks = "kid-absent-multiple-jwks",
    /// O27: no `expires_in`.
    TokenEndpointResponseWithoutExpiresIn = "token-endpoint-response-without-expires_in",
    /// O28: `token_type` in mixed case.
    TokenTypeCaseInsensitivity = "token-type-case-insensitivity",
    /// O29: no `scope` in the token answer.
    NoScopeInTokenEndpointResponse = "no-scope-in-token-endpoint-response",
    /// O30: the claims of the scopes are at userinfo only.
    ScopeUserinfoClaims = "scope-userinfo-claims",
    /// O31: userinfo takes the token from the header only.
    UserinfoBearerHeader = "userinfo-bearer-header",
    /// O32: the key set's first reader finds the old key only, later ones the new key too.
    KeyRotation = "key-rotation",
    /// An honest ES256 issuer.
    IdtokenSigEs256 = "idtoken-sig-es256",
    /// An honest RS256 issuer.
    IdtokenSigRs256 = "idtoken-sig-rs256",
    /// S33: two audiences, and `azp` is our client.
    ValidSecondaryAudWithAzp = "valid-secondary-aud-with-azp",
    /// `email_verified` is the string "true" or "false".
    EmailVerifiedString = "email-verified-string",
    /// Neither announces nor sends `iss` in the answer.
    AuthorizationResponseIssNotSupported = "authorization-response-iss-not-supported",
    /// S3: discovery says nothing about PKCE, and S256 is still to be sent.
    DiscoveryWithoutPkce = "discovery-without-pkce",
    /// Discovery says nothing about client authentication: Basic is the default, a public client has none.
    DiscoveryWithoutAuthMethods = "discovery-without-auth-methods",
}

impl Module {
    /// By name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|module| module.name() == name)
    }

    /// Whether a relying party must refuse what this issuer does.
    pub const fn must_be_refused(self) -> bool {
        (self as usize) < Self::ValidAudAsArray as usize
    }

    /// What discovery announces for id_tokens.
    pub fn algorithm(self) -> &'static str {
        if matches!(self, Self::InvalidSigEs256 | Self::IdtokenSigEs256) {
            "ES256"
        } else {
            "RS256"
        }
    }

    /// Bends the discovery document.
    pub fn bend_discovery(self, document: &mut Value) {
        match self {
            Self::DiscoveryIssuerMismatch => {
                document["issuer"] = json!(
                    document["issuer"]
                        .as_str()
                        .map(|url| url.replace(self.name(), "somebody-else"))
                );
            }
            Self::AuthorizationResponseIssNotSupported => {
                remove(document, "authorization_response_iss_parameter_supported")
            }
            Self::DiscoveryWithoutPkce => remove(document, "code_challenge_methods_supported"),
            Self::DiscoveryWithoutAuthMethods => {
                remove(document, "token_endpoint_auth_methods_supported")
            }
            _ => {}
        }
    }

    /// Bends the answer at the redirect URI.
    pub fn bend_callback(self, answer: &mut Vec<(&'static str, String)>) {
        let mut change = |name: &'static str, value: Option<String>| {
            answer.retain(|(other, _)| *other != name);
            answer.extend(value.map(|value| (name, value)));
        };
        match self {
            Self::AuthorizationResponseWithInvalidState => {
                change("state", Some(random::base64url(43)))
            }
            Self::AuthorizationResponseWithMissingState => change("state", None),
            Self::InvalidAuthorizationResponseIss => {
                change("iss", Some("https://issuer.example".to_owned()))
            }
            Self::RemoveAuthorizationResponseIss | Self::AuthorizationResponseIssNotSupported => {
                change("iss", None)
            }
            _ => {}
        }
    }

    /// Bends the token answer.
    pub fn bend_token(self, body: &mut Value) {
        match self {
            Self::TokenEndpointResponseWithoutExpiresIn => remove(body, "expires_in"),
            Self::TokenTypeCaseInsensitivity => body["token_type"] = json!("bEaReR"),
            Self::NoScopeInTokenEndpointResponse => remove(body, "scope"),
            _ => {}
        }
    }

    /// Bends userinfo.
    pub fn bend_userinfo(self, claims: &mut Value) {
        match self {
            Self::UserinfoInvalidSub => claims["sub"] = json!("somebody-else"),
            Self::EmailVerifiedString => {
                if let Some(verified) = claims["email_verified"].as_bool() {
                    claims["email_verified"] = json!(verified.to_string());
                }
            }
            _ => {}
        }
    }

    /// Bends the id_token's claims; `refreshed` where it is not the first one.
    pub fn bend_claims(self, claims: &mut Value, refreshed: bool) {
        let client = claims["aud"].clone();
        let now = claims["iat"].as_i64().unwrap_or_default();
        match self {
            Self::InvalidIss => claims["iss"] = json!("https://issuer.example"),
            Self::InvalidAud => claims["aud"] = json!("another-client"),
            Self::MissingAud => remove(claims, "aud"),
            Self::InvalidSecondaryAud => claims["aud"] = json!([client, "another-client"]),
            Self::InvalidAzp => {
                claims["aud"] = json!([client, "another-client"]);
                claims["azp"] = json!("another-client");
            }
            Self::ValidSecondaryAudWithAzp => {
                claims["aud"] = json!([client, "another-client"]);
                claims["azp"] = client;
            }
            Self::ValidAudAsArray => claims["aud"] = json!([client]),
            Self::MissingSub => remove(claims, "sub"),
            Self::MissingIat => remove(claims, "iat"),
            Self::IatIsWeekInPast => claims["iat"] = json!(now - WEEK),
            Self::InvalidExpiredExp => {
                claims["iat"] = json!(now - 4200);
                claims["exp"] = json!(now - 600);
            }
            Self::NonceInvalid => claims["nonce"] = json!(random::base64url(22)),
            Self::InvalidMissingNonce => remove(claims, "nonce"),
            Self::InvalidAtHash => claims["at_hash"] = json!(keys::at_hash("another token")),
            Self::RefreshInvalidSub if refreshed => claims["sub"] = json!("somebody-else"),
            Self::RefreshInvalidIss if refreshed => claims["iss"] = json!("https://issuer.example"),
            Self::RefreshInvalidAud if refreshed => claims["aud"] = json!("another-client"),
            _ => {}
        }
    }

    /// Signs, rightly or not.
    pub fn sign(self, world: &World, claims: &Value) -> String {
        let keys = world.keys;
        let header = |alg: Value, kid: Option<&str>| {
            let mut header = json!({ "alg": alg, "typ": "JWT" });
            if let Some(kid) = kid {
                header["kid"] = json!(kid);
            }
            header
        };
        let rs256 = |kid| header(json!("RS256"), kid);
        match self {
            Self::IdtokenSigNone => keys::unsigned(&header(json!("none"), None), claims),
            Self::InvalidNullAlg => {
                keys.main.sign(&header(Value::Null, Some(keys.main.kid)), claims)
            }
            Self::InvalidSigRs256 => keys.stranger.sign(&rs256(Some(keys.main.kid)), claims),
            Self::InvalidSigHs256 => {
                let secret = keys.main.public_pem().unwrap_or_default();
                keys::sign_hs256(
                    secret.as_bytes(),
                    &header(json!("HS256"), Some(keys.main.kid)),
                    claims,
                )
            }
            Self::InvalidSigEs256 => {
                spoil(&keys.elliptic.sign(&header(json!("ES256"), Some(keys.elliptic.kid)), claims))
            }
            Self::InvalidAlternateAlg | Self::IdtokenSigEs256 => {
                keys.elliptic.sign(&header(json!("ES256"), Some(keys.elliptic.kid)), claims)
            }
            Self::KidAbsentSingleJwks | Self::KidAbsentMultipleJwks => {
                keys.main.sign(&rs256(None), claims)
            }
            Self::KidAbsentMultipleJwksNoMatch => keys.stranger.sign(&rs256(None), claims),
            Self::KeyRotation => keys.next.sign(&rs256(Some(keys.next.kid)), claims),
            _ => keys.main.sign(&rs256(Some(keys.main.kid)), claims),
        }
    }

    /// The key set.
    pub fn keys(self, world: &World) -> Vec<Value> {
        let keys = world.keys;
        match self {
            Self::InvalidSigEs256 | Self::IdtokenSigEs256 => vec![keys.elliptic.jwk()],
            Self::InvalidAlternateAlg => vec![keys.main.jwk(), keys.elliptic.jwk()],
            Self::KidAbsentMultipleJwks => {
                vec![keys.next.jwk(), keys.elliptic.jwk(), keys.main.jwk()]
            }
            Self::KidAbsentMultipleJwksNoMatch => vec![keys.next.jwk(), keys.elliptic.jwk()],
            // By the count of reads since the start, so that a client which reads early and one which reads
            // late both find the new key at their second read.
            Self::KeyRotation if world.rotated_reads.fetch_add(1, Ordering::SeqCst) > 0 => {
                vec![keys.next.jwk(), keys.main.jwk()]
            }
            _ => vec![keys.main.jwk()],
        }
    }
}

/// Changes one character in the middle of the signature.
fn spoil(jwt: &str) -> String {
    let at = jwt.len() - 43;
    let other = if &jwt[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &jwt[..at], &jwt[at + 1..])
}
