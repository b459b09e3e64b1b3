//! Registration of the client by itself at a server that is named only when a user signs in:
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
use crate::provider_config::ClientCredentials;
use crate::url_rules::is_loopback;

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
    /// Registration of the client by itself, and checks of a registration.
    pub fn registration(&self) -> ClientRegistration<'_> {
        ClientRegistration { client: self }
    }
}

/// The registration of a client at its provider.
pub struct ClientRegistration<'a> {
    pub(crate) client: &'a Client,
}

impl ClientRegistration<'_> {
    /// Registers a native public client with these redirect URIs at the registration endpoint of
    /// the metadata. A server that refuses one of them, such as a private-use scheme, is asked again
    /// for those of a loopback interface alone.
    ///
    /// # Errors
    /// [`ErrorKind::RegistrationClosed`] without an endpoint that is open to everybody,
    /// [`ErrorKind::RegistrationRefused`] with the server's words, [`ErrorKind::ResponseMalformed`]
    /// for a response that has no usable client.
    pub async fn register(&self, name: &str, redirect_uris: &[String]) -> Result<RegisteredClient> {
        let Some(endpoint) = &self.client.config.endpoints.registration else {
            return Err(Error::new(ErrorKind::RegistrationClosed));
        };
        let response = self.ask_to_register(endpoint, name, redirect_uris).await?;
        let loopback: Vec<_> =
            redirect_uris.iter().filter(|uri| is_of_loopback(uri)).cloned().collect();
        let narrower = !loopback.is_empty() && loopback.len() < redirect_uris.len();
        let (response, redirect_uris) = match refuses_redirect_uri(&response) && narrower {
            true => (self.ask_to_register(endpoint, name, &loopback).await?, &loopback[..]),
            false => (response, redirect_uris),
        };
        self.registered(endpoint, &response, redirect_uris)
    }

    async fn ask_to_register(
        &self,
        endpoint: &Url,
        name: &str,
        redirect_uris: &[String],
    ) -> Result<HttpResponse> {
        if self.registers_app() {
            // Servers before 4.3 take one text, with an address on each line.
            let (uris, scopes) = (redirect_uris.join("\n"), self.client.config.scopes.join(" "));
            let form = [("client_name", name), ("redirect_uris", &uris), ("scopes", &scopes)];
            return self.client.http.post_form(endpoint, &form, None, None).await;
        }
        let mut grants = vec!["authorization_code", "refresh_token"];
        if self.client.config.endpoints.device_authorization.is_some() {
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
        self.client.http.post_json(endpoint, &metadata).await
    }

    fn registered(
        &self,
        endpoint: &Url,
        response: &HttpResponse,
        redirect_uris: &[String],
    ) -> Result<RegisteredClient> {
        check_status(response)?;
        let body = response.json()?;
        let credentials = credentials(response, &body)?;
        let auth = match (body["token_endpoint_auth_method"].as_str(), &credentials.secret) {
            (None, Some(_)) if self.registers_app() => self.client.config.provider.secret,
            (None, None) if self.registers_app() => {
                return Err(response.malformed("no client_secret"));
            }
            (Some("none"), _) | (None, None) => TokenEndpointAuthMethod::None,
            (Some("client_secret_post"), Some(_)) => TokenEndpointAuthMethod::ClientSecretPost,
            // RFC 7591, section 2: the default.
            (Some("client_secret_basic") | None, Some(_)) => {
                TokenEndpointAuthMethod::ClientSecretBasic
            }
            (Some(method), _) => {
                return Err(Error::new(ErrorKind::ServerRequires).with_detail(method));
            }
        };
        Ok(RegisteredClient {
            auth,
            secret_expires_at: secret_expiry(&body),
            redirect_uris: registered_redirect_uris(response, &body, redirect_uris)?,
            scopes: match self.registers_app() {
                true => self.client.config.scopes.clone(),
                false => Vec::new(),
            },
            management: self.management(endpoint, &body),
            credentials,
        })
    }

    /// Whether the endpoint is Mastodon's, and not that of RFC 7591.
    fn registers_app(&self) -> bool {
        self.client.config.provider.server_input == ServerInput::Server
    }

    /// The access token is for the one URL of the response. A URL of another origin is not
    /// used: the token must be sent to this server only.
    fn management(&self, endpoint: &Url, body: &Value) -> Option<RegistrationManagement> {
        let url = body["registration_client_uri"].as_str()?;
        let url = self.client.config.discovered("registration_client_uri", url).ok()?;
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
        let response =
            self.client.http.call(Method::DELETE, url, PresentedToken::bearer(token)).await?;
        match response.status {
            // The server knows neither client nor token any more.
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(response.error(ErrorKind::RegistrationRefused)),
        }
    }
}

/// A server that requires an initial access token, or that has no such endpoint, registers no
/// unknown client (RFC 7591, section 3).
pub(crate) fn check_status(response: &HttpResponse) -> Result<()> {
    match response.status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED => Err(response.error(ErrorKind::RegistrationClosed)),
        _ => Err(response.error(ErrorKind::RegistrationRefused)),
    }
}

/// RFC 7591, section 3.2.2; Mastodon says it with 422, in words.
fn refuses_redirect_uri(response: &HttpResponse) -> bool {
    let errors = ["invalid_redirect_uri", "invalid_client_metadata"];
    let error = response.refusal().error;
    match response.status {
        StatusCode::BAD_REQUEST => errors.contains(&error.as_str()),
        StatusCode::UNPROCESSABLE_ENTITY => error.to_lowercase().contains("redirect uri"),
        _ => false,
    }
}

/// Client id and secret, of visible characters (RFC 6749, appendices A.1 and A.2).
pub(crate) fn credentials(response: &HttpResponse, body: &Value) -> Result<ClientCredentials> {
    let member = |name: &str, limit: usize| match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.len() <= limit && is_visible(text) => Ok(Some(text.clone())),
        _ => Err(response.malformed(name)),
    };
    let id = member("client_id", LONGEST_ID)?.ok_or_else(|| response.malformed("no client_id"))?;
    let secret = member("client_secret", LONGEST_SECRET)?.map(SecretString::from);
    Ok(ClientCredentials { id, secret })
}

/// `client_secret_expires_at`; 0 is never.
pub(crate) fn secret_expiry(body: &Value) -> Option<i64> {
    body["client_secret_expires_at"].as_i64().filter(|at| *at > 0)
}

/// The server may register fewer (RFC 7591, section 3.2.1).
fn registered_redirect_uris(
    response: &HttpResponse,
    body: &Value,
    asked: &[String],
) -> Result<Vec<String>> {
    let Some(listed) = body["redirect_uris"].as_array() else { return Ok(asked.to_vec()) };
    let is_listed = |uri: &&String| listed.iter().any(|known| known.as_str() == Some(uri.as_str()));
    let registered: Vec<_> = asked.iter().filter(is_listed).cloned().collect();
    match registered.is_empty() {
        true => Err(response.malformed("redirect_uris")),
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
mod tests;
