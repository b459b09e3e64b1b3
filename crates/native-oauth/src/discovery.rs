//! What an issuer publishes about itself: the document of OpenID Connect Discovery 1.0, and the one
//! of RFC 8414 for what the first does not contain.

mod metadata;
pub mod requirements;

use std::time::Duration;

use url::Url;

use crate::endpoint_urls::PAR_ENDPOINT;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Http;
use crate::jws;
use crate::provider::TokenEndpointAuthMethod;
use crate::provider_config::{IssRule, OFFLINE_ACCESS, ProviderConfig};
pub(crate) use metadata::Metadata;

/// How long the document of RFC 8414 is waited for. Few issuers have it, and no sign-in depends on
/// it where OpenID's is there.
const SECOND_LIMIT: Duration = Duration::from_secs(5);

/// The configuration with every endpoint; unchanged if it needs no discovery.
pub async fn complete(http: &Http, entry: &ProviderConfig) -> Result<ProviderConfig> {
    if !entry.is_discovered() {
        return Ok(entry.clone());
    }
    overlay(entry, fetch(http, entry).await?).map_err(|error| error.at(&entry.id))
}

/// The scopes that the document of RFC 8414 lists for a server whose endpoints are known; `None`
/// without such a document.
///
/// # Errors
/// If the server cannot be reached, or the document is another issuer's.
pub async fn scopes_supported(http: &Http, entry: &ProviderConfig) -> Result<Option<Vec<String>>> {
    let [_, oauth] = addresses(entry)?;
    match document(http, entry, &oauth).await {
        Ok(metadata) if metadata.issuer != entry.issuer => {
            Err(Error::new(ErrorKind::DiscoveryMismatch).at(&entry.id).with_detail(metadata.issuer))
        }
        Ok(metadata) => Ok(metadata.scopes_supported),
        Err(error) if error.kind() == ErrorKind::DiscoveryFailed => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an id_token of the issuer can be verified, as far as its metadata says what it signs
/// with.
///
/// # Errors
/// [`ErrorKind::IdTokenAlgorithm`] where none of the announced algorithms is supported.
pub fn check_algorithms(entry: &ProviderConfig) -> Result<()> {
    match &entry.id_token_algorithms {
        Some(names) if !names.iter().any(|name| jws::is_supported(name)) => {
            let detail = format!("unsupported algorithm {}", names.join(", "));
            Err(Error::new(ErrorKind::IdTokenAlgorithm).at(&entry.id).with_detail(detail))
        }
        Some(_) | None => Ok(()),
    }
}

/// The issuer as its metadata spells it, if that is the configured issuer except for a final
/// slash, which is easily lost when an address is pasted.
pub async fn spelling(http: &Http, entry: &ProviderConfig) -> Result<String> {
    let Metadata { issuer, .. } = fetch(http, entry).await?;
    match issuer.trim_end_matches('/') == entry.issuer.trim_end_matches('/') {
        true => Ok(issuer),
        false => Err(Error::new(ErrorKind::DiscoveryMismatch).at(&entry.id).with_detail(issuer)),
    }
}

/// Reads both documents at once. OpenID's has precedence; members that it lacks are those of RFC 8414's, if it
/// is about the same issuer, or all where there is no first.
async fn fetch(http: &Http, entry: &ProviderConfig) -> Result<Metadata> {
    let [openid, oauth] = addresses(entry)?;
    let oauth = tokio::time::timeout(SECOND_LIMIT, document(http, entry, &oauth));
    let (openid, oauth) = tokio::join!(document(http, entry, &openid), oauth);
    match (openid, oauth.ok().and_then(Result::ok)) {
        (Ok(first), Some(second)) if first.issuer == second.issuer => Ok(first.or(second, entry)),
        (Ok(first), _) => Ok(first),
        (Err(error), Some(second)) if tells_absence(error.kind()) => Ok(second),
        (Err(error), _) => Err(error),
    }
}

/// Where the two documents are: with the well-known path behind the issuer (OpenID Connect
/// Discovery, section 4.1), and between its host and its path (RFC 8414, section 3.1). Both go
/// without the issuer's terminating slash.
fn addresses(entry: &ProviderConfig) -> Result<[Url; 2]> {
    let mut oauth = entry.issuer_url()?;
    let issuer = entry.issuer.trim_end_matches('/');
    let openid =
        entry.discovered("issuer", &format!("{issuer}/.well-known/openid-configuration"))?;
    let path = oauth.path().trim_end_matches('/').to_owned();
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok([openid, oauth])
}

/// Whether a server that was asked for a document has answered that it has none. One that is out of
/// reach or busy may have it.
fn tells_absence(code: ErrorKind) -> bool {
    !matches!(code, ErrorKind::Unreachable | ErrorKind::ProviderBusy | ErrorKind::WaitAsked)
}

async fn document(http: &Http, entry: &ProviderConfig, url: &Url) -> Result<Metadata> {
    let failed = |error: Error| error.at(&entry.id);
    // A server without metadata may return a page instead.
    let of_metadata = |error: Error| match error.kind() {
        ErrorKind::ResponseMalformed | ErrorKind::ResponseUnreadable => {
            failed(error.because(ErrorKind::DiscoveryFailed))
        }
        _ => failed(error),
    };
    let response = http.get(url, None).await.map_err(of_metadata)?;
    if !response.status.is_success() {
        return Err(failed(response.error_at(ErrorKind::DiscoveryFailed)));
    }
    let body = response.json().map_err(of_metadata)?;
    serde_json::from_value(body)
        .map_err(|error| failed(Error::caused(ErrorKind::DiscoveryFailed, error)))
}

pub(crate) fn overlay(entry: &ProviderConfig, metadata: Metadata) -> Result<ProviderConfig> {
    // Section 4.3: the issuer must be exactly the requested one (S37).
    if metadata.issuer != entry.issuer {
        return Err(Error::new(ErrorKind::DiscoveryMismatch).with_detail(&metadata.issuer));
    }
    let mut entry = entry.clone();
    let mut urls = std::mem::take(&mut entry.endpoints);
    urls.registration = None;
    for (key, found, url) in [
        ("authorization_endpoint", &metadata.authorization_endpoint, &mut urls.authorization),
        ("token_endpoint", &metadata.token_endpoint, &mut urls.token),
        ("userinfo_endpoint", &metadata.userinfo_endpoint, &mut urls.userinfo),
        ("jwks_uri", &metadata.jwks_uri, &mut urls.jwks),
        ("revocation_endpoint", &metadata.revocation_endpoint, &mut urls.revocation),
        (
            "device_authorization_endpoint",
            &metadata.device_authorization_endpoint,
            &mut urls.device_authorization,
        ),
        ("registration_endpoint", &metadata.registration_endpoint, &mut urls.registration),
        (
            PAR_ENDPOINT,
            &metadata.pushed_authorization_request_endpoint,
            &mut urls.pushed_authorization_request,
        ),
    ] {
        let found =
            found.as_deref().map(|text| entry.discovered_endpoint(key, text)).transpose()?;
        *url = url.take().or(found);
    }
    entry.endpoints = urls;
    entry.dpop_offered = metadata.offers_dpop();
    entry.dpop = entry.dpop.or_required(metadata.dpop_bound_access_tokens);
    entry.par = entry.par.or_required(metadata.require_pushed_authorization_requests);
    if metadata.authorization_response_iss_parameter_supported == Some(true) {
        entry.iss = IssRule::Required;
    }
    // Without a refresh token a session on a desktop ends within the hour.
    if !entry.names_scopes && metadata.offers_offline_access() {
        entry.scopes.push(OFFLINE_ACCESS.to_owned());
    }
    entry.prompts = metadata.prompt_values_supported.clone();
    // What is not announced is not accepted: the key of another server may be published among others.
    // An empty list announces nothing.
    let algorithms = metadata.id_token_signing_alg_values_supported.clone();
    entry.id_token_algorithms = algorithms.filter(|names| !names.is_empty());
    entry.unsupported = metadata.unsupported(&entry, entry.client_auth);
    entry.client_auth = entry.client_auth.or(Some(client_auth(&metadata)));
    Ok(entry)
}

/// The authentication method of a client with a secret; a client without one
/// is public. The body is preferred to Basic, which not every server decodes alike; without the
/// member, Basic is the default of the specification.
fn client_auth(metadata: &Metadata) -> TokenEndpointAuthMethod {
    match metadata.token_endpoint_auth_methods_supported.as_deref() {
        Some(methods) if methods.iter().any(|method| method == "client_secret_post") => {
            TokenEndpointAuthMethod::ClientSecretPost
        }
        Some(_) | None => TokenEndpointAuthMethod::ClientSecretBasic,
    }
}

#[cfg(test)]
mod tests;
