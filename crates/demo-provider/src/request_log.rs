//! The request log: every secret that was issued or received, and counts. Tests search other places for the secrets and
//! assert the counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What was issued and received since the start.
#[derive(Debug, Default, Clone, Serialize)]
pub struct RequestLog {
    /// Authorization codes.
    pub codes: BTreeSet<String>,
    /// Access tokens.
    pub access_tokens: BTreeSet<String>,
    /// Refresh tokens.
    pub refresh_tokens: BTreeSet<String>,
    /// id_tokens.
    pub id_tokens: BTreeSet<String>,
    /// PKCE verifiers.
    pub verifiers: BTreeSet<String>,
    /// Client secrets.
    pub client_secrets: BTreeSet<String>,
    /// Device codes.
    pub device_codes: BTreeSet<String>,
    /// `state` of the authorization requests.
    pub states: BTreeSet<String>,
    /// `nonce` of the authorization requests.
    pub nonces: BTreeSet<String>,
    /// Counts per realm: a provider's name, or `oidc/rp/MODULE`.
    pub grants: BTreeMap<String, Counts>,
    /// How often each path was requested.
    pub paths: BTreeMap<String, u64>,
}

/// Counts of one realm.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Counts {
    /// Codes exchanged.
    pub authorization_code: u64,
    /// Device codes redeemed.
    pub device_code: u64,
    /// Refresh grants carried out.
    pub refresh_token: u64,
    /// Requests refused at the authorization, token or revocation endpoint.
    pub refusals: u64,
    /// Tokens revoked on request.
    pub revocations: u64,
}

impl RequestLog {
    /// Adds a parameter if it is one that holds a secret. id_tokens are added only when they are issued.
    pub(crate) fn record(&mut self, name: &str, value: &str) {
        let set = match name {
            "code" => &mut self.codes,
            "code_verifier" => &mut self.verifiers,
            "client_secret" => &mut self.client_secrets,
            "refresh_token" => &mut self.refresh_tokens,
            "access_token" => &mut self.access_tokens,
            "device_code" => &mut self.device_codes,
            "state" => &mut self.states,
            "nonce" => &mut self.nonces,
            _ => return,
        };
        if !value.is_empty() {
            set.insert(value.to_owned());
        }
    }

    pub(crate) fn counts(&mut self, realm: &str) -> &mut Counts {
        self.grants.entry(realm.to_owned()).or_default()
    }
}
