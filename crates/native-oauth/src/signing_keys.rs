//! The keys that an issuer signs with, fetched from its `jwks_uri` (OpenID Connect Discovery, section
//! 3).

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::jws::KeySet;
use crate::provider::IdToken;

/// The keys that the issuer publishes now.
///
/// # Errors
/// Where they cannot be fetched or read.
pub async fn fetch(client: &Client) -> Result<KeySet> {
    let unusable = || Error::new(ErrorKind::DiscoveryFailed).with_detail("jwks_uri");
    let url = client.config.endpoints.jwks.as_ref().ok_or_else(unusable)?;
    let response = client.http.get(url, None).await?;
    match response.status.is_success() {
        true => KeySet::read(response.json()?).ok_or_else(unusable),
        false => Err(response.error_at(ErrorKind::DiscoveryFailed)),
    }
}

/// The same if an id_token is expected and the keys can be read; to be fetched while the user is in
/// the browser.
pub async fn fetch_expected(client: &Client) -> Option<KeySet> {
    let config = &client.config;
    let expected = match config.provider.id_token {
        IdToken::Required => true,
        IdToken::IfPresent => config.scopes.iter().any(|scope| scope == "openid"),
        IdToken::Never => false,
    };
    if expected { fetch(client).await.ok() } else { None }
}
