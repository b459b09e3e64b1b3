//! What an OpenID Connect issuer publishes about itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

use crate::config::{Entry, IssRule};
use crate::error::{Code, Error, Result};
use crate::http::Http;
use crate::provider::ClientAuth;

/// The metadata that counts here.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    revocation_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// The entry with every endpoint known; one that needs no discovery comes back as it is.
pub(crate) async fn complete(http: &Http, entry: &Entry) -> Result<Entry> {
    if !entry.is_discovered() {
        return Ok(entry.clone());
    }
    overlay(entry, fetch(http, entry).await?).map_err(|error| error.at(&entry.id))
}

async fn fetch(http: &Http, entry: &Entry) -> Result<Metadata> {
    // Discovery, section 4.1: the issuer without its terminating slash, then the well-known path.
    let address =
        format!("{}/.well-known/openid-configuration", entry.issuer.trim_end_matches('/'));
    let url = entry.discovered("issuer", &address)?;
    let (status, body) = http.json(&url, None).await.map_err(|error| error.at(&entry.id))?;
    if !status.is_success() {
        return Err(Error::new(Code::DiscoveryFailed).at(&entry.id).detail(status));
    }
    serde_json::from_value(body)
        .map_err(|error| Error::new(Code::DiscoveryFailed).at(&entry.id).detail(error))
}

fn overlay(entry: &Entry, metadata: Metadata) -> Result<Entry> {
    // Section 4.3: exactly the issuer that was asked for, or a stranger speaks in its name (S37).
    if metadata.issuer != entry.issuer {
        return Err(Error::new(Code::DiscoveryMismatch).detail(&metadata.issuer));
    }
    let mut entry = entry.clone();
    let found = |key: &str, given: &Option<String>| {
        given.as_deref().map(|text| entry.discovered(key, text)).transpose()
    };
    let authorization = found("authorization_endpoint", &metadata.authorization_endpoint)?;
    let token = found("token_endpoint", &metadata.token_endpoint)?;
    let userinfo = found("userinfo_endpoint", &metadata.userinfo_endpoint)?;
    let jwks = found("jwks_uri", &metadata.jwks_uri)?;
    let revocation = found("revocation_endpoint", &metadata.revocation_endpoint)?;
    let endpoints = &mut entry.endpoints;
    endpoints.authorization = endpoints.authorization.take().or(authorization);
    endpoints.token = endpoints.token.take().or(token);
    endpoints.userinfo = endpoints.userinfo.take().or(userinfo);
    endpoints.jwks = endpoints.jwks.take().or(jwks);
    endpoints.revocation = endpoints.revocation.take().or(revocation);
    if metadata.authorization_response_iss_parameter_supported {
        entry.iss = IssRule::Required;
    }
    entry.client_auth = entry.client_auth.or(Some(client_auth(&entry, &metadata)));
    Ok(entry)
}

/// A client without a secret is public. With one, the body goes before Basic, which not every
/// server decodes alike; where nothing is said, Basic is the default of the specification.
fn client_auth(entry: &Entry, metadata: &Metadata) -> ClientAuth {
    let has_secret = entry.client.as_ref().is_some_and(|client| client.secret.is_some());
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    match (has_secret, methods) {
        (false, _) => ClientAuth::None,
        (true, Some(methods)) if methods.iter().any(|method| method == "client_secret_post") => {
            ClientAuth::Post
        }
        (true, _) => ClientAuth::Basic,
    }
}
