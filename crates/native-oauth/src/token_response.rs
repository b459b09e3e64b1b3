//! The response of the token endpoint (RFC 6749, section 5.1), as `oauth2` reads it and as callers get
//! it.

use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse, TokenResponse as _};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::atproto::did::Did;
use crate::client::Client;
use crate::dialect::{BEARER, DPOP};
use crate::dpop::{DpopKey, PresentedToken};
use crate::error::{Error, ErrorKind, Result};
use crate::provider_config::ExtensionPolicy;
use crate::text;

/// What was granted.
#[derive(Debug)]
pub struct TokenResponse {
    /// Opens the profile.
    pub access: SecretString,
    /// What the tokens are bound to (RFC 9449, section 5).
    pub binding: TokenBinding,
    /// Renews the access token, where the provider gives one.
    pub refresh: Option<SecretString>,
    /// The id_token, if the provider is an OpenID provider.
    pub id_token: Option<SecretString>,
    /// Lifetime of the access token in seconds, if the response contains it.
    pub expires_in: Option<u64>,
    /// Members of the response that only this provider sends ([`Dialect::extra`]).
    ///
    /// [`Dialect::extra`]: crate::dialect::Dialect::extra
    pub extra: Map<String, Value>,
    /// The granted scopes; the requested ones if the response contains none (RFC 6749, section 5.1).
    pub scopes: Vec<String>,
    /// Whether the response names the scopes. A refresh that does not leaves them as they were (RFC 6749,
    /// section 6).
    pub names_scopes: bool,
}

/// What tokens are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenBinding {
    /// Nothing: every holder of the token can use it (`token_type` Bearer).
    Bearer,
    /// A key, which each request has to prove (`token_type` DPoP).
    Key(DpopKey),
    /// The refresh token alone to a key, which each refresh has to prove: a public client got it and a
    /// bearer token for a proof (RFC 9449, section 5).
    RefreshToken(DpopKey),
    /// Nothing, although a proof was sent and binding was required. [`TokenResponse::check`] refuses
    /// it.
    Missing,
    /// Unknown: `token_type` is neither Bearer nor DPoP, or it is DPoP and no proof was sent.
    /// [`TokenResponse::check`] refuses it (S28).
    Unknown,
}

impl TokenBinding {
    /// The key that a request with the access token proves.
    pub fn key(&self) -> Option<&DpopKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Bearer | Self::RefreshToken(_) | Self::Missing | Self::Unknown => None,
        }
    }

    /// The key that a refresh proves.
    pub fn refresh_key(&self) -> Option<&DpopKey> {
        match self {
            Self::Key(key) | Self::RefreshToken(key) => Some(key),
            Self::Bearer | Self::Missing | Self::Unknown => None,
        }
    }

    /// What a bearer token that a refresh brings is bound to: it never stands for a token that was
    /// bound.
    pub(crate) fn of_renewed_bearer(&self) -> Self {
        match self {
            Self::Key(_) | Self::Missing | Self::Unknown => Self::Missing,
            Self::Bearer | Self::RefreshToken(_) => self.clone(),
        }
    }
}

/// Of a token, in bytes.
const LONGEST_TOKEN: usize = 64 << 10;

/// Of all scopes together, in bytes.
const LONGEST_SCOPE: usize = 16 << 10;

impl TokenResponse {
    /// An access token alone.
    pub fn of_access(access: SecretString, scopes: Vec<String>) -> Self {
        Self {
            access,
            binding: TokenBinding::Bearer,
            refresh: None,
            id_token: None,
            expires_in: None,
            extra: Map::new(),
            scopes,
            names_scopes: true,
        }
    }

    /// The account that the tokens are of (AT Protocol, OAuth, "Identity Authentication").
    ///
    /// # Errors
    /// [`ErrorKind::ResponseMalformed`] where the response names no DID.
    pub(crate) fn did(&self) -> Result<Did> {
        let sub = self.extra.get("sub").and_then(Value::as_str).and_then(Did::parse);
        sub.ok_or_else(|| Error::new(ErrorKind::ResponseMalformed).with_detail("sub"))
    }

    /// The access token, as a request presents it.
    pub fn presented(&self) -> PresentedToken<'_> {
        PresentedToken { token: &self.access, key: self.binding.key() }
    }

    /// Tokens of printable ASCII (RFC 6749, appendices A.12 and A.17), within the limits.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMalformed`] names what is wrong; [`ErrorKind::TokenNotBound`] of a bearer
    /// token where a bound one was required (RFC 9449, section 5); [`ErrorKind::TokenTypeRefused`].
    pub fn check(&self) -> Result<()> {
        match self.binding {
            TokenBinding::Missing => return Err(Error::new(ErrorKind::TokenNotBound)),
            TokenBinding::Unknown => return Err(Error::new(ErrorKind::TokenTypeRefused)),
            TokenBinding::Bearer | TokenBinding::Key(_) | TokenBinding::RefreshToken(_) => {}
        }
        let tokens = [
            ("access_token", Some(&self.access)),
            ("refresh_token", self.refresh.as_ref()),
            ("id_token", self.id_token.as_ref()),
        ];
        for (name, token) in tokens.into_iter().filter_map(|(name, token)| Some((name, token?))) {
            check_token(name, token)?;
        }
        within("scope", self.scopes.iter().map(|scope| scope.len() + 1).sum(), LONGEST_SCOPE)
    }

    /// The refresh token, where there is one within the limits, whatever the rest is.
    pub fn usable_refresh(&self) -> Option<&SecretString> {
        self.refresh.as_ref().filter(|token| check_token("refresh_token", token).is_ok())
    }
}

fn check_token(name: &str, token: &SecretString) -> Result<()> {
    let token = token.expose_secret();
    within(name, token.len(), LONGEST_TOKEN)?;
    if !token.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        let words = format!("{name}: characters outside of printable ASCII");
        return Err(Error::new(ErrorKind::TokenMalformed).with_detail(words));
    }
    Ok(())
}

fn within(name: &str, bytes: usize, limit: usize) -> Result<()> {
    match bytes <= limit {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::TokenMalformed)
            .with_detail(format!("{name}: {bytes} bytes, limit {limit}"))),
    }
}

/// The fields that `oauth2` does not know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExtraFields {
    id_token: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl ExtraTokenFields for ExtraFields {}

pub(crate) type WireResponse = StandardTokenResponse<ExtraFields, BasicTokenType>;

/// What the tokens of a response are bound to, by its `token_type` and by the key that the request
/// proved (RFC 9449, section 5); `of_bearer` if the access token is a bearer token.
fn binding(
    response: &WireResponse,
    key: Option<&DpopKey>,
    of_bearer: TokenBinding,
) -> TokenBinding {
    match (response.token_type().as_ref(), key) {
        (DPOP, Some(key)) => TokenBinding::Key(key.clone()),
        (BEARER, _) => of_bearer,
        _ => TokenBinding::Unknown,
    }
}

impl Client {
    pub(super) fn tokens(
        &self,
        response: &WireResponse,
        key: Option<&DpopKey>,
    ) -> Result<TokenResponse> {
        let tokens = self.unchecked(response, key, self.of_first_bearer(response, key));
        tokens.check()?;
        Ok(tokens)
    }

    /// What a bearer token that a grant brings is bound to. The refresh token of a client that
    /// authenticates is bound to the client, not to a key.
    fn of_first_bearer(&self, response: &WireResponse, key: Option<&DpopKey>) -> TokenBinding {
        let is_bound = response.refresh_token().is_some() && !self.shows_secret();
        match (key, self.config.dpop) {
            (Some(_), ExtensionPolicy::Required) => TokenBinding::Missing,
            (Some(key), ExtensionPolicy::Never | ExtensionPolicy::IfOffered) if is_bound => {
                TokenBinding::RefreshToken(key.clone())
            }
            (Some(_) | None, _) => TokenBinding::Bearer,
        }
    }

    pub(crate) fn unchecked(
        &self,
        response: &WireResponse,
        key: Option<&DpopKey>,
        of_bearer: TokenBinding,
    ) -> TokenResponse {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let granted: Option<Vec<_>> = response.scopes().map(|scopes| {
            let scopes = scopes.iter().flat_map(|scope| scope.split_whitespace());
            scopes.map(text::sanitized).filter(|scope| !scope.is_empty()).collect()
        });
        TokenResponse {
            access: secret(response.access_token().secret()),
            binding: binding(response, key, of_bearer),
            refresh: response.refresh_token().map(|token| secret(token.secret())),
            id_token: response.extra_fields().id_token.as_deref().map(secret),
            expires_in: response.expires_in().map(|lifetime| lifetime.as_secs()),
            extra: response.extra_fields().extra.clone(),
            names_scopes: granted.is_some(),
            scopes: granted.unwrap_or_else(|| self.config.scopes.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
