//! The steps of a sign-in, in order: prepare, receive, exchange, verify, enrich. Nothing here
//! opens the vault or the store; [`crate::Login`] files what comes out.

pub(crate) mod attempt;
pub(crate) mod callback;
pub(crate) mod deep_link;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod exchange;
pub(crate) mod id_token;
pub(crate) mod jws;
pub(crate) mod loopback;
pub(crate) mod page;
pub(crate) mod profile;
pub(crate) mod refused;
pub(crate) mod requirements;
pub(crate) mod revoke;
pub(crate) mod try_client;

use secrecy::SecretString;
use serde_json::Value;

use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::http::Http;
use crate::provider::{Endpoint, IdToken, IssuerRule};
use attempt::Secrets;
use callback::AuthorizationCode;
use exchange::{Caller, Tokens};
use id_token::Occasion;
use profile::Known;

/// What a granted answer leads to.
pub(crate) struct SignedIn {
    /// Who it is.
    pub(crate) read: profile::Read,
    /// What was granted.
    pub(crate) tokens: Tokens,
    /// Who vouches for it: the entry's issuer, or that of the person's tenant.
    pub(crate) issuer: String,
    /// The nonce that the issuer signed, if it signed one.
    pub(crate) nonce: Option<String>,
}

/// From the code to the profile. The entry's endpoints are known by now.
pub(crate) async fn complete(
    http: &Http,
    entry: &Entry,
    secrets: &Secrets,
    redirect_uri: &str,
    code: AuthorizationCode,
    client_secret: Option<SecretString>,
    now: i64,
) -> Result<SignedIn> {
    let client = Caller { http, entry, client_secret };
    let tokens = client.exchange(code, redirect_uri, secrets).await?;
    let occasion = Occasion::SignIn { nonce: &secrets.nonce, now };
    identify(&client, tokens, occasion).await
}

/// From the tokens to the profile, whatever they were given for.
pub(crate) async fn identify(
    client: &Caller<'_>,
    tokens: Tokens,
    occasion: Occasion<'_>,
) -> Result<SignedIn> {
    let Caller { http, entry, .. } = client;
    let claims = match (&tokens.id_token, entry.provider.id_token) {
        (Some(token), IdToken::Required | IdToken::IfPresent) => {
            let keys = id_token::keys(http, entry).await?;
            let access = &tokens.access;
            Some(id_token::fetch_and_verify(client, keys, token, access, occasion).await?)
        }
        (None, IdToken::Required) if !is_identified_by_userinfo(entry, &tokens, occasion) => {
            return Err(Error::new(Code::IdTokenMissing));
        }
        (None, IdToken::Required | IdToken::IfPresent) | (_, IdToken::Never) => None,
    };
    let nonce = match (occasion, &claims) {
        (Occasion::SignIn { nonce, .. }, Some(_)) => Some(nonce.to_owned()),
        (Occasion::SignIn { .. } | Occasion::Device { .. } | Occasion::Refresh { .. }, _) => None,
    };
    let issuer = issuer(entry, claims.as_ref())?;
    let known = claims.map_or(Known::Nothing, Known::IdToken);
    let read = profile::read(http, entry, &tokens, known).await.map_err(of_a_new_token)?;
    Ok(SignedIn { read, tokens, issuer, nonce })
}

/// Whether userinfo says who it is without an id_token. RFC 8628 knows no id_token, and some
/// servers send none there although `openid` was granted. No nonce could be in it anyway.
fn is_identified_by_userinfo(entry: &Entry, tokens: &Tokens, occasion: Occasion<'_>) -> bool {
    matches!(occasion, Occasion::Device { .. })
        && tokens.scopes.iter().any(|scope| scope == "openid")
        && entry.endpoint(Endpoint::Userinfo).is_some()
}

/// What an account is known by besides its subject. A spelling of the issuer makes no other one.
fn issuer(entry: &Entry, claims: Option<&Value>) -> Result<String> {
    match entry.provider.issuer_rule {
        IssuerRule::Exact => Ok(entry.issuer.clone()),
        IssuerRule::PerTenant => {
            let signed = claims.and_then(|claims| claims["iss"].as_str());
            signed.map(str::to_owned).ok_or(Error::new(Code::IdTokenIssuer))
        }
    }
}

/// A token that was given a moment ago is not one that has ended.
fn of_a_new_token(error: Error) -> Error {
    match error.code() {
        Code::SessionEnded => {
            Error::new(Code::ProfileRefused).detail(error.words().unwrap_or_default())
        }
        _ => error,
    }
}
