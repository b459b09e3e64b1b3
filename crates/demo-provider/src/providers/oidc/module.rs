//! The relying-party test modules: each is an issuer that deviates in one thing. O and S numbers are those of
//! docs/requirements.md.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{claims, issuer};
use crate::grants::Grant;
use crate::keys;
use crate::pictures;
use crate::provider::{BearerError, Request};
use crate::random;
use crate::response::{self, Pairs, remove};
use crate::state::ServerState;

const WEEK: i64 = 7 * 86_400;

macro_rules! modules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A test module; its name is part of its issuer: `BASE/oidc/rp/NAME`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Module {
            $($(#[$doc])* $variant,)*
        }

        impl Module {
            /// Every module: first those that a relying party must refuse, then those that it must accept.
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
    // To refuse.
    /// O1: the discovery document names another issuer.
    DiscoveryIssuerMismatch = "discovery-issuer-mismatch",
    /// O2: `iss` of the id_token is somebody else's.
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
    /// O17: `nonce` is somebody else's.
    NonceInvalid = "nonce-invalid",
    /// O18: no `nonce`.
    InvalidMissingNonce = "invalid-missing-nonce",
    /// O19: userinfo speaks of somebody else.
    UserinfoInvalidSub = "userinfo-invalid-sub",
    /// O20: `state` of the answer is somebody else's.
    AuthorizationResponseWithInvalidState = "authorization-response-with-invalid-state",
    /// O21: no `state` in the answer.
    AuthorizationResponseWithMissingState = "authorization-response-with-missing-state",
    /// O22: `iss` of the answer is somebody else's.
    InvalidAuthorizationResponseIss = "invalid-authorization-response-iss",
    /// O23: no `iss` in the answer, though announced.
    RemoveAuthorizationResponseIss = "remove-authorization-response-iss",
    /// S33: two audiences, and `azp` is the other one.
    InvalidAzp = "invalid-azp",
    /// S35: `at_hash` is of another token.
    InvalidAtHash = "invalid-at-hash",
    /// S33: two audiences, `azp` is our client, and nobody said that the other is trusted.
    UntrustedSecondaryAud = "untrusted-secondary-aud",
    /// S33: a member of `aud` is a number.
    AudMemberNotAString = "aud-member-not-a-string",
    /// S33: `azp` is an array.
    AzpNotAString = "azp-not-a-string",
    /// S35: `nbf` is in ten minutes.
    NbfInFuture = "nbf-in-future",
    /// S34: the header demands an extension that nobody knows.
    IdtokenCritUnknown = "idtoken-crit-unknown",
    /// S34: the header says that it is an access token (RFC 9068).
    IdtokenTypAccessToken = "idtoken-typ-access-token",
    /// S34: ES256K is announced beside RS256, and used.
    IdtokenSigEs256k = "idtoken-sig-es256k",
    /// S34: HS256 and ES256K are announced and nothing else.
    DiscoveryUnsupportedAlg = "discovery-unsupported-alg",
    /// S36: a signed userinfo speaks of somebody else.
    UserinfoSignedInvalidSub = "userinfo-signed-invalid-sub",
    /// S45: a refreshed id_token names somebody else.
    RefreshInvalidSub = "refresh-invalid-sub",
    /// S45: a refreshed id_token comes from another issuer.
    RefreshInvalidIss = "refresh-invalid-iss",
    /// S45: a refreshed id_token is for another client.
    RefreshInvalidAud = "refresh-invalid-aud",

    // To accept.
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
    /// An honest RS384 issuer.
    IdtokenSigRs384 = "idtoken-sig-rs384",
    /// An honest RS512 issuer.
    IdtokenSigRs512 = "idtoken-sig-rs512",
    /// An honest PS256 issuer.
    IdtokenSigPs256 = "idtoken-sig-ps256",
    /// An honest PS384 issuer.
    IdtokenSigPs384 = "idtoken-sig-ps384",
    /// An honest PS512 issuer.
    IdtokenSigPs512 = "idtoken-sig-ps512",
    /// An honest ES384 issuer.
    IdtokenSigEs384 = "idtoken-sig-es384",
    /// An honest ES512 issuer.
    IdtokenSigEs512 = "idtoken-sig-es512",
    /// An honest EdDSA issuer, with Ed25519.
    IdtokenSigEddsa = "idtoken-sig-eddsa",
    /// The claims of the scopes are in the id_token, and userinfo has `sub` alone.
    IdtokenClaims = "idtoken-claims",
    /// The claims of the scopes are in the id_token, and every text of userinfo but `sub` is empty.
    UserinfoEmptyStrings = "userinfo-empty-strings",
    /// The claims of the scopes are in the id_token, and userinfo is forbidden.
    UserinfoForbidden = "userinfo-forbidden",
    /// Userinfo is a signed JWT (OIDC Core 5.3.2).
    UserinfoSigned = "userinfo-signed",
    /// Userinfo is a JWT that somebody else signed.
    UserinfoSignedByStranger = "userinfo-signed-by-stranger",
    /// Userinfo is encrypted, which nobody asked for.
    UserinfoEncrypted = "userinfo-encrypted",
    /// `scope` of the token answer is an array.
    ScopeArray = "scope-array",
    /// The picture stands in its address (RFC 2397).
    PictureDataUri = "picture-data-uri",
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
    /// The module of a realm.
    pub(super) fn of(realm: &str) -> Option<Self> {
        Self::find(realm.strip_prefix("oidc/rp/")?)
    }

    /// The module with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|module| module.name() == name)
    }

    /// Whether a relying party must refuse what this issuer does.
    pub const fn must_be_refused(self) -> bool {
        (self as usize) < Self::ValidAudAsArray as usize
    }

    /// The algorithm of the id_tokens.
    pub(super) fn algorithm(self) -> &'static str {
        match self {
            Self::InvalidSigEs256 | Self::IdtokenSigEs256 => "ES256",
            Self::IdtokenSigRs384 => "RS384",
            Self::IdtokenSigRs512 => "RS512",
            Self::IdtokenSigPs256 => "PS256",
            Self::IdtokenSigPs384 => "PS384",
            Self::IdtokenSigPs512 => "PS512",
            Self::IdtokenSigEs384 => "ES384",
            Self::IdtokenSigEs512 => "ES512",
            Self::IdtokenSigEddsa => "EdDSA",
            _ => "RS256",
        }
    }

    /// `id_token_signing_alg_values_supported`. RS256 must be among it (OIDC Discovery 3), but not at every issuer is.
    pub(super) fn announced(self) -> &'static [&'static str] {
        match self.algorithm() {
            "ES256" => &["ES256"],
            "RS384" => &["RS256", "RS384"],
            "RS512" => &["RS256", "RS512"],
            "PS256" => &["RS256", "PS256"],
            "PS384" => &["RS256", "PS384"],
            "PS512" => &["RS256", "PS512"],
            // Logto's default.
            "ES384" => &["ES384"],
            "ES512" => &["RS256", "ES512"],
            "EdDSA" => &["RS256", "EdDSA"],
            _ => match self {
                Self::IdtokenSigEs256k => &["RS256", "ES256K"],
                Self::DiscoveryUnsupportedAlg => &["HS256", "ES256K"],
                _ => &["RS256"],
            },
        }
    }

    /// Whether the id_token has the claims of the scopes.
    pub(super) const fn tells_in_id_token(self) -> bool {
        matches!(
            self,
            Self::IdtokenClaims
                | Self::UserinfoEmptyStrings
                | Self::UserinfoForbidden
                | Self::UserinfoSignedByStranger
                | Self::UserinfoEncrypted
        )
    }

    /// Changes the metadata.
    pub(super) fn change_metadata(self, document: &mut Value) {
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

    /// Changes the authorization response.
    pub(super) fn change_response(self, pairs: &mut Pairs) {
        let mut change = |name: &'static str, value: Option<String>| {
            pairs.retain(|(other, _)| *other != name);
            pairs.extend(value.map(|value| (name, value)));
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

    /// Changes the token response.
    pub(super) fn change_token_response(self, body: &mut Value) {
        match self {
            Self::TokenEndpointResponseWithoutExpiresIn => remove(body, "expires_in"),
            Self::TokenTypeCaseInsensitivity => body["token_type"] = json!("bEaReR"),
            Self::NoScopeInTokenEndpointResponse => remove(body, "scope"),
            Self::ScopeArray => {
                let scope = body["scope"].as_str().unwrap_or_default();
                body["scope"] = json!(scope.split(' ').collect::<Vec<_>>());
            }
            _ => {}
        }
    }

    /// Changes the claims of userinfo.
    pub(super) fn change_userinfo(self, claims: &mut Value) {
        match self {
            Self::UserinfoInvalidSub | Self::UserinfoSignedInvalidSub => {
                claims["sub"] = json!("somebody-else");
            }
            Self::IdtokenClaims => *claims = json!({ "sub": claims["sub"] }),
            Self::UserinfoEmptyStrings => {
                let fields = claims.as_object_mut().into_iter().flatten();
                for (_, value) in fields.filter(|(name, value)| *name != "sub" && value.is_string())
                {
                    *value = json!("");
                }
            }
            Self::PictureDataUri => {
                let picture = pictures::embed(1).map(|picture| STANDARD.encode(picture.bytes));
                let picture = picture.unwrap_or_default();
                claims["picture"] = json!(format!("data:image/png;base64,{picture}"));
            }
            Self::EmailVerifiedString => {
                if let Some(verified) = claims["email_verified"].as_bool() {
                    claims["email_verified"] = json!(verified.to_string());
                }
            }
            _ => {}
        }
    }

    /// What userinfo is instead of a JSON object.
    pub(super) fn userinfo(self, request: &Request, grant: &Grant) -> Option<Response> {
        let keys = request.state.keys;
        let signed_claims = || {
            let mut claims = claims::userinfo(request, grant);
            self.change_userinfo(&mut claims);
            claims["iss"] = json!(issuer(request, &grant.realm));
            claims["aud"] = json!(grant.client.id);
            claims
        };
        let jwt = match self {
            Self::UserinfoForbidden => {
                return Some(request.bearer_refusal(BearerError::Scope).into_response());
            }
            Self::UserinfoSigned | Self::UserinfoSignedInvalidSub => {
                keys.sign("RS256", &signed_claims())
            }
            Self::UserinfoSignedByStranger => {
                let mut claims = signed_claims();
                claims["name"] = json!("Mallory");
                let header = json!({ "alg": "RS256", "typ": "JWT", "kid": keys.main.kid });
                keys.stranger.sign(&header, &claims)
            }
            Self::UserinfoEncrypted => [43; 5].map(random::base64url).join("."),
            _ => return None,
        };
        Some(response::raw(StatusCode::OK, "application/jwt", jwt))
    }

    /// Changes the claims of the id_token; `refreshed` if a refresh returns it.
    pub(super) fn change_claims(self, claims: &mut Value, refreshed: bool) {
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
            Self::AudMemberNotAString => claims["aud"] = json!([client, 7]),
            Self::AzpNotAString => claims["azp"] = json!([client]),
            Self::NbfInFuture => claims["nbf"] = json!(now + 600),
            Self::UntrustedSecondaryAud => {
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
            Self::InvalidAtHash => {
                claims["at_hash"] = json!(keys::at_hash("RS256", "another token"))
            }
            Self::RefreshInvalidSub if refreshed => claims["sub"] = json!("somebody-else"),
            Self::RefreshInvalidIss if refreshed => claims["iss"] = json!("https://issuer.example"),
            Self::RefreshInvalidAud if refreshed => claims["aud"] = json!("another-client"),
            _ => {}
        }
    }

    /// Signs the id_token, correctly or not.
    pub(super) fn sign(self, state: &ServerState, claims: &Value) -> String {
        let keys = state.keys;
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
            Self::IdtokenCritUnknown => {
                let mut header = rs256(Some(keys.main.kid));
                header["crit"] = json!(["urn:example:unknown"]);
                header["urn:example:unknown"] = json!(true);
                keys.main.sign(&header, claims)
            }
            Self::IdtokenTypAccessToken => {
                let mut header = rs256(Some(keys.main.kid));
                header["typ"] = json!("at+jwt");
                keys.main.sign(&header, claims)
            }
            // An ES256 signature: nothing here can make one of ES256K.
            Self::IdtokenSigEs256k => {
                keys.elliptic.sign(&header(json!("ES256K"), Some(keys.elliptic.kid)), claims)
            }
            _ => keys.sign(self.algorithm(), claims),
        }
    }

    /// The key set.
    pub(super) fn keys(self, state: &ServerState) -> Vec<Value> {
        let keys = state.keys;
        match self {
            Self::InvalidAlternateAlg => vec![keys.main.jwk(), keys.elliptic.jwk()],
            Self::KidAbsentMultipleJwks => {
                vec![keys.next.jwk(), keys.elliptic.jwk(), keys.main.jwk()]
            }
            Self::KidAbsentMultipleJwksNoMatch => vec![keys.next.jwk(), keys.elliptic.jwk()],
            // Counted since the start, so that every client finds the new key at its second read.
            Self::KeyRotation if state.rotated_reads.fetch_add(1, Ordering::SeqCst) > 0 => {
                vec![keys.next.jwk(), keys.main.jwk()]
            }
            Self::IdtokenSigEs256k => vec![keys.main.jwk(), keys.elliptic.jwk()],
            _ => vec![keys.jwk(self.algorithm())],
        }
    }
}

/// Changes one character in the middle of the signature.
fn spoil(jwt: &str) -> String {
    let at = jwt.len() - 43;
    let other = if &jwt[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &jwt[..at], &jwt[at + 1..])
}
