//! The relying-party test modules: each is an issuer that deviates in one thing. O and S numbers are those of
//! docs/requirements.md.

mod signatures;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::providers::prelude::*;

const WEEK: i64 = 7 * 86_400;
const FOREIGN_ISSUER: &str = "https://issuer.example";

/// What a module does differently.
enum Deviation {
    /// Changes the metadata.
    Metadata(fn(&mut Value)),
    /// Replaces or removes a parameter of the authorization response.
    Response(&'static str, fn() -> Option<String>),
    /// Changes the token response.
    Token(fn(&mut Value)),
    /// Changes the claims of the id_token.
    Claims(fn(&mut Value)),
    /// Changes the claims of a refreshed id_token.
    Refreshed(fn(&mut Value)),
    /// Changes the header of the id_token, which the main key signs.
    Header(fn(&mut Value)),
    /// Changes the claims of userinfo.
    Userinfo(fn(&mut Value)),
    /// Signs the id_token by this algorithm.
    Algorithm(&'static str),
    /// See the methods of [`Module`].
    Special,
}

use Deviation::{Algorithm, Claims, Header, Metadata, Refreshed, Special, Token, Userinfo};

macro_rules! modules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $deviation:expr;)*) => {
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

            const fn deviation(self) -> Deviation {
                match self {
                    $(Self::$variant => $deviation,)*
                }
            }
        }
    };
}

modules! {
    // To refuse.
    /// O1: the discovery document names another issuer.
    DiscoveryIssuerMismatch = "discovery-issuer-mismatch", Metadata(|document| document["issuer"] = json!(FOREIGN_ISSUER));
    /// O2: `iss` of the id_token is another issuer.
    InvalidIss = "invalid-iss", Claims(|claims| claims["iss"] = json!(FOREIGN_ISSUER));
    /// O3: `aud` is another client.
    InvalidAud = "invalid-aud", Claims(|claims| claims["aud"] = json!("another-client"));
    /// O4: no `aud`.
    MissingAud = "missing-aud", Claims(|claims| remove(claims, "aud"));
    /// O5: `aud` is our client and an unknown one, and there is no `azp`.
    InvalidSecondaryAud = "invalid-secondary-aud", Claims(|claims| claims["aud"] = json!([claims["aud"], "another-client"]));
    /// O6: no `sub`.
    MissingSub = "missing-sub", Claims(|claims| remove(claims, "sub"));
    /// O7: no `iat`.
    MissingIat = "missing-iat", Claims(|claims| remove(claims, "iat"));
    /// O8: issued a week ago, and not expired.
    IatIsWeekInPast = "iat-is-week-in-past", Claims(|claims| shift(claims, "iat", -WEEK));
    /// O9: expired ten minutes ago.
    InvalidExpiredExp = "invalid-expired-exp", Claims(|claims| {
        shift(claims, "iat", -4200);
        shift(claims, "exp", -4200);
    });
    /// O10: `alg` is `none`, and there is no signature.
    IdtokenSigNone = "idtoken-sig-none", Special;
    /// O11: `alg` is JSON's null over a signature that would be right.
    InvalidNullAlg = "invalid-null-alg", Header(|header| header["alg"] = Value::Null);
    /// O12: RS256 by another key with the id of the published one.
    InvalidSigRs256 = "invalid-sig-rs256", Special;
    /// O13: ES256 with a spoilt signature.
    InvalidSigEs256 = "invalid-sig-es256", Algorithm("ES256");
    /// O14: HS256 with the public key as the secret.
    InvalidSigHs256 = "invalid-sig-hs256", Special;
    /// O15: a good ES256 signature where only RS256 is announced.
    InvalidAlternateAlg = "invalid-alternate-alg", Special;
    /// O16: no `kid`, several keys, none fits.
    KidAbsentMultipleJwksNoMatch = "kid-absent-multiple-jwks-no-match", Special;
    /// O17: `nonce` is that of another request.
    NonceInvalid = "nonce-invalid", Claims(|claims| claims["nonce"] = json!(random::base64url(22)));
    /// O18: no `nonce`.
    InvalidMissingNonce = "invalid-missing-nonce", Claims(|claims| remove(claims, "nonce"));
    /// O19: userinfo is of another user.
    UserinfoInvalidSub = "userinfo-invalid-sub", Userinfo(|claims| claims["sub"] = json!("somebody-else"));
    /// O20: `state` of the response is that of another request.
    AuthorizationResponseWithInvalidState = "authorization-response-with-invalid-state", Deviation::Response("state", || Some(random::base64url(43)));
    /// O21: no `state` in the response.
    AuthorizationResponseWithMissingState = "authorization-response-with-missing-state", Deviation::Response("state", || None);
    /// O22: `iss` of the response is another issuer.
    InvalidAuthorizationResponseIss = "invalid-authorization-response-iss", Deviation::Response("iss", || Some(FOREIGN_ISSUER.to_owned()));
    /// O23: no `iss` in the response, though announced.
    RemoveAuthorizationResponseIss = "remove-authorization-response-iss", Deviation::Response("iss", || None);
    /// S33: two audiences, and `azp` is the other one.
    InvalidAzp = "invalid-azp", Claims(|claims| {
        claims["aud"] = json!([claims["aud"], "another-client"]);
        claims["azp"] = json!("another-client");
    });
    /// S35: `at_hash` is of another token.
    InvalidAtHash = "invalid-at-hash", Claims(|claims| id_token::bind(claims, "another token"));
    /// S33: two audiences, `azp` is our client, and the other is not trusted.
    UntrustedSecondaryAud = "untrusted-secondary-aud", Claims(|claims| {
        claims["azp"] = claims["aud"].clone();
        claims["aud"] = json!([claims["azp"], "another-client"]);
    });
    /// S33: a member of `aud` is a number.
    AudMemberNotAString = "aud-member-not-a-string", Claims(|claims| claims["aud"] = json!([claims["aud"], 7]));
    /// S33: `azp` is an array.
    AzpNotAString = "azp-not-a-string", Claims(|claims| claims["azp"] = json!([claims["aud"]]));
    /// S35: `nbf` is in ten minutes.
    NbfInFuture = "nbf-in-future", Claims(|claims| {
        claims["nbf"] = claims["iat"].clone();
        shift(claims, "nbf", 600);
    });
    /// S34: the header requires an unknown extension.
    IdtokenCritUnknown = "idtoken-crit-unknown", Header(|header| {
        header["crit"] = json!(["urn:example:unknown"]);
        header["urn:example:unknown"] = json!(true);
    });
    /// S34: the header says that it is an access token (RFC 9068).
    IdtokenTypAccessToken = "idtoken-typ-access-token", Header(|header| header["typ"] = json!("at+jwt"));
    /// S34: ES256K is announced beside RS256, and used.
    IdtokenSigEs256k = "idtoken-sig-es256k", Special;
    /// S34: only HS256 and ES256K are announced.
    DiscoveryUnsupportedAlg = "discovery-unsupported-alg", Special;
    /// S36: a signed userinfo is of another user.
    UserinfoSignedInvalidSub = "userinfo-signed-invalid-sub", Userinfo(|claims| claims["sub"] = json!("somebody-else"));
    /// S45: a refreshed id_token is of another user.
    RefreshInvalidSub = "refresh-invalid-sub", Refreshed(|claims| claims["sub"] = json!("somebody-else"));
    /// S45: a refreshed id_token is of another issuer.
    RefreshInvalidIss = "refresh-invalid-iss", Refreshed(|claims| claims["iss"] = json!(FOREIGN_ISSUER));
    /// S45: a refreshed id_token is for another client.
    RefreshInvalidAud = "refresh-invalid-aud", Refreshed(|claims| claims["aud"] = json!("another-client"));

    // To accept.
    /// O24: `aud` is an array with our client alone.
    ValidAudAsArray = "valid-aud-as-array", Claims(|claims| claims["aud"] = json!([claims["aud"]]));
    /// O25: no `kid`, one key.
    KidAbsentSingleJwks = "kid-absent-single-jwks", Header(|header| remove(header, "kid"));
    /// O26: no `kid`, several keys, one fits.
    KidAbsentMultipleJwks = "kid-absent-multiple-jwks", Header(|header| remove(header, "kid"));
    /// O27: no `expires_in`.
    TokenEndpointResponseWithoutExpiresIn = "token-endpoint-response-without-expires_in", Token(|body| remove(body, "expires_in"));
    /// O28: `token_type` in mixed case.
    TokenTypeCaseInsensitivity = "token-type-case-insensitivity", Token(|body| body["token_type"] = json!("bEaReR"));
    /// O29: no `scope` in the token response.
    NoScopeInTokenEndpointResponse = "no-scope-in-token-endpoint-response", Token(|body| remove(body, "scope"));
    /// O30: the claims of the scopes are at userinfo only.
    ScopeUserinfoClaims = "scope-userinfo-claims", Special;
    /// O31: userinfo takes the token from the header only.
    UserinfoBearerHeader = "userinfo-bearer-header", Special;
    /// O32: the first reader of the key set finds the old key only, later ones the new key too.
    KeyRotation = "key-rotation", Special;
    /// An honest ES256 issuer.
    IdtokenSigEs256 = "idtoken-sig-es256", Algorithm("ES256");
    /// An honest RS256 issuer.
    IdtokenSigRs256 = "idtoken-sig-rs256", Algorithm("RS256");
    /// An honest RS384 issuer.
    IdtokenSigRs384 = "idtoken-sig-rs384", Algorithm("RS384");
    /// An honest RS512 issuer.
    IdtokenSigRs512 = "idtoken-sig-rs512", Algorithm("RS512");
    /// An honest PS256 issuer.
    IdtokenSigPs256 = "idtoken-sig-ps256", Algorithm("PS256");
    /// An honest PS384 issuer.
    IdtokenSigPs384 = "idtoken-sig-ps384", Algorithm("PS384");
    /// An honest PS512 issuer.
    IdtokenSigPs512 = "idtoken-sig-ps512", Algorithm("PS512");
    /// An honest ES384 issuer.
    IdtokenSigEs384 = "idtoken-sig-es384", Algorithm("ES384");
    /// An honest ES512 issuer.
    IdtokenSigEs512 = "idtoken-sig-es512", Algorithm("ES512");
    /// An honest EdDSA issuer, with Ed25519.
    IdtokenSigEddsa = "idtoken-sig-eddsa", Algorithm("EdDSA");
    /// The claims of the scopes are in the id_token, and userinfo has `sub` alone.
    IdtokenClaims = "idtoken-claims", Userinfo(|claims| *claims = json!({ "sub": claims["sub"] }));
    /// The claims of the scopes are in the id_token, and every text of userinfo but `sub` is empty.
    UserinfoEmptyStrings = "userinfo-empty-strings", Userinfo(|claims| {
        let members = claims.as_object_mut().into_iter().flatten();
        members.filter(|(name, value)| *name != "sub" && value.is_string()).for_each(|(_, value)| *value = json!(""));
    });
    /// The claims of the scopes are in the id_token, and userinfo is forbidden.
    UserinfoForbidden = "userinfo-forbidden", Special;
    /// Userinfo is a signed JWT (OIDC Core 5.3.2).
    UserinfoSigned = "userinfo-signed", Special;
    /// Userinfo is a JWT with a foreign signature.
    UserinfoSignedByStranger = "userinfo-signed-by-stranger", Userinfo(|claims| claims["name"] = json!("Mallory"));
    /// Userinfo is encrypted, although it was not requested.
    UserinfoEncrypted = "userinfo-encrypted", Special;
    /// `scope` of the token response is an array.
    ScopeArray = "scope-array", Token(|body| {
        let scope = body["scope"].as_str().unwrap_or_default();
        body["scope"] = json!(scope.split(' ').collect::<Vec<_>>());
    });
    /// The picture is in its address (RFC 2397).
    PictureDataUri = "picture-data-uri", Userinfo(|claims| {
        let picture = embed(1).map(|picture| STANDARD.encode(picture.bytes)).unwrap_or_default();
        claims["picture"] = json!(format!("data:image/png;base64,{picture}"));
    });
    /// `email_verified` is the string "true" or "false".
    EmailVerifiedString = "email-verified-string", Userinfo(|claims| {
        if let Some(verified) = claims["email_verified"].as_bool() {
            claims["email_verified"] = json!(verified.to_string());
        }
    });
    /// Neither announces nor sends `iss` in the response.
    AuthorizationResponseIssNotSupported = "authorization-response-iss-not-supported", Metadata(|document| remove(document, "authorization_response_iss_parameter_supported"));
    /// S3: discovery says nothing about PKCE, and S256 is still to be sent.
    DiscoveryWithoutPkce = "discovery-without-pkce", Metadata(|document| remove(document, "code_challenge_methods_supported"));
    /// Discovery says nothing about client authentication: Basic is the default, a public client has none.
    DiscoveryWithoutAuthMethods = "discovery-without-auth-methods", Metadata(|document| remove(document, "token_endpoint_auth_methods_supported"));
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
        if let Algorithm(name) = self.deviation() { name } else { "RS256" }
    }

    /// `id_token_signing_alg_values_supported`. RS256 must be among it (OIDC Discovery 3), but not at every issuer is.
    pub(super) fn announced(self) -> Vec<&'static str> {
        match (self, self.algorithm()) {
            (Self::IdtokenSigEs256k, _) => vec!["RS256", "ES256K"],
            (Self::DiscoveryUnsupportedAlg, _) => vec!["HS256", "ES256K"],
            // ES384 is Logto's default.
            (_, alone @ ("RS256" | "ES256" | "ES384")) => vec![alone],
            (_, other) => vec!["RS256", other],
        }
    }

    /// Whether the id_token has the claims of the scopes.
    pub(super) const fn has_claims_in_id_token(self) -> bool {
        matches!(
            self,
            Self::IdtokenClaims
                | Self::UserinfoEmptyStrings
                | Self::UserinfoForbidden
                | Self::UserinfoSignedByStranger
                | Self::UserinfoEncrypted
        )
    }

    pub(super) fn change_metadata(self, document: &mut Value) {
        if let Metadata(change) = self.deviation() {
            change(document);
        }
    }

    pub(super) fn change_response(self, pairs: &mut Pairs) {
        if let Deviation::Response(name, value) = self.deviation() {
            pairs.retain(|(other, _)| *other != name);
            pairs.extend(value().map(|value| (name, value)));
        }
        if self == Self::AuthorizationResponseIssNotSupported {
            pairs.retain(|(name, _)| *name != "iss");
        }
    }

    pub(super) fn change_token_response(self, body: &mut Value) {
        if let Token(change) = self.deviation() {
            change(body);
        }
    }

    pub(super) fn change_userinfo(self, claims: &mut Value) {
        if let Userinfo(change) = self.deviation() {
            change(claims);
        }
    }

    /// Changes the claims of the id_token; `refreshed` if a refresh returns it.
    pub(super) fn change_claims(self, claims: &mut Value, refreshed: bool) {
        match self.deviation() {
            Claims(change) => change(claims),
            Refreshed(change) if refreshed => change(claims),
            _ => {}
        }
    }
}

/// Adds seconds to a claim.
fn shift(claims: &mut Value, name: &str, seconds: i64) {
    claims[name] = json!(claims[name].as_i64().unwrap_or_default() + seconds);
}
