use serde_json::{Value, json};
use wiremock::matchers::path as at;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::provider_config::ExtensionPolicy;

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

/// The configuration has precedence over the metadata.
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
        assert!(refused.detail().unwrap().contains(key), "{refused}");
    }
}

/// S31: a secret is shown as the server takes it; a client without one shows none in any case.
#[test]
fn a_secret_is_shown_as_the_server_takes_it() {
    let secret = || config().with_client("c", Some("s".into()));
    let none = ProviderConfig { client_auth: Some(TokenEndpointAuthMethod::None), ..secret() };
    let methods = |methods: &[&str]| json!({ "token_endpoint_auth_methods_supported": methods });
    for (config, metadata, auth) in [
        (config(), methods(&["client_secret_post"]), TokenEndpointAuthMethod::ClientSecretPost),
        (
            secret(),
            methods(&["client_secret_basic", "client_secret_post"]),
            TokenEndpointAuthMethod::ClientSecretPost,
        ),
        (secret(), methods(&["client_secret_basic"]), TokenEndpointAuthMethod::ClientSecretBasic),
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
    let refused = |names: &str| Err(format!("id_token_algorithm (unsupported algorithm {names})"));
    assert_eq!(check(&["ES384"]), Ok(()));
    assert_eq!(check(&["ES256K", "EdDSA"]), Ok(()));
    assert_eq!(check(&["HS256", "ES256K"]), refused("HS256, ES256K"));
    assert_eq!(check(&["none"]), refused("none"));
    assert!(check_algorithms(&found(json!({}))).is_ok());
    // An empty list is ignored.
    assert_eq!(check(&[]), Ok(()));
    let empty = found(json!({ "id_token_signing_alg_values_supported": [] }));
    assert_eq!(empty.id_token_algorithms, None);
}

/// What a server requires and we have not is known from its metadata; what it merely supports,
/// or says nothing of, is no obstacle.
#[test]
fn what_is_required_and_not_supported_is_named() {
    let methods = |methods: &[&str]| json!({ "token_endpoint_auth_methods_supported": methods });
    for (metadata, named) in [
        (json!({}), None),
        (json!({"require_pushed_authorization_requests": true}), Some("PAR (RFC 9126)")),
        (json!({"require_pushed_authorization_requests": false}), None),
        (json!({"require_pushed_authorization_requests": null}), None),
        (json!({"pushed_authorization_request_endpoint": "https://id.example.com/par"}), None),
        (json!({"require_signed_request_object": true}), Some("JAR (RFC 9101)")),
        (
            json!({"dpop_bound_access_tokens": true, "dpop_signing_alg_values_supported": ["EdDSA"]}),
            Some("DPoP (RFC 9449)"),
        ),
        (json!({"dpop_signing_alg_values_supported": ["EdDSA"]}), None),
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
    let required = json!({
        "require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true,
        "pushed_authorization_request_endpoint": "https://id.example.com/par"
    });
    let both = found(required.clone());
    assert_eq!(both.unsupported, None);
    assert_eq!((both.par, both.dpop), (ExtensionPolicy::Required, ExtensionPolicy::Required));
    let never = |config| ProviderConfig {
        par: ExtensionPolicy::Never,
        dpop: ExtensionPolicy::Never,
        ..config
    };
    let named = Some("PAR (RFC 9126), DPoP (RFC 9449)");
    assert_eq!(found_for(&never(config()), required).unsupported.as_deref(), named);
    let configured =
        ProviderConfig { client_auth: Some(TokenEndpointAuthMethod::ClientSecretPost), ..config() };
    assert_eq!(found_for(&configured, methods(&["private_key_jwt"])).unsupported, None);
}

/// S64, S65: an extension is used where it is offered, or where the configuration says so.
#[test]
fn an_extension_is_used_where_it_is_offered() {
    use ExtensionPolicy::{IfOffered, Never, Required};
    let offers = json!({"dpop_signing_alg_values_supported": ["RS256", "ES256"]});
    let requires = json!({"dpop_bound_access_tokens": true});
    for (dpop, metadata, uses) in [
        (IfOffered, offers.clone(), true),
        (IfOffered, json!({}), false),
        (IfOffered, json!({"dpop_signing_alg_values_supported": ["EdDSA"]}), false),
        (IfOffered, json!({"dpop_signing_alg_values_supported": "ES256"}), false),
        (IfOffered, requires, true),
        (Required, json!({}), true),
        (Never, offers, false),
    ] {
        let config = ProviderConfig { dpop, ..config() };
        assert_eq!(found_for(&config, metadata.clone()).uses_dpop(), uses, "{dpop:?} {metadata}");
    }
}

/// S17: `iss` of the response is required where it is announced, or where the entry says so.
#[test]
fn iss_is_required_where_it_is_announced() {
    let announced = |yes: bool| json!({ "authorization_response_iss_parameter_supported": yes });
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

/// RFC 8414, section 3.1: the well-known path is in front of the issuer's own. What OpenID's
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

/// S37: a document of another issuer is ignored; an unusable member of this issuer's is
/// ignored, and a missing, invalid or delayed document does not prevent a sign-in.
#[tokio::test]
async fn the_document_of_rfc_8414_is_needed_for_nothing() {
    let revocation = json!({ "revocation_endpoint": "https://id.example.com/revoke" });
    for (told, response) in [
        ("another issuer", document("https://evil.example", revocation.clone())),
        ("no JSON", ResponseTemplate::new(200).set_body_string("<html>")),
        ("an error", ResponseTemplate::new(500)),
        ("no metadata", ResponseTemplate::new(200).set_body_json(json!({}))),
    ] {
        let openid = json!({ "token_endpoint": "https://id.example.com/token" });
        let (_server, entry) = issuer("", Some(openid), Some(response)).await;
        let completed = completed(&entry).await.unwrap();
        assert_eq!(completed.endpoints.revocation, None, "{told}");
    }
    let unusable = json!({ "revocation_endpoint": "http://id.example.com/revoke" });
    assert_eq!(revocation_after(unusable, Duration::ZERO).await, None);
}

/// S37. Waits for the whole limit.
#[tokio::test]
async fn a_silent_document_of_rfc_8414_is_needed_for_nothing() {
    let revocation = json!({ "revocation_endpoint": "https://id.example.com/revoke" });
    assert_eq!(revocation_after(revocation, SECOND_LIMIT * 100).await, None);
}

/// The revocation endpoint where the document of RFC 8414 says `more` after `delay`.
async fn revocation_after(more: Value, delay: Duration) -> Option<Url> {
    let (server, entry) = issuer("", Some(json!({})), None).await;
    let response = document(&entry.issuer, more).set_delay(delay);
    Mock::given(at("/.well-known/oauth-authorization-server"))
        .respond_with(response)
        .mount(&server)
        .await;
    completed(&entry).await.unwrap().endpoints.revocation
}

/// RFC 8414: an issuer may have only this document; its issuer is compared as in OpenID's (S37).
/// A response with status 503 does not mean that OpenID's document is missing.
#[tokio::test]
async fn the_document_of_rfc_8414_will_do() {
    let told = json!({ "token_endpoint": "https://id.example.com/token" });
    let (server, entry) = issuer("/realm", None, None).await;
    let path = "/.well-known/oauth-authorization-server/realm";
    let response = document(&entry.issuer, told.clone());
    Mock::given(at(path)).respond_with(response).mount(&server).await;
    assert_eq!(completed(&entry).await.unwrap().token_endpoint().unwrap().path(), "/token");
    let openid = "/realm/.well-known/openid-configuration";
    let busy = ResponseTemplate::new(503);
    Mock::given(at(openid)).respond_with(busy).mount(&server).await;
    assert_eq!(completed(&entry).await.unwrap_err().kind(), ErrorKind::ProviderBusy);
    server.reset().await;
    let response = document("https://evil.example", told);
    Mock::given(at(path)).respond_with(response).mount(&server).await;
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

/// What needs no metadata is asked for none, and stays as it is.
#[tokio::test]
async fn a_built_in_provider_is_not_discovered() {
    let config = ProviderConfig::new(crate::provider::built_in("discord").unwrap());
    let completed = completed(&config).await.unwrap();
    assert_eq!(completed.endpoints.token, config.endpoints.token);
    assert_eq!((completed.client_auth, completed.prompts), (None, None));
}

/// A pasted issuer may add or leave out its terminating slash, and nothing else (OpenID
/// Connect Discovery, section 4.3).
#[tokio::test]
async fn an_issuer_spells_itself() {
    let spelled = async |issuer: &str, given: &str| {
        let server = MockServer::start().await;
        let issuer = issuer.replace("ISSUER", &server.uri());
        let path = "/realm/.well-known/openid-configuration";
        Mock::given(at(path)).respond_with(document(&issuer, json!({}))).mount(&server).await;
        let entry = ProviderConfig { issuer: given.replace("ISSUER", &server.uri()), ..config() };
        let http = Http::new("test", std::sync::Arc::new(|| 0)).unwrap();
        let spelling = spelling(&http, &entry).await;
        spelling.map(|found| (found == issuer, found == entry.issuer)).map_err(|error| error.kind())
    };
    assert_eq!(spelled("ISSUER/realm", "ISSUER/realm").await, Ok((true, true)));
    assert_eq!(spelled("ISSUER/realm/", "ISSUER/realm").await, Ok((true, false)));
    assert_eq!(spelled("ISSUER/realm", "ISSUER/realm/").await, Ok((true, false)));
    let mismatch = Err(ErrorKind::DiscoveryMismatch);
    assert_eq!(spelled("https://evil.example/realm", "ISSUER/realm").await, mismatch);
}

/// A page or an error in the place of the metadata is named as such.
#[tokio::test]
async fn what_is_no_metadata_is_named() {
    for (response, kind) in [
        (ResponseTemplate::new(200).set_body_string("<html>"), ErrorKind::DiscoveryFailed),
        (ResponseTemplate::new(200).set_body_json(json!({})), ErrorKind::DiscoveryFailed),
        (ResponseTemplate::new(404), ErrorKind::DiscoveryFailed),
        (ResponseTemplate::new(429), ErrorKind::ProviderBusy),
        (
            ResponseTemplate::new(302).insert_header("location", "https://evil.example"),
            ErrorKind::Redirected,
        ),
    ] {
        let (server, entry) = issuer("", None, None).await;
        let openid = "/.well-known/openid-configuration";
        Mock::given(at(openid)).respond_with(response).mount(&server).await;
        let error = completed(&entry).await.unwrap_err();
        assert_eq!((error.kind(), error.provider()), (kind, Some("company")));
    }
}

/// RFC 8414: the scopes of a server are those of its own document; without one they are not known, and
/// a server that is busy has not said that it has none.
#[tokio::test]
async fn scopes_are_those_of_the_document() {
    let told = json!({ "scopes_supported": ["profile", "read"] });
    let scopes = async |response: Option<ResponseTemplate>, issuer: Option<&str>| {
        let server = MockServer::start().await;
        let config = ProviderConfig { issuer: server.uri(), ..config() };
        let response =
            response.unwrap_or_else(|| document(issuer.unwrap_or(&config.issuer), told.clone()));
        Mock::given(at("/.well-known/oauth-authorization-server"))
            .respond_with(response)
            .mount(&server)
            .await;
        let http = Http::new("test", std::sync::Arc::new(|| 0)).unwrap();
        scopes_supported(&http, &config).await.map_err(|error| error.kind())
    };
    let named = Some(["profile", "read"].map(str::to_owned).to_vec());
    assert_eq!(scopes(None, None).await, Ok(named));
    assert_eq!(scopes(Some(ResponseTemplate::new(404)), None).await, Ok(None));
    assert_eq!(scopes(Some(ResponseTemplate::new(503)), None).await, Err(ErrorKind::ProviderBusy));
    assert_eq!(scopes(None, Some("https://evil.example")).await, Err(ErrorKind::DiscoveryMismatch));
}
