//! Registration of the client by itself at a server that is named only when a person signs in:
//! dynamic registration (RFC 7591), and its end (RFC 7592, section 2.3); and Mastodon's own
//! `POST /api/v1/apps`.
//!
//! The server is not trusted. Everything of its response is checked before it is used, and no address
//! in it is taken from another origin.

use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use crate::client::Client;
use crate::dpop::PresentedToken;
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpResponse;
use crate::provider::{ServerInput, TokenEndpointAuthMethod};
use crate::provider_config::{ClientCredentials, is_loopback};

/// Length of a client id, in bytes. RFC 6749, section 2.2, leaves it to the server.
const LONGEST_ID: usize = 512;
/// Length of a client secret or of a registration access token, in bytes.
const LONGEST_SECRET: usize = 4096;

/// A client that a server has registered (RFC 7591, section 3.2.1).
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// Its id, and its secret, if the server gave one.
    pub credentials: ClientCredentials,
    /// How it authenticates at the token endpoint.
    pub auth: TokenEndpointAuthMethod,
    /// When the secret expires, in seconds since 1970; `None` for never.
    pub secret_expires_at: Option<i64>,
    /// The registered redirect URIs, of those that were asked for.
    pub redirect_uris: Vec<String>,
    /// The scopes that it may request; empty if none were registered.
    pub scopes: Vec<String>,
    /// How the registration is changed and deleted, where the server lets its clients do that.
    pub management: Option<RegistrationManagement>,
}

/// Access to a registration (RFC 7592, section 3).
#[derive(Debug, Clone)]
pub struct RegistrationManagement {
    /// `registration_client_uri`, on the origin of the registration endpoint.
    pub url: Url,
    /// `registration_access_token`.
    pub token: SecretString,
}

impl Client {
    /// Registers a native public client with these redirect URIs at the registration endpoint of
    /// the metadata. A server that refuses one of them, such as a private-use scheme, is asked again
    /// for those of a loopback interface alone.
    ///
    /// # Errors
    /// [`ErrorKind::RegistrationClosed`] without an endpoint that is open to everybody,
    /// [`ErrorKind::RegistrationRefused`] with the server's words, [`ErrorKind::AnswerMalformed`]
    /// for a response that has no usable client.
    pub async fn register(&self, name: &str, redirect_uris: &[String]) -> Result<RegisteredClient> {
        let Some(endpoint) = &self.config.endpoints.registration else {
            return Err(Error::new(ErrorKind::RegistrationClosed));
        };
        let answer = self.ask_to_register(endpoint, name, redirect_uris).await?;
        let loopback: Vec<_> =
            redirect_uris.iter().filter(|uri| is_of_loopback(uri)).cloned().collect();
        let narrower = !loopback.is_empty() && loopback.len() < redirect_uris.len();
        let (answer, redirect_uris) = match refuses_redirect_uri(&answer) && narrower {
            true => (self.ask_to_register(endpoint, name, &loopback).await?, &loopback[..]),
            false => (answer, redirect_uris),
        };
        self.registered(endpoint, &answer, redirect_uris)
    }

    async fn ask_to_register(
        &self,
        endpoint: &Url,
        name: &str,
        redirect_uris: &[String],
    ) -> Result<HttpResponse> {
        if self.registers_app() {
            // Servers before 4.3 take one text, with an address on each line.
            let (uris, scopes) = (redirect_uris.join("\n"), self.config.scopes.join(" "));
            let form = [("client_name", name), ("redirect_uris", &uris), ("scopes", &scopes)];
            return self.http.post_form(endpoint, &form, None, None).await;
        }
        let mut grants = vec!["authorization_code", "refresh_token"];
        if self.config.endpoints.device_authorization.is_some() {
            grants.push("urn:ietf:params:oauth:grant-type:device_code");
        }
        let metadata = json!({
            "client_name": name,
            // OpenID Connect Dynamic Client Registration 1.0, section 2.
            "application_type": "native",
            "redirect_uris": redirect_uris,
            "grant_types": grants,
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        self.http.post_json(endpoint, &metadata).await
    }

    fn registered(
        &self,
        endpoint: &Url,
        answer: &HttpResponse,
        redirect_uris: &[String],
    ) -> Result<RegisteredClient> {
        check_status(answer)?;
        let body = answer.json()?;
        let credentials = credentials(answer, &body)?;
        let auth = match (body["token_endpoint_auth_method"].as_str(), &credentials.secret) {
            (None, Some(_)) if self.registers_app() => self.config.provider.secret,
            (None, None) if self.registers_app() => {
                return Err(answer.malformed("no client_secret"));
            }
            (Some("none"), _) | (None, None) => TokenEndpointAuthMethod::None,
            (Some("client_secret_post"), Some(_)) => TokenEndpointAuthMethod::ClientSecretPost,
            // RFC 7591, section 2: the default.
            (Some("client_secret_basic") | None, Some(_)) => {
                TokenEndpointAuthMethod::ClientSecretBasic
            }
            (Some(method), _) => {
                return Err(Error::new(ErrorKind::ServerRequires).detail(method));
            }
        };
        Ok(RegisteredClient {
            auth,
            secret_expires_at: secret_expiry(&body),
            redirect_uris: registered_redirect_uris(answer, &body, redirect_uris)?,
            scopes: match self.registers_app() {
                true => self.config.scopes.clone(),
                false => Vec::new(),
            },
            management: self.management(endpoint, &body),
            credentials,
        })
    }

    /// Whether the endpoint is Mastodon's, and not that of RFC 7591.
    fn registers_app(&self) -> bool {
        self.config.provider.server_input == ServerInput::Server
    }

    /// The access token is for the one URL of the response. A URL of another origin is not
    /// used: the token must be sent to this server only.
    fn management(&self, endpoint: &Url, body: &Value) -> Option<RegistrationManagement> {
        let url = body["registration_client_uri"].as_str()?;
        let url = self.config.discovered("registration_client_uri", url).ok()?;
        let token = body["registration_access_token"].as_str().filter(|token| is_visible(token))?;
        let known = url.origin() == endpoint.origin() && token.len() <= LONGEST_SECRET;
        known.then(|| RegistrationManagement { url, token: token.to_owned().into() })
    }

    /// Deletes a registration (RFC 7592, section 2.3).
    ///
    /// # Errors
    /// Unreachable, busy, redirected or refused.
    pub async fn unregister(&self, management: &RegistrationManagement) -> Result<()> {
        let RegistrationManagement { url, token } = management;
        let answer = self.http.call(Method::DELETE, url, PresentedToken::bearer(token)).await?;
        match answer.status {
            // The server knows neither client nor token any more.
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(answer.error(ErrorKind::RegistrationRefused)),
        }
    }
}

/// A server that requires an initial access token, or that has no such endpoint, registers no
/// unknown client (RFC 7591, section 3).
pub(crate) fn check_status(answer: &HttpResponse) -> Result<()> {
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED => Err(answer.error(ErrorKind::RegistrationClosed)),
        _ => Err(answer.error(ErrorKind::RegistrationRefused)),
    }
}

/// RFC 7591, section 3.2.2; Mastodon says it with 422, in words.
fn refuses_redirect_uri(answer: &HttpResponse) -> bool {
    let errors = ["invalid_redirect_uri", "invalid_client_metadata"];
    let error = answer.refusal().error;
    match answer.status {
        StatusCode::BAD_REQUEST => errors.contains(&error.as_str()),
        StatusCode::UNPROCESSABLE_ENTITY => error.to_lowercase().contains("redirect uri"),
        _ => false,
    }
}

/// Client id and secret, of visible characters (RFC 6749, appendices A.1 and A.2).
pub(crate) fn credentials(answer: &HttpResponse, body: &Value) -> Result<ClientCredentials> {
    let member = |name: &str, limit: usize| match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.len() <= limit && is_visible(text) => Ok(Some(text.clone())),
        _ => Err(answer.malformed(name)),
    };
    let id = member("client_id", LONGEST_ID)?.ok_or_else(|| answer.malformed("no client_id"))?;
    let secret = member("client_secret", LONGEST_SECRET)?.map(SecretString::from);
    Ok(ClientCredentials { id, secret })
}

/// `client_secret_expires_at`; 0 is never.
pub(crate) fn secret_expiry(body: &Value) -> Option<i64> {
    body["client_secret_expires_at"].as_i64().filter(|at| *at > 0)
}

/// The server may register fewer (RFC 7591, section 3.2.1).
fn registered_redirect_uris(
    answer: &HttpResponse,
    body: &Value,
    asked: &[String],
) -> Result<Vec<String>> {
    let Some(listed) = body["redirect_uris"].as_array() else { return Ok(asked.to_vec()) };
    let is_listed = |uri: &&String| listed.iter().any(|known| known.as_str() == Some(uri.as_str()));
    let registered: Vec<_> = asked.iter().filter(is_listed).cloned().collect();
    match registered.is_empty() {
        true => Err(answer.malformed("redirect_uris")),
        false => Ok(registered),
    }
}

fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

fn is_of_loopback(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secrecy::ExposeSecret;
    use wiremock::matchers::{any, body_partial_json, method};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::http::Http;
    use crate::provider_config::ProviderConfig;

    const LOOPBACK: &str = "http://127.0.0.1/callback/oidc";
    const SCHEME: &str = "app.nameplate.desktop:/callback/oidc";

    fn client(server: &MockServer) -> Client {
        let mut config = ProviderConfig::issuer("oidc", &server.uri());
        config.plain_loopback = true;
        config.endpoints.registration = Some(server.uri().parse().unwrap());
        Client::new(Http::new("test", Arc::new(|| 0)).unwrap(), config)
    }

    async fn registered(answer: ResponseTemplate) -> (MockServer, Result<RegisteredClient>) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let uris = [LOOPBACK, SCHEME].map(str::to_owned);
        let registered = client(&server).register("Nameplate", &uris).await;
        (server, registered)
    }

    fn created(body: Value) -> ResponseTemplate {
        ResponseTemplate::new(201).set_body_json(body)
    }

    /// RFC 7591, section 2: a native public client, whose redirect URIs are the program's own.
    #[tokio::test]
    async fn a_native_public_client_is_asked_for() {
        let (server, made) = registered(created(json!({ "client_id": "c" }))).await;
        let made = made.unwrap();
        assert_eq!(made.credentials.id, "c");
        assert_eq!(made.auth, TokenEndpointAuthMethod::None);
        assert_eq!(made.redirect_uris, [LOOPBACK, SCHEME]);
        assert!(made.management.is_none());
        let [sent] = &server.received_requests().await.unwrap()[..] else { panic!("one request") };
        let sent: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(
            sent,
            json!({
                "client_name": "Nameplate", "application_type": "native",
                "redirect_uris": [LOOPBACK, SCHEME], "response_types": ["code"],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "none",
            })
        );
    }

    /// A server that takes no private-use scheme is asked for the loopback URI alone.
    #[tokio::test]
    async fn a_refused_scheme_is_left_out() {
        let server = MockServer::start().await;
        Mock::given(body_partial_json(json!({ "redirect_uris": [LOOPBACK, SCHEME] })))
            .respond_with(
                ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_redirect_uri"})),
            )
            .mount(&server)
            .await;
        Mock::given(body_partial_json(json!({ "redirect_uris": [LOOPBACK] })))
            .respond_with(created(json!({ "client_id": "c" })))
            .with_priority(6)
            .mount(&server)
            .await;
        let uris = [LOOPBACK, SCHEME].map(str::to_owned);
        let made = client(&server).register("Nameplate", &uris).await.unwrap();
        assert_eq!(made.redirect_uris, [LOOPBACK]);
    }

    /// RFC 7591, section 3.2.1: what the server changed is what counts.
    #[tokio::test]
    async fn the_answer_says_how_the_client_authenticates() {
        for (body, auth, expiry) in [
            (json!({"client_secret": "s"}), TokenEndpointAuthMethod::ClientSecretBasic, None),
            (
                json!({"client_secret": "s", "client_secret_expires_at": 0,
                       "token_endpoint_auth_method": "none"}),
                TokenEndpointAuthMethod::None,
                None,
            ),
            (
                json!({"client_secret": "s", "client_secret_expires_at": 9,
                       "token_endpoint_auth_method": "client_secret_post"}),
                TokenEndpointAuthMethod::ClientSecretPost,
                Some(9),
            ),
        ] {
            let mut body = body;
            body["client_id"] = json!("c");
            let (_server, made) = registered(created(body)).await;
            let made = made.unwrap();
            assert_eq!((made.auth, made.secret_expires_at), (auth, expiry));
            assert_eq!(made.credentials.secret.unwrap().expose_secret(), "s");
        }
    }

    /// S67: a response without a usable client is refused, and says what is wrong.
    #[tokio::test]
    async fn an_unusable_answer_is_refused() {
        let long = "x".repeat(LONGEST_ID + 1);
        for (body, kind) in [
            (json!({}), ErrorKind::AnswerMalformed),
            (json!({"client_id": ""}), ErrorKind::AnswerMalformed),
            (json!({"client_id": 7}), ErrorKind::AnswerMalformed),
            (json!({"client_id": "a\u{7}"}), ErrorKind::AnswerMalformed),
            (json!({"client_id": long}), ErrorKind::AnswerMalformed),
            (json!({"client_id": "c", "client_secret": ["s"]}), ErrorKind::AnswerMalformed),
            (
                json!({"client_id": "c", "redirect_uris": ["https://evil.example/"]}),
                ErrorKind::AnswerMalformed,
            ),
            (
                json!({"client_id": "c", "token_endpoint_auth_method": "private_key_jwt"}),
                ErrorKind::ServerRequires,
            ),
            (
                json!({"client_id": "c", "token_endpoint_auth_method": "client_secret_basic"}),
                ErrorKind::ServerRequires,
            ),
        ] {
            let (_server, made) = registered(created(body.clone())).await;
            assert_eq!(made.unwrap_err().kind(), kind, "{body}");
        }
        let (_server, page) =
            registered(ResponseTemplate::new(200).set_body_string("<html>")).await;
        assert_eq!(page.unwrap_err().kind(), ErrorKind::AnswerUnreadable);
        let huge = ResponseTemplate::new(201).set_body_bytes(vec![b' '; 2 << 20]);
        let (_server, huge) = registered(huge).await;
        assert_eq!(huge.unwrap_err().kind(), ErrorKind::AnswerMalformed);
        let elsewhere =
            ResponseTemplate::new(307).insert_header("location", "https://evil.example");
        let (_server, elsewhere) = registered(elsewhere).await;
        assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::Redirected);
    }

    /// RFC 7591, section 3: registration may want an initial access token, or not exist.
    #[tokio::test]
    async fn a_closed_registration_is_told_apart_from_a_refusal() {
        for (status, error, kind) in [
            (401, "invalid_token", ErrorKind::RegistrationClosed),
            (403, "insufficient_scope", ErrorKind::RegistrationClosed),
            (404, "not_found", ErrorKind::RegistrationClosed),
            (400, "invalid_software_statement", ErrorKind::RegistrationRefused),
        ] {
            let answer = ResponseTemplate::new(status)
                .set_body_json(json!({"error": error, "error_description": "no native clients"}));
            let (_server, made) = registered(answer).await;
            let refused = made.unwrap_err();
            assert_eq!(refused.kind(), kind);
            assert!(refused.words().unwrap().contains("no native clients"), "{refused}");
        }
        let server = MockServer::start().await;
        let mut closed = client(&server);
        closed.config.endpoints.registration = None;
        let refused = closed.register("Nameplate", &[LOOPBACK.to_owned()]).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::RegistrationClosed);
    }

    /// RFC 7592, section 2.3; the token goes to the server that gave it alone.
    #[tokio::test]
    async fn a_registration_is_deleted_at_its_own_server() {
        let server = MockServer::start().await;
        let answer = |uri: String| {
            created(json!({"client_id": "c", "registration_client_uri": uri,
                           "registration_access_token": "t0ken"}))
        };
        let own = answer(format!("{}/clients/c", server.uri()));
        Mock::given(method("POST")).respond_with(own).up_to_n_times(1).mount(&server).await;
        Mock::given(method("DELETE"))
            .respond_with(ResponseTemplate::new(204))
            .expect(1)
            .mount(&server)
            .await;
        let uris = [LOOPBACK.to_owned()];
        let client = client(&server);
        let made = client.register("Nameplate", &uris).await.unwrap();
        client.unregister(&made.management.unwrap()).await.unwrap();
        let foreign = answer("https://evil.example/clients/c".to_owned());
        Mock::given(method("POST")).respond_with(foreign).mount(&server).await;
        let made = client.register("Nameplate", &uris).await.unwrap();
        assert!(made.management.is_none());
    }
}
