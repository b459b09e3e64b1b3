//! The session of an account: what one keychain entry holds.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::flow::exchange::Tokens;

/// What one keychain entry holds, as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    /// Grows with each write, so that two writers can be told apart.
    pub(crate) generation: u64,
    access_token: String,
    refresh_token: Option<String>,
    /// When the access token expires, in seconds since 1970.
    pub(crate) expires_at: Option<i64>,
    scopes: Vec<String>,
    /// Whom the tokens were given to, and by whom: they are never sent elsewhere.
    client_id: String,
    token_origin: String,
}

impl Session {
    /// What was granted at `now`.
    pub(crate) fn new(
        tokens: &Tokens,
        client_id: &str,
        token_endpoint: &Url,
        now: i64,
        generation: u64,
    ) -> Self {
        let lifetime = tokens.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        let owned = |secret: &SecretString| secret.expose_secret().to_owned();
        Self {
            generation,
            access_token: owned(&tokens.access),
            refresh_token: tokens.refresh.as_ref().map(owned),
            expires_at: lifetime.map(|seconds| now.saturating_add(seconds)),
            scopes: tokens.scopes.clone(),
            client_id: client_id.to_owned(),
            token_origin: token_endpoint.origin().ascii_serialization(),
        }
    }

    /// As it stands in the entry.
    pub(crate) fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }

    /// Reads what [`Session::text`] wrote; `None` where the entry holds something else.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }
}
