//! What an issuer publishes about itself: the document of OpenID Connect Discovery 1.0, and the one
//! of RFC 8414 for what the first does not say.

pub mod requirements;

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use crate::discovery::requirements::Requirements;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Http;
use crate::jws;
use crate::provider::TokenEndpointAuthMethod;
use crate::provider_config::{IssRule, OFFLINE_ACCESS, ProviderConfig};

/// How long the document of RFC 8414 is waited for. Few issuers have it, and no sign-in depends on
/// it where OpenID's is there.
const SECOND_LIMIT: Duration = Duration::from_secs(5);

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
    registration_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
    require_pushed_authorization_requests: Option<bool>,
    require_signed_request_object: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
    #[serde(default, deserialize_with = "names")]
    scopes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    grant_types_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    prompt_values_supported: Option<Vec<String>>,
}

/// A list of names; anything else says nothing.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

impl Metadata {
    /// With what another document about the same issuer says beside it. An endpoint of the other
    /// one that cannot be used is left out: no sign-in depended on it.
    fn or(self, other: Self, entry: &ProviderConfig) -> Self {
        let usable = |endpoint: Option<String>| {
            endpoint.filter(|text| entry.discovered_endpoint("endpoint", text).is_ok())
        };
        Self {
            issuer: self.issuer,
            authorization_endpoint: self
                .authorization_endpoint
                .or(usable(other.authorization_endpoint)),
            token_endpoint: self.token_endpoint.or(usable(other.token_endpoint)),
            userinfo_endpoint: self.userinfo_endpoint.or(usable(other.userinfo_endpoint)),
            jwks_uri: self.jwks_uri.or(usable(other.jwks_uri)),
            revocation_endpoint: self.revocation_endpoint.or(usable(other.revocation_endpoint)),
            device_authorization_endpoint: self
                .device_authorization_endpoint
                .or(usable(other.device_authorization_endpoint)),
            registration_endpoint: self
                .registration_endpoint
                .or(usable(other.registration_endpoint)),
            token_endpoint_auth_methods_supported: self
                .token_endpoint_auth_methods_supported
                .or(other.token_endpoint_auth_methods_supported),
            id_token_signing_alg_values_supported: self
                .id_token_signing_alg_values_supported
                .filter(|names| !names.is_empty())
                .or(other.id_token_signing_alg_values_supported),
            authorization_response_iss_parameter_supported: self
                .authorization_response_iss_parameter_supported
                .or(other.authorization_response_iss_parameter_supported),
            require_pushed_authorization_requests: self
                .require_pushed_authorization_requests
                .or(other.require_pushed_authorization_requests),
            require_signed_request_object: self
                .require_signed_request_object
                .or(other.require_signed_request_object),
            dpop_bound_access_tokens: self
                .dpop_bound_access_tokens
                .or(other.dpop_bound_access_tokens),
            scopes_supported: self.scopes_supported.or(other.scopes_supported),
            grant_types_supported: self.grant_types_supported.or(other.grant_types_supported),
            prompt_values_supported: self.prompt_values_supported.or(other.prompt_values_supported),
        }
    }

    /// Whether a refresh token can be asked for. Many issuers name neither list in full, but none
    /// names the scope without knowing it.
    fn offers_offline_access(&self) -> bool {
        let has = |names: &Option<Vec<String>>, name: &str| {
            names.as_ref().map(|names| names.iter().any(|known| known == name))
        };
        has(&self.scopes_supported, OFFLINE_ACCESS) == Some(true)
            && has(&self.grant_types_supported, "refresh_token") != Some(false)
    }

    /// What it requires that is not supported. How the client authenticates may be configured
    /// otherwise than it is announced.
    fn unsupported(&self, configured: Option<TokenEndpointAuthMethod>) -> Option<String> {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        let requirements = Requirements {
            pushed: self.require_pushed_authorization_requests.unwrap_or(false),
            signed_request: self.require_signed_request_object.unwrap_or(false),
            dpop: self.dpop_bound_access_tokens.unwrap_or(false),
            auth_methods: methods.filter(|_| configured.is_none()),
        };
        requirements.unsupported()
    }
}

/// The entry with every endpoint known; one that needs no discovery comes back as it is.
pub async fn complete(http: &Http, entry: &ProviderConfig) -> Result<ProviderConfig> {
    if !entry.is_discovered() {
        return Ok(entry.clone());
    }
    overlay(entry, fetch(http, entry).await?).map_err(|error| error.at(&entry.id))
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
            Err(Error::new(ErrorKind::IdTokenAlgorithm).at(&entry.id).detail(detail))
        }
        Some(_) | None => Ok(()),
    }
}

/// How the issuer spells itself, where that is how the entry spells it save for a terminating
/// slash: whoever pastes an address knows no better.
pub async fn spelling(http: &Http, entry: &ProviderConfig) -> Result<String> {
    let Metadata { issuer, .. } = fetch(http, entry).await?;
    match issuer.trim_end_matches('/') == entry.issuer.trim_end_matches('/') {
        true => Ok(issuer),
        false => Err(Error::new(ErrorKind::DiscoveryMismatch).at(&entry.id).detail(issuer)),
    }
}

/// Both documents at once. OpenID's goes first; of RFC 8414's is taken what the first lacks, if it
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
    // A server that has no metadata may show a page of its own in their place.
    let of_metadata = |error: Error| match error.kind() {
        ErrorKind::AnswerMalformed | ErrorKind::AnswerUnreadable => {
            failed(error.because(ErrorKind::DiscoveryFailed))
        }
        _ => failed(error),
    };
    let answer = http.get(url, None).await.map_err(of_metadata)?;
    if !answer.status.is_success() {
        return Err(failed(answer.error_at(ErrorKind::DiscoveryFailed)));
    }
    let body = answer.json().map_err(of_metadata)?;
    serde_json::from_value(body)
        .map_err(|error| failed(Error::new(ErrorKind::DiscoveryFailed).detail(error)))
}

pub(crate) fn overlay(entry: &ProviderConfig, metadata: Metadata) -> Result<ProviderConfig> {
    // Section 4.3: exactly the issuer that was asked for, or a stranger speaks in its name (S37).
    if metadata.issuer != entry.issuer {
        return Err(Error::new(ErrorKind::DiscoveryMismatch).detail(&metadata.issuer));
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
    let registration = found("registration_endpoint", &metadata.registration_endpoint)?;
    let endpoints = &mut entry.endpoints;
    endpoints.authorization = endpoints.authorization.take().or(authorization);
    endpoints.token = endpoints.token.take().or(token);
    endpoints.userinfo = endpoints.userinfo.take().or(userinfo);
    endpoints.jwks = endpoints.jwks.take().or(jwks);
    endpoints.revocation = endpoints.revocation.take().or(revocation);
    endpoints.device_authorization = endpoints.device_authorization.take().or(device);
    endpoints.registration = registration;
    if metadata.authorization_response_iss_parameter_supported == Some(true) {
        entry.iss = IssRule::Required;
    }
    // Without a refresh token a session on a desktop ends within the hour.
    if !entry.names_scopes && metadata.offers_offline_access() {
        entry.scopes.push(OFFLINE_ACCESS.to_owned());
    }
    entry.prompts = metadata.prompt_values_supported.clone();
    // What is not announced is not accepted: a stranger's key may be published among others.
    // An empty list announces nothing.
    let algorithms = metadata.id_token_signing_alg_values_supported.clone();
    entry.id_token_algorithms = algorithms.filter(|names| !names.is_empty());
    entry.unsupported = metadata.unsupported(entry.client_auth);
    entry.client_auth = entry.client_auth.or(Some(client_auth(&metadata)));
    Ok(entry)
}

/// How a client that has a secret shows it; where that is kept is not known here, and one without
/// is public. The body goes before Basic, which not every server decodes alike; where nothing is
/// said, Basic is the default of the specification.
fn client_auth(metadata: &Metadata) -> TokenEndpointAuthMethod {
    match metadata.token_endpoint_auth_methods_supported.as_deref() {
        Some(methods) if methods.iter().any(|method| method == "client_secret_post") => {
            TokenEndpointAuthMethod::ClientSecretPost
        }
        Some(_) | None => TokenEndpointAuthMethod::ClientSecretBasic,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::matchers::path as at;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const ISSUER: &str = "https://id.example.com";

    fn config() -> ProviderConfig {
        let config = ProviderConfig::issuer("company", ISSUER).with_client("c", None);
        ProviderConfig { plain_loopback: true, ..config }
    }

    fn found(metadata: serde_json::Value) -> ProviderConfig {
        found_for(&config(), metadata)
    }

    fn found_for(config: &ProviderConfig, metadata: serde_json::Value) -> ProviderConfig {
        let mut document = json!({ "issuer": ISSUER });
        for (name, value) in metadata.as_object().unwrap() {
            document[name] = value.clone();
        }
        overlay(config, serde_json::from_value(document).unwrap()).unwrap()
    }

    /// What a person configured goes before what the metadata says.
    #[test]
    fn the_configuration_goes_first() {
        let told = json!({"token_endpoint": "https://id.example.com/told", "jwks_uri": "https://id.example.com/keys"});
        let mut mine = config();
        mine.endpoints.token = Some("https://id.example.com/mine".parse().unwrap());
        let entry = found_for(&mine, told);
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
            let refused = overlay(&config(), metadata).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::DiscoveryFailed, "{key}");
            assert!(refused.words().unwrap().contains(key), "{refused}");
        }
    }

    /// S31: a secret is shown as the server takes it; a client without one shows none in any case.
    #[test]
    fn a_secret_is_shown_as_the_server_takes_it() {
        let secret = || config().with_client("c", Some("s".into()));
        let none = ProviderConfig { client_auth: Some(TokenEndpointAuthMethod::None), ..secret() };
        let methods =
            |methods: &[&str]| json!({ "token_endpoint_auth_methods_supported": methods });
        for (config, metadata, auth) in [
            (config(), methods(&["client_secret_post"]), TokenEndpointAuthMethod::ClientSecretPost),
            (
                secret(),
                methods(&["client_secret_basic", "client_secret_post"]),
                TokenEndpointAuthMethod::ClientSecretPost,
            ),
            (
                secret(),
                methods(&["client_secret_basic"]),
                TokenEndpointAuthMethod::ClientSecretBasic,
            ),
            (secret(), json!({}), TokenEndpointAuthMethod::ClientSecretBasic),
            (none, json!({}), TokenEndpointAuthMethod::None),
        ] {
            let found = found_for(&config, metadata.clone());
            assert_eq!(found.client_auth, Some(auth), "{metadata}");
        }
    }

    /// S34: an issuer that signs with nothing that is supported is known by its metadata.
    #[test]
    fn an_issuer_without_a_supported_algorithm_is_known_by_its_metadata() {
        let check = |names: &[&str]| {
            let entry = found(json!({ "id_token_signing_alg_values_supported": names }));
            check_algorithms(&entry).map_err(|error| error.to_string())
        };
        let refused =
            |names: &str| Err(format!("id_token_algorithm (unsupported algorithm {names})"));
        assert_eq!(check(&["ES384"]), Ok(()));
        assert_eq!(check(&["ES256K", "EdDSA"]), Ok(()));
        assert_eq!(check(&["HS256", "ES256K"]), refused("HS256, ES256K"));
        assert_eq!(check(&["none"]), refused("none"));
        assert!(check_algorithms(&found(json!({}))).is_ok());
        // An empty list says nothing.
        assert_eq!(check(&[]), Ok(()));
        let empty = found(json!({ "id_token_signing_alg_values_supported": [] }));
        assert_eq!(empty.id_token_algorithms, None);
    }

    /// What a server requires and we have not is known from its metadata; what it merely supports,
    /// or says nothing of, is no obstacle.
    #[test]
    fn what_is_required_and_not_supported_is_named() {
        let methods =
            |methods: &[&str]| json!({ "token_endpoint_auth_methods_supported": methods });
        for (metadata, named) in [
            (json!({}), None),
            (json!({"require_pushed_authorization_requests": true}), Some("PAR (RFC 9126)")),
            (json!({"require_pushed_authorization_requests": false}), None),
            (json!({"require_pushed_authorization_requests": null}), None),
            (json!({"pushed_authorization_request_endpoint": "https://id.example.com/par"}), None),
            (json!({"require_signed_request_object": true}), Some("JAR (RFC 9101)")),
            (json!({"dpop_bound_access_tokens": true}), Some("DPoP (RFC 9449)")),
            (json!({"dpop_signing_alg_values_supported": ["ES256"]}), None),
            (methods(&["private_key_jwt"]), Some("private_key_jwt")),
            (
                methods(&["client_secret_jwt", "tls_client_auth"]),
                Some("client_secret_jwt / tls_client_auth"),
            ),
            (methods(&["private_key_jwt", "client_secret_basic"]), None),
            (methods(&["none"]), None),
            (methods(&[]), None),
        ] {
            assert_eq!(found(metadata.clone()).unsupported.as_deref(), named, "{metadata}");
        }
        let configured = ProviderConfig {
            client_auth: Some(TokenEndpointAuthMethod::ClientSecretPost),
            ..config()
        };
        assert_eq!(found_for(&configured, methods(&["private_key_jwt"])).unsupported, None);
    }

    /// S17: `iss` of the answer is required where it is announced, or where the entry says so.
    #[test]
    fn iss_is_required_where_it_is_announced() {
        let announced =
            |yes: bool| json!({ "authorization_response_iss_parameter_supported": yes });
        for (iss, metadata, rule) in [
            (IssRule::IfPresent, announced(true), IssRule::Required),
            (IssRule::IfPresent, announced(false), IssRule::IfPresent),
            (IssRule::IfPresent, json!({}), IssRule::IfPresent),
            (IssRule::Required, json!({}), IssRule::Required),
        ] {
            let config = ProviderConfig { iss, ..config() };
            assert_eq!(found_for(&config, metadata.clone()).iss, rule, "{iss:?} {metadata}");
        }
    }

    /// An issuer with that path and these documents.
    async fn issuer(
        path: &str,
        openid: Option<serde_json::Value>,
        oauth: Option<ResponseTemplate>,
    ) -> (MockServer, ProviderConfig) {
        let server = MockServer::start().await;
        let issuer = format!("{}{path}", server.uri());
        let path = path.trim_end_matches('/');
        if let Some(openid) = openid {
            Mock::given(at(format!("{path}/.well-known/openid-configuration")))
                .respond_with(document(&issuer, openid))
                .mount(&server)
                .await;
        }
        if let Some(oauth) = oauth {
            Mock::given(at(format!("/.well-known/oauth-authorization-server{path}")))
                .respond_with(oauth)
                .mount(&server)
                .await;
        }
        let entry = ProviderConfig { issuer, ..config() };
        (server, entry)
    }

    fn document(issuer: &str, more: serde_json::Value) -> ResponseTemplate {
        let mut document = json!({ "issuer": issuer });
        for (name, value) in more.as_object().unwrap() {
            document[name] = value.clone();
        }
        ResponseTemplate::new(200).set_body_json(document)
    }

    async fn completed(entry: &ProviderConfig) -> Result<ProviderConfig> {
        complete(&Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), entry).await
    }

    /// RFC 8414, section 3.1: the well-known path stands in front of the issuer's own. What OpenID's
    /// document lacks is taken from there, and nothing that it says is replaced.
    #[tokio::test]
    async fn the_document_of_rfc_8414_fills_gaps() {
        for path in ["", "/realms/staff", "/tenant/"] {
            let openid = json!({ "token_endpoint": "https://id.example.com/openid" });
            let (server, entry) = issuer(path, Some(openid), None).await;
            let told = json!({
                "token_endpoint": "https://id.example.com/oauth",
                "revocation_endpoint": "https://id.example.com/revoke",
                "authorization_response_iss_parameter_supported": true,
            });
            let address = format!("/.well-known/oauth-authorization-server{path}");
            Mock::given(at(address.trim_end_matches('/')))
                .respond_with(document(&entry.issuer, told))
                .mount(&server)
                .await;
            let entry = completed(&entry).await.unwrap();
            assert_eq!(entry.token_endpoint().unwrap().path(), "/openid", "{path}");
            assert_eq!(entry.endpoints.revocation.unwrap().path(), "/revoke", "{path}");
            assert_eq!(entry.iss, IssRule::Required, "{path}");
        }
    }

    /// S37: of another issuer's document nothing is taken; what cannot be used of this issuer's is
    /// left out, and a document that is not there, broken or silent keeps nobody from signing in.
    #[tokio::test]
    async fn the_document_of_rfc_8414_is_needed_for_nothing() {
        let revocation = json!({ "revocation_endpoint": "https://id.example.com/revoke" });
        for (told, answer) in [
            ("another issuer", document("https://evil.example", revocation.clone())),
            ("no JSON", ResponseTemplate::new(200).set_body_string("<html>")),
            ("an error", ResponseTemplate::new(500)),
            ("no metadata", ResponseTemplate::new(200).set_body_json(json!({}))),
        ] {
            let openid = json!({ "token_endpoint": "https://id.example.com/token" });
            let (_server, entry) = issuer("", Some(openid), Some(answer)).await;
            let completed = completed(&entry).await.unwrap();
            assert_eq!(completed.endpoints.revocation, None, "{told}");
        }
        let unusable = json!({ "revocation_endpoint": "http://id.example.com/revoke" });
        for (told, more, delay) in [("not https", unusable, 0), ("silent", revocation, 100)] {
            let (server, entry) = issuer("", Some(json!({})), None).await;
            let answer = document(&entry.issuer, more).set_delay(SECOND_LIMIT * delay);
            Mock::given(at("/.well-known/oauth-authorization-server"))
                .respond_with(answer)
                .mount(&server)
                .await;
            assert_eq!(completed(&entry).await.unwrap().endpoints.revocation, None, "{told}");
        }
    }

    /// RFC 8414: an issuer may have this document alone; its issuer is compared as in OpenID's (S37).
    /// An issuer that is busy has not said that it lacks the other one.
    #[tokio::test]
    async fn the_document_of_rfc_8414_will_do() {
        let told = json!({ "token_endpoint": "https://id.example.com/token" });
        let (server, entry) = issuer("/realm", None, None).await;
        let path = "/.well-known/oauth-authorization-server/realm";
        let answer = document(&entry.issuer, told.clone());
        Mock::given(at(path)).respond_with(answer).mount(&server).await;
        assert_eq!(completed(&entry).await.unwrap().token_endpoint().unwrap().path(), "/token");
        let openid = "/realm/.well-known/openid-configuration";
        let busy = ResponseTemplate::new(503);
        Mock::given(at(openid)).respond_with(busy).mount(&server).await;
        assert_eq!(completed(&entry).await.unwrap_err().kind(), ErrorKind::ProviderBusy);
        server.reset().await;
        let answer = document("https://evil.example", told);
        Mock::given(at(path)).respond_with(answer).mount(&server).await;
        assert_eq!(completed(&entry).await.unwrap_err().kind(), ErrorKind::DiscoveryMismatch);
        server.reset().await;
        completed(&entry).await.expect_err("neither document");
    }

    /// OpenID Connect Core, section 11: a session that lasts is asked for where the issuer offers it
    /// and the configuration says nothing.
    #[test]
    fn offline_access_is_asked_for_where_it_is_offered() {
        let offered = json!({ "scopes_supported": ["openid", "offline_access"] });
        let asks = |configured: Option<&[&str]>, metadata: serde_json::Value| {
            let mut config = config();
            if let Some(scopes) = configured {
                config.names_scopes = true;
                config.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            }
            let scopes = found_for(&config, metadata).scopes;
            scopes.iter().filter(|scope| *scope == "offline_access").count()
        };
        for (configured, metadata, times) in [
            (None, offered.clone(), 1),
            (None, json!({}), 0),
            (None, json!({ "scopes_supported": ["openid"] }), 0),
            (None, json!({ "scopes_supported": "openid offline_access" }), 0),
            (Some(&["openid"][..]), offered.clone(), 0),
            (Some(&["openid", "offline_access"]), offered, 1),
            (
                None,
                json!({
                    "scopes_supported": ["offline_access"],
                    "grant_types_supported": ["authorization_code"]
                }),
                0,
            ),
        ] {
            assert_eq!(asks(configured, metadata.clone()), times, "{configured:?} {metadata}");
        }
    }
}
