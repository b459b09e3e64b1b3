//! What a module signs, and with which keys.

use std::sync::atomic::Ordering;

use super::{Deviation, Module};
use crate::keys;
use crate::providers::oidc::issuer;
use crate::providers::prelude::*;
use crate::state::ServerState;

impl Module {
    /// What userinfo is instead of these claims in JSON.
    pub(in super::super) fn userinfo_response(
        self,
        request: &Request,
        grant: &Grant,
        claims: &Value,
    ) -> Option<Response> {
        let keys = request.state.keys;
        let mut claims = claims.clone();
        claims["iss"] = json!(issuer(request, &grant.realm));
        claims["aud"] = json!(grant.client.id);
        let jwt = match self {
            Self::UserinfoForbidden => {
                return Some(request.bearer_refusal(BearerError::Scope).into_response());
            }
            Self::UserinfoSigned | Self::UserinfoSignedInvalidSub => keys.sign("RS256", &claims),
            Self::UserinfoSignedByStranger => {
                let header = json!({ "alg": "RS256", "typ": "JWT", "kid": keys.main.kid });
                keys.stranger.sign(&header, &claims)
            }
            Self::UserinfoEncrypted => [43; 5].map(random::base64url).join("."),
            _ => return None,
        };
        Some(response::raw(200, "application/jwt", jwt))
    }

    /// Signs the id_token, correctly or not.
    pub(in super::super) fn sign(self, state: &ServerState, claims: &Value) -> String {
        let keys = state.keys;
        let header = |alg: &str, kid: &str| json!({ "alg": alg, "typ": "JWT", "kid": kid });
        let main = |alg: &str| header(alg, keys.main.kid);
        let es256 = |alg: &str| keys.es256.sign(&header(alg, keys.es256.kid), claims);
        let without_kid = || json!({ "alg": "RS256", "typ": "JWT" });
        match self {
            Self::IdtokenSigNone => keys::unsigned(&json!({ "alg": "none", "typ": "JWT" }), claims),
            Self::InvalidSigRs256 => keys.stranger.sign(&main("RS256"), claims),
            Self::InvalidSigHs256 => {
                keys::sign_hs256(keys.main.public_pem().as_bytes(), &main("HS256"), claims)
            }
            Self::InvalidSigEs256 => spoil(&es256("ES256")),
            Self::InvalidAlternateAlg => es256("ES256"),
            // An ES256 signature: nothing here can make one of ES256K.
            Self::IdtokenSigEs256k => es256("ES256K"),
            Self::KidAbsentMultipleJwksNoMatch => keys.stranger.sign(&without_kid(), claims),
            Self::KeyRotation => keys.next.sign(&header("RS256", keys.next.kid), claims),
            _ => match self.deviation() {
                Deviation::Header(change) => {
                    let mut header = main("RS256");
                    change(&mut header);
                    keys.main.sign(&header, claims)
                }
                _ => keys.sign(self.algorithm(), claims),
            },
        }
    }

    /// The key set.
    pub(in super::super) fn keys(self, state: &ServerState) -> Vec<Value> {
        let keys = state.keys;
        match self {
            Self::InvalidAlternateAlg | Self::IdtokenSigEs256k => {
                vec![keys.main.jwk(), keys.es256.jwk()]
            }
            Self::KidAbsentMultipleJwks => {
                vec![keys.next.jwk(), keys.es256.jwk(), keys.main.jwk()]
            }
            Self::KidAbsentMultipleJwksNoMatch => vec![keys.next.jwk(), keys.es256.jwk()],
            // Counted since the start, so that every client finds the new key at its second read.
            Self::KeyRotation if state.rotated_reads.fetch_add(1, Ordering::SeqCst) > 0 => {
                vec![keys.next.jwk(), keys.main.jwk()]
            }
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
