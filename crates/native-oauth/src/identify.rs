//! Who signed in: the claims of the id_token, and the profile.

use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::id_token::{self, IdTokenContext};
use crate::jws::KeySet;
use crate::provider::{Endpoint, IdToken, IssuerRule};
use crate::provider_config::ProviderConfig;
use crate::signing_keys;
use crate::token_response::TokenResponse;
use crate::userinfo::{KnownIdentity, Userinfo};

/// The result of a successful sign-in.
pub struct AuthenticationResult {
    /// The account and its profile.
    pub userinfo: Userinfo,
    /// What was granted.
    pub tokens: TokenResponse,
    /// The issuer of the subject: that of the configuration, or that of the user's tenant.
    pub issuer: String,
    /// The nonce that the issuer signed, if it signed one.
    pub nonce: Option<String>,
}

/// Whether userinfo identifies the user without an id_token. RFC 8628 has no id_token, and some
/// servers send none in this flow although `openid` was granted. It could not contain a nonce.
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
            Error::new(ErrorKind::ProfileRefused).with_detail(error.detail().unwrap_or_default())
        }
        _ => error,
    }
}

impl Client {
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
