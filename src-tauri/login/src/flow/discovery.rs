//! What an OpenID Connect issuer publishes about itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

use crate::config::{Entry, IssRule};
use crate::error::{Code, Error, Result};
use crate::http::Http;
use crate::provider::ClientAuth;

/// The metadata that counts here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    revocation_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
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

/// How the issuer spells itself, where that is how the entry spells it save for a terminating
/// slash: whoever pastes an address knows no better.
pub(crate) async fn spelling(http: &Http, entry: &Entry) -> Result<String> {
    let Metadata { issuer, .. } = fetch(http, entry).await?;
    match issuer.trim_end_matches('/') == entry.issuer.trim_end_matches('/') {
        true => Ok(issuer),
        false => Err(Error::new(Code::DiscoveryMismatch).at(&entry.id).detail(issuer)),
    }
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

pub(crate) fn overlay(entry: &Entry, metadata: Metadata) -> Result<Entry> {
    // Section 4.3: exactly the issuer that was asked for, or a stranger speaks in its name (S37).
    if metadata.issuer != entry.issuer {
        return Err(Error::new(Code::DiscoveryMismatch).detail(&metadata.issuer));
    }
    let mut entry = entry.clone();
    let found = |key: &str, given: &Option<String>| {
        given.as_deref().map(|text| entry.discovered_endpoint(key, text)).transpose()
    };
    let authorization = found("authorization_endpoint", &metadata.authorization_endpoint)?;
    let token = found("token_endpoint", &metadata.token_endpoint)?;
    let userinfo = found("userinfo_endpoint", &metadata.userinfo_endpoint)?;
    let jwks = found("jwks_uri", &metadata.jwks_uri)?;
    let revocation = found("revocation_endpoint", &metadata.revocation_endpoint)?;
    let device = found("device_authorization_endpoint", &metadata.device_authorization_endpoint)?;
    let endpoints = &mut entry.endpoints;
    endpoints.authorization = endpoints.authorization.take().or(authorization);
    endpoints.token = endpoints.token.take().or(token);
    endpoints.userinfo = endpoints.userinfo.take().or(userinfo);
    endpoints.jwks = endpoints.jwks.take().or(jwks);
    endpoints.revocation = endpoints.revocation.take().or(revocation);
    endpoints.device_authorization = endpoints.device_authorization.take().or(device);
    if metadata.authorization_response_iss_parameter_supported {
        entry.iss = IssRule::Required;
    }
    // What is not announced is not accepted: a stranger's key may be published among others.
    entry.id_token_algorithms = metadata.id_token_signing_alg_values_supported.clone();
    entry.client_auth = entry.client_auth.or(Some(client_auth(&metadata)));
    Ok(entry)
}

/// How a client that has a secret shows it; where that is kept is not known here, and one without
/// is public. The body goes before Basic, which not every server decodes alike; where nothing is
/// said, Basic is the default of the specification.
fn client_auth(metadata: &Metadata) -> ClientAuth {
    match metadata.token_endpoint_auth_methods_supported.as_deref() {
        Some(methods) if methods.iter().any(|method| method == "client_secret_post") => {
            ClientAuth::Post
        }
        Some(_) | None => ClientAuth::Basic,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;
    use crate::home::Home;

    const ISSUER: &str = "https://id.example.com";

    fn entry(more: &str) -> Entry {
        let dir = tempfile::tempdir().unwrap();
        let table = format!(
            "[company]\nkind = \"oidc\"\nissuer = \"{ISSUER}\"\nclient_id = \"c\"\n{more}\n"
        );
        std::fs::write(dir.path().join("providers.toml"), table).unwrap();
        Config::read(&Home::own(dir.path()).unwrap()).ready("company").unwrap().clone()
    }

    fn found(more: &str, metadata: serde_json::Value) -> Entry {
        let mut document = json!({ "issuer": ISSUER });
        for (name, value) in metadata.as_object().unwrap() {
            document[name] = value.clone();
        }
        overlay(&entry(more), serde_json::from_value(document).unwrap()).unwrap()
    }

    /// What a person configured goes before what the metadata says.
    #[test]
    fn the_configuration_goes_first() {
        let told = json!({"token_endpoint": "https://id.example.com/told", "jwks_uri": "https://id.example.com/keys"});
        let entry = found("token_endpoint = \"https://id.example.com/mine\"", told);
        assert_eq!(entry.token_endpoint().unwrap().path(), "/mine");
        assert_eq!(entry.endpoints.jwks.unwrap().path(), "/keys");
    }

    /// S10: nor do the endpoints of the metadata have a parameter of the protocol in their query.
    #[test]
    fn discovered_endpoints_hold_no_protocol_parameter() {
        for key in ["authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
            let at = "https://id.example.com/x?response_type=token&state=x";
            let document = json!({ "issuer": ISSUER, (key): at });
            let metadata = serde_json::from_value(document).unwrap();
            let refused = overlay(&entry(""), metadata).unwrap_err();
            assert_eq!(refused.code(), Code::DiscoveryFailed, "{key}");
            assert!(refused.words().unwrap().contains(key), "{refused}");
        }
    }

    /// S31: a secret is shown as the server takes it; a client without one shows none in any case.
    #[test]
    fn a_secret_is_shown_as_the_server_takes_it() {
        let secret = "client_secret = \"s\"";
        let methods =
            |methods: &[&str]| json!({ "token_endpoint_auth_methods_supported": methods });
        for (more, metadata, auth) in [
            ("", methods(&["client_secret_post"]), ClientAuth::Post),
            (secret, methods(&["client_secret_basic", "client_secret_post"]), ClientAuth::Post),
            (secret, methods(&["client_secret_basic"]), ClientAuth::Basic),
            (secret, json!({}), ClientAuth::Basic),
            ("client_secret = \"s\"\nclient_auth = \"none\"", json!({}), ClientAuth::None),
        ] {
            assert_eq!(found(more, metadata.clone()).client_auth, Some(auth), "{more} {metadata}");
        }
    }

    /// S17: `iss` of the answer is required where it is announced, or where the entry says so.
    #[test]
    fn iss_is_required_where_it_is_announced() {
        let announced =
            |yes: bool| json!({ "authorization_response_iss_parameter_supported": yes });
        for (more, metadata, rule) in [
            ("", announced(true), IssRule::Required),
            ("", announced(false), IssRule::IfPresent),
            ("", json!({}), IssRule::IfPresent),
            ("iss = \"required\"", json!({}), IssRule::Required),
            ("iss = \"if_present\"", announced(true), IssRule::Required),
        ] {
            assert_eq!(found(more, metadata.clone()).iss, rule, "{more} {metadata}");
        }
    }
}
