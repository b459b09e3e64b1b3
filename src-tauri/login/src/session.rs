//! The session of an account: what one keychain entry holds.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::flow::exchange::Tokens;

/// An access token is renewed this long before it expires, in seconds, or a tenth of its
/// lifetime where that is less.
const AHEAD: i64 = 300;

/// What one keychain entry holds, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Grows with each write, so that two writers can be told apart.
    generation: u64,
    access_token: String,
    refresh_token: Option<String>,
    /// When the access token was given and when it expires, in seconds since 1970.
    given_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) scopes: Vec<String>,
    /// Whom the tokens were given to, and by whom: they are never sent elsewhere.
    client_id: String,
    token_origin: String,
    /// The nonce of the sign-in, which a refreshed id_token may repeat; no earlier version kept it.
    nonce: Option<String>,
}

impl Session {
    /// What was granted at `now`, after `former`. A refresh token that is not given anew stays
    /// (RFC 6749, section 6), as long as it is for the same client of the same provider.
    pub(crate) fn new(
        tokens: &Tokens,
        entry: &Entry,
        former: Option<&Self>,
        now: i64,
    ) -> Result<Self> {
        let lifetime = tokens.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        let owned = |secret: &SecretString| secret.expose_secret().to_owned();
        let kept = former.filter(|former| former.check_belongs(entry).is_ok());
        Ok(Self {
            generation: former.map_or(0, |former| former.generation) + 1,
            access_token: owned(&tokens.access),
            refresh_token: tokens
                .refresh
                .as_ref()
                .map(owned)
                .or_else(|| kept.and_then(|former| former.refresh_token.clone())),
            given_at: now,
            expires_at: lifetime.map(|seconds| now.saturating_add(seconds)),
            scopes: tokens.scopes.clone(),
            client_id: entry.client()?.id.clone(),
            token_origin: entry.token_endpoint()?.origin().ascii_serialization(),
            nonce: kept.and_then(|former| former.nonce.clone()),
        })
    }

    /// Begun by a sign-in with this nonce.
    pub(crate) fn begun_with(self, nonce: Option<String>) -> Self {
        Self { nonce, ..self }
    }

    /// What a refresh gave. It never widens what the person granted (RFC 6749, section 6; S44).
    pub(crate) fn renewed(&self, tokens: &Tokens, entry: &Entry, now: i64) -> Result<Self> {
        let mut session = Self::new(tokens, entry, Some(self), now)?;
        session.scopes.retain(|scope| self.scopes.contains(scope));
        if session.scopes.is_empty() {
            session.scopes.clone_from(&self.scopes);
        }
        Ok(session)
    }

    /// Whom the tokens were given to.
    pub(crate) fn client(&self) -> &str {
        &self.client_id
    }

    /// Whether the session may be sent to the entry as it is set up now.
    pub(crate) fn check_belongs(&self, entry: &Entry) -> Result<()> {
        let origin = entry.token_endpoint()?.origin().ascii_serialization();
        let same = self.token_origin == origin && self.client_id == entry.client()?.id;
        if same { Ok(()) } else { Err(Error::new(Code::SessionForeign)) }
    }

    /// Whether the access token can be used for a while yet. One whose end is not known is used
    /// until the provider refuses it. A clock that was set back behind the giving tells nothing,
    /// so such a token counts as used up where it can be renewed.
    pub(crate) fn is_fresh(&self, now: i64) -> bool {
        let Some(expires_at) = self.expires_at else { return true };
        let ahead = AHEAD.min((expires_at - self.given_at) / 10);
        now + ahead < expires_at && (now >= self.given_at - AHEAD || self.refresh_token.is_none())
    }

    /// Whether the access token has not expired, if only just.
    pub(crate) fn is_usable(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// The access token.
    pub(crate) fn access_token(&self) -> SecretString {
        self.access_token.clone().into()
    }

    /// The refresh token, if there is one.
    pub(crate) fn refresh_token(&self) -> Option<SecretString> {
        self.refresh_token.clone().map(SecretString::from)
    }

    /// The nonce of the sign-in, where it is known.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Whether another has written since.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.generation != other.generation || self.refresh_token != other.refresh_token
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
