//! A provider configuration with an HTTP client. Each request of the protocol is a method; they
//! are in the files that are named after them.

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::http::Http;
use crate::id_token::{self, IdTokenContext};
use crate::jws::KeySet;
use crate::provider::{Endpoint, IdToken, IssuerRule};
use crate::provider_config::ProviderConfig;
use crate::signing_keys;
use crate::token_request::TokenResponse;
use crate::userinfo::{KnownIdentity, Userinfo};

/// A client of one provider (RFC 6749, section 1.1).
#[derive(Clone)]
pub struct Client {
    pub(crate) http: Http,
    pub(crate) config: ProviderConfig,
}

impl Client {
    /// Sends the requests of this configuration.
    pub fn new(http: Http, config: ProviderConfig) -> Self {
        Self { http, config }
    }

    /// Opens connections to the token and userinfo endpoints, to be called while the user is in the
    /// browser. A failure is none: the requests that follow report their own.
    pub async fn connect(&self) {
        let endpoints =
            [self.config.token_endpoint().ok(), self.config.endpoint(Endpoint::Userinfo)];
        let [token, userinfo] = endpoints.map(async |url| match url {
            // A handshake with this machine takes no time.
            Some(url) if !self.config.is_on_this_machine() => self.http.reaches(url).await,
            Some(_) | None => false,
        });
        tokio::join!(token, userinfo);
    }

    /// The configuration, with what was discovered.
    pub fn config(&self) -> &ProviderConfig {
        &self.config
    }

    /// The same client where every endpoint is known: those of an issuer are read from its
    /// metadata, any other configuration stays as it is.
    ///
    /// # Errors
    /// Where the metadata cannot be read or used.
    pub async fn discover(self) -> Result<Self> {
        let config = crate::discovery::complete(&self.http, &self.config).await?;
        Ok(Self { config, ..self })
    }

    /// Who signed in: verifies the id_token and reads the profile. `keys` are those of the issuer,
    /// where they were fetched before ([`signing_keys::fetch_expected`]); a key that is not among them
    /// is looked for at the issuer.
    ///
    /// # Errors
    /// Where the id_token is missing or does not hold, or a profile request that names the account
    /// fails and no id_token does.
    pub async fn identify(
        &self,
        tokens: TokenResponse,
        context: IdTokenContext<'_>,
        keys: Option<KeySet>,
    ) -> Result<AuthenticationResult> {
        let config = &self.config;
        if config.provider.is_atproto() {
            return self.identify_account(tokens).await;
        }
        let claims = match (&tokens.id_token, config.provider.id_token) {
            (Some(token), IdToken::Required | IdToken::IfPresent) => {
                let keys = match keys {
                    Some(keys) => keys,
                    None => signing_keys::fetch(self).await?,
                };
                let access = &tokens.access;
                Some(id_token::fetch_and_verify(self, keys, token, access, context).await?)
            }
            (None, IdToken::Required) if !is_identified_by_userinfo(config, &tokens, context) => {
                return Err(Error::new(ErrorKind::IdTokenMissing));
            }
            (None, IdToken::Required | IdToken::IfPresent) | (_, IdToken::Never) => None,
        };
        let nonce = match (context, &claims) {
            (IdTokenContext::Code { nonce, .. }, Some(_)) => Some(nonce.to_owned()),
            (
                IdTokenContext::Code { .. }
                | IdTokenContext::Device { .. }
                | IdTokenContext::Refresh { .. },
                _,
            ) => None,
        };
        let issuer = issuer(config, claims.as_ref())?;
        let known = claims.map_or(KnownIdentity::None, KnownIdentity::IdToken);
        let userinfo = self.userinfo(&tokens, known).await.map_err(of_a_new_token)?;
        Ok(AuthenticationResult { userinfo, tokens, issuer, nonce })
    }
}

/// What a granted answer leads to.
pub struct AuthenticationResult {
    /// Who it is.
    pub userinfo: Userinfo,
    /// What was granted.
    pub tokens: TokenResponse,
    /// The issuer of the subject: that of the configuration, or that of the user's tenant.
    pub issuer: String,
    /// The nonce that the issuer signed, if it signed one.
    pub nonce: Option<String>,
}

/// Whether userinfo says who it is without an id_token. RFC 8628 knows no id_token, and some
/// servers send none there although `openid` was granted. No nonce could be in it anyway.
fn is_identified_by_userinfo(
    config: &ProviderConfig,
    tokens: &TokenResponse,
    context: IdTokenContext<'_>,
) -> bool {
    matches!(context, IdTokenContext::Device { .. })
        && tokens.scopes.iter().any(|scope| scope == "openid")
        && config.endpoint(Endpoint::Userinfo).is_some()
}

/// What an account is known by besides its subject. A spelling of the issuer makes no other one.
fn issuer(config: &ProviderConfig, claims: Option<&Value>) -> Result<String> {
    match config.provider.issuer_rule {
        IssuerRule::Exact => Ok(config.issuer.clone()),
        IssuerRule::PerTenant => {
            let signed = claims.and_then(|claims| claims["iss"].as_str());
            signed.map(str::to_owned).ok_or(Error::new(ErrorKind::IdTokenIssuer))
        }
    }
}

/// A token that was given a moment ago is not one that has ended.
fn of_a_new_token(error: Error) -> Error {
    match error.kind() {
        ErrorKind::SessionEnded => {
            Error::new(ErrorKind::ProfileRefused).detail(error.words().unwrap_or_default())
        }
        _ => error,
    }
}
