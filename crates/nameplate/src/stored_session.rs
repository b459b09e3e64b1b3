//! The session of an account: the content of its keychain item.

mod binding;

use std::collections::BTreeMap;

use native_oauth::ProviderConfig;
use native_oauth::dpop::DpopKey;
use native_oauth::token_response::{TokenBinding, TokenResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::store::Lifetime;

/// How long before its expiry an access token is refreshed, in seconds; a tenth of its lifetime if
/// that is less.
const AHEAD: i64 = 300;

/// How an access token is presented (RFC 6749, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    /// By every holder (RFC 6750).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449).
    #[serde(rename = "DPoP")]
    Dpop,
}

/// The tokens of an account, stored as JSON in one keychain item.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Incremented with each write, so that a write of another process is noticed.
    generation: u64,
    access_token: String,
    refresh_token: Option<String>,
    pub(crate) token_type: TokenType,
    /// The key that both tokens are bound to, or beside a bearer token the refresh token alone;
    /// `None` if neither is.
    dpop_key: Option<String>,
    /// When the access token was issued and when it expires, in seconds since 1970.
    given_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) scopes: Vec<String>,
    /// The client that the tokens were issued to, and the issuer.
    client_id: String,
    issuer: String,
    /// The endpoints at sign-in, by their keys in `providers.toml`. Tokens are sent to their
    /// origins only (S61).
    endpoints: BTreeMap<String, Url>,
    /// Whether the configuration named the token endpoint at sign-in, and not the issuer's metadata.
    is_token_endpoint_configured: bool,
    /// The nonce of the sign-in, which a refreshed id_token may repeat; `None` where no id_token
    /// came.
    nonce: Option<String>,
}

impl Session {
    /// The session of a token response at `now`. Without a new refresh token, that of `former`
    /// stays (RFC 6749, section 6) if it is for the same client of the same provider, and bound to
    /// the same key (RFC 9449, section 5).
    pub(crate) fn new(
        tokens: &TokenResponse,
        config: &ProviderConfig,
        former: Option<&Self>,
        now: i64,
    ) -> Result<Self> {
        let lifetime = tokens.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        let owned = |secret: &SecretString| secret.expose_secret().to_owned();
        let dpop_key = tokens.binding.refresh_key().map(|key| owned(&key.text()));
        let kept = former.filter(|former| former.belongs(config) && former.dpop_key == dpop_key);
        let mut endpoints = config.endpoints.clone();
        let endpoints = endpoints.of_tokens().into_iter();
        Ok(Self {
            generation: former.map_or(0, |former| former.generation) + 1,
            access_token: owned(&tokens.access),
            refresh_token: tokens
                .refresh
                .as_ref()
                .map(owned)
                .or_else(|| kept.and_then(|former| former.refresh_token.clone())),
            token_type: match tokens.binding.key() {
                Some(_) => TokenType::Dpop,
                None => TokenType::Bearer,
            },
            dpop_key,
            given_at: now,
            expires_at: lifetime.map(|seconds| now.saturating_add(seconds)),
            scopes: tokens.scopes.clone(),
            client_id: config.client()?.id.clone(),
            issuer: config.issuer.clone(),
            endpoints: endpoints
                .filter_map(|(key, url)| Some((key.to_owned(), url.clone()?)))
                .collect(),
            is_token_endpoint_configured: false,
            nonce: kept.and_then(|former| former.nonce.clone()),
        })
    }

    /// Sets the nonce of the sign-in, and where its token endpoint came from. With the refresh token of
    /// a former sign-in, that sign-in's nonce stays (OpenID Connect Core, section 12.2).
    pub(crate) fn begun_with(
        self,
        entry: &Entry,
        nonce: Option<String>,
        tokens: &TokenResponse,
    ) -> Self {
        let former = self.refresh_token.is_some() && tokens.refresh.is_none();
        let is_token_endpoint_configured = entry.overrides.contains(&"token_endpoint");
        Self {
            nonce: if former { self.nonce } else { nonce },
            is_token_endpoint_configured,
            ..self
        }
    }

    /// The session after a refresh. It never has more scopes than before (RFC 6749, section 6;
    /// S44).
    pub(crate) fn renewed(
        &self,
        tokens: &TokenResponse,
        config: &ProviderConfig,
        now: i64,
    ) -> Result<Self> {
        let mut session = Self::new(tokens, config, Some(self), now)?;
        session.endpoints.clone_from(&self.endpoints);
        session.is_token_endpoint_configured = self.is_token_endpoint_configured;
        session.scopes.retain(|scope| self.scopes.contains(scope));
        if !tokens.names_scopes || session.scopes.is_empty() {
            session.scopes.clone_from(&self.scopes);
        }
        Ok(session)
    }

    /// The session after a refresh whose tokens failed validation. Only the new refresh token is
    /// taken, because the former is invalid (RFC 9700, section 4.14.2); `None` without a new one.
    pub(crate) fn rotated(&self, tokens: &TokenResponse) -> Option<Self> {
        let refresh_token = Some(tokens.usable_refresh()?.expose_secret().to_owned());
        Some(Self { generation: self.generation + 1, refresh_token, ..self.clone() })
    }

    /// How long it lasts.
    pub(crate) fn lifetime(&self) -> Lifetime {
        Lifetime { expires_at: self.expires_at, renews: self.refresh_token.is_some() }
    }

    /// The client that the tokens were issued to.
    pub(crate) fn client(&self) -> &str {
        &self.client_id
    }

    /// The issuer of the sign-in.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether the access token does not expire soon. Without an expiry it is used until the
    /// provider refuses it. If the clock is before the time of issue, a token that can be refreshed
    /// counts as expired.
    pub(crate) fn is_fresh(&self, now: i64) -> bool {
        let Some(expires_at) = self.expires_at else { return true };
        let ahead = AHEAD.min((expires_at - self.given_at) / 10);
        now + ahead < expires_at && (now >= self.given_at - AHEAD || self.refresh_token.is_none())
    }

    /// Whether the access token has not expired.
    pub(crate) fn is_usable(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// What the tokens are bound to.
    ///
    /// # Errors
    /// [`Code::SessionKeyLost`] if the item has lost the key. Nothing can be renewed then.
    pub(crate) fn binding(&self) -> Result<TokenBinding> {
        let lost = || Error::new(Code::SessionKeyLost);
        let parsed = |text: &String| DpopKey::parse(&text.as_str().into()).ok_or_else(lost);
        let key = self.dpop_key.as_ref().map(parsed).transpose()?;
        match (self.token_type, key) {
            (TokenType::Bearer, None) => Ok(TokenBinding::Bearer),
            (TokenType::Bearer, Some(key)) => Ok(TokenBinding::RefreshToken(key)),
            (TokenType::Dpop, Some(key)) => Ok(TokenBinding::Key(key)),
            (TokenType::Dpop, None) => Err(lost()),
        }
    }

    /// The access token with its key and scopes, for requests.
    ///
    /// # Errors
    /// As [`Session::binding`].
    pub(crate) fn tokens(&self) -> Result<TokenResponse> {
        let binding = self.binding()?;
        let tokens = TokenResponse::of_access(self.access_token(), self.scopes.clone());
        Ok(TokenResponse { binding, ..tokens })
    }

    /// The access token.
    pub(crate) fn access_token(&self) -> SecretString {
        self.access_token.clone().into()
    }

    /// The refresh token, if there is one.
    pub(crate) fn refresh_token(&self) -> Option<SecretString> {
        self.refresh_token.clone().map(SecretString::from)
    }

    /// The session after its refresh token was revoked.
    pub(crate) fn without_refresh_token(&self) -> Self {
        Self { generation: self.generation + 1, refresh_token: None, ..self.clone() }
    }

    /// The revocation endpoint at sign-in.
    pub(crate) fn revocation_endpoint(&self) -> Option<Url> {
        self.endpoints.get("revocation_endpoint").cloned()
    }

    /// The nonce of the sign-in, where an id_token repeated it.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Whether the stored session was written again since `other` was read.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        self.generation != other.generation || self.refresh_token != other.refresh_token
    }

    /// JSON for the keychain item.
    pub(crate) fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }

    /// Parses [`Session::text`]; `None` if the item has another content.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }
}

#[cfg(test)]
mod tests;
