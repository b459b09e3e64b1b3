//! The one HTTP client: no redirects, time limits, a size cap, `Retry-After`, and the adapter for
//! `oauth2`.

mod basic_auth;
mod direct;
mod failure;
mod nonces;
mod proof;
pub mod public_address;
mod response;
mod retry_after;
#[cfg(test)]
pub(crate) mod test_network;
pub mod tls;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::clock::Clock;
use crate::dpop::{DpopKey, PresentedToken};
use crate::error::{ErrorKind, Result};
use crate::sent_secrets::SentSecrets;
use crate::url_rules::is_loopback;
pub use basic_auth::BasicAuth;
use basic_auth::of_basic;
use direct::Direct;
pub use failure::place;
use failure::{private_address, unreachable, unusable};
use nonces::DpopNonces;
use proof::{PROOF, Proven, without_token};
use public_address::PublicResolver;
pub use response::HttpResponse;
use retry_after::RetryAfter;

/// No document of a provider comes near it.
const JSON_LIMIT: usize = 1 << 20;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    direct: Arc<Direct>,
    retry_after: Arc<RetryAfter>,
    nonces: Arc<DpopNonces>,
    clock: Clock,
    reach: Reach,
}

/// The addresses that may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Any, and by the system's proxy unless they are this computer's.
    All,
    /// Public ones, without a proxy: a proxy would resolve the names again.
    Public,
}

impl Http {
    /// A client that names itself, such as `Example/1.0`: GitHub's API refuses requests without a
    /// `User-Agent`, and others log it.
    ///
    /// # Errors
    /// Where the system's TLS roots cannot be used.
    pub fn new(user_agent: &str, clock: Clock) -> Result<Self> {
        Self::with_reach(user_agent, clock, Reach::All)
    }

    /// As [`Http::new`], for servers that are not trusted, as they were named by a user or by such
    /// a server: connects to public addresses only.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn to_public_addresses(user_agent: &str, clock: Clock) -> Result<Self> {
        Self::with_reach(user_agent, clock, Reach::Public)
    }

    fn with_reach(user_agent: &str, clock: Clock, reach: Reach) -> Result<Self> {
        let mut builder = builder(user_agent)?;
        if reach == Reach::Public {
            builder = builder.no_proxy().dns_resolver(Arc::new(PublicResolver));
        }
        Self::of(builder, Direct::new(user_agent), clock, reach)
    }

    fn of(
        builder: reqwest::ClientBuilder,
        direct: Direct,
        clock: Clock,
        reach: Reach,
    ) -> Result<Self> {
        Ok(Self {
            client: builder.build().map_err(unusable)?,
            direct: Arc::new(direct),
            retry_after: Arc::default(),
            nonces: Arc::default(),
            clock,
            reach,
        })
    }

    /// The client for requests to this address.
    fn client_of(&self, url: &Url) -> Result<&reqwest::Client> {
        match self.reach {
            Reach::All if is_loopback(url) => self.direct.client(),
            Reach::All | Reach::Public => Ok(&self.client),
        }
    }

    /// GET of a JSON document. What it is, and whether it is one, is for the caller to judge.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub async fn get(&self, url: &Url, token: Option<PresentedToken<'_>>) -> Result<HttpResponse> {
        let request = self.client.get(url.clone()).header("Accept", "application/json");
        match token {
            Some(token) => self.send_with(token, request, JSON_LIMIT).await,
            None => self.send(request, JSON_LIMIT, SentSecrets::default(), None).await,
        }
    }

    /// POST of a form that `oauth2` prepared.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub(crate) async fn token_request(
        &self,
        request: oauth2::HttpRequest,
        key: Option<&DpopKey>,
    ) -> Result<HttpResponse> {
        let (parts, body) = request.into_parts();
        let mut secrets = SentSecrets::of_form(form_urlencoded::parse(&body));
        let mut sent = self
            .client
            .request(Method::POST, parts.uri.to_string())
            .header("Accept", "application/json")
            .body(body);
        for name in ["content-type", "authorization"] {
            if let Some(value) = parts.headers.get(name) {
                sent = sent.header(name, value);
            }
        }
        if let Some(basic) =
            parts.headers.get("authorization").and_then(|value| value.to_str().ok())
        {
            secrets = of_basic(secrets, basic);
        }
        self.send(sent, JSON_LIMIT, secrets, key.map(without_token)).await
    }

    /// A call of nothing but an access token.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub(crate) async fn call(
        &self,
        method: Method,
        url: &Url,
        token: PresentedToken<'_>,
    ) -> Result<HttpResponse> {
        self.send_with(token, self.client.request(method, url.clone()), JSON_LIMIT).await
    }

    /// GET of a file that the token opens.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or larger than `limit`.
    pub async fn file(
        &self,
        url: &Url,
        token: PresentedToken<'_>,
        limit: usize,
    ) -> Result<HttpResponse> {
        self.send_with(token, self.client.get(url.clone()), limit).await
    }

    /// A JSON body, with or without client authentication.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub(crate) async fn send_json(
        &self,
        method: Method,
        url: &Url,
        body: &Value,
        basic: Option<(&str, &SecretString)>,
    ) -> Result<HttpResponse> {
        let mut request = self.client.request(method, url.clone()).json(body);
        let mut secrets = body.as_object().into_iter().flatten().fold(
            SentSecrets::default(),
            |secrets, (_, value)| match value.as_str().or(value[0].as_str()) {
                Some(text) => secrets.and(text),
                None => secrets,
            },
        );
        if let Some((user, password)) = basic {
            let password = password.expose_secret();
            request = request.basic_auth(user, Some(password));
            secrets = secrets.and(password).and(&STANDARD.encode(format!("{user}:{password}")));
        }
        let request = request.header("Accept", "application/json");
        self.send(request, JSON_LIMIT, secrets, None).await
    }

    /// POST of a JSON body without secrets, whatever is answered.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub(crate) async fn post_json(&self, url: &Url, body: &Value) -> Result<HttpResponse> {
        let request = self.client.post(url.clone()).header("Accept", "application/json");
        self.send(request.json(body), JSON_LIMIT, SentSecrets::default(), None).await
    }

    /// POST of a form, whatever is answered.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or too large.
    pub async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<&BasicAuth>,
        key: Option<&DpopKey>,
    ) -> Result<HttpResponse> {
        let request = self.client.post(url.clone()).header("Accept", "application/json");
        let mut secrets = SentSecrets::of_form(form.iter().copied());
        let request = match basic {
            Some(BasicAuth { user, password }) => {
                let password = password.expose_secret();
                let encoded = STANDARD.encode(format!("{user}:{password}"));
                secrets = of_basic(secrets, &format!("Basic {encoded}"));
                request.basic_auth(user, Some(password))
            }
            None => request,
        };
        self.send(request.form(form), JSON_LIMIT, secrets, key.map(without_token)).await
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Whether no `Retry-After` of the provider applies to the endpoint.
    ///
    /// # Errors
    /// [`ErrorKind::WaitAsked`] with the seconds that are left.
    pub fn check_retry_after(&self, url: &Url) -> Result<()> {
        self.retry_after.check(&place(url), (self.clock)())
    }

    /// Sends a request that presents a token.
    async fn send_with(
        &self,
        token: PresentedToken<'_>,
        request: reqwest::RequestBuilder,
        limit: usize,
    ) -> Result<HttpResponse> {
        let request = request.header("Authorization", token.authorization());
        let secrets = SentSecrets::default().and(token.token.expose_secret());
        let proven = token.key.map(|key| Proven { key, token: Some(token.token) });
        self.send(request, limit, secrets, proven).await
    }

    /// Sends if no `Retry-After` applies to the endpoint, and records a new one.
    async fn send_once(
        &self,
        request: reqwest::Request,
        limit: usize,
        secrets: SentSecrets,
    ) -> Result<HttpResponse> {
        let url = &request.url().clone();
        self.check_retry_after(url)?;
        self.check_address(url)?;
        let is_proven = request.headers().contains_key(PROOF);
        let client = self.client_of(url)?;
        let response = client.execute(request).await.map_err(unreachable)?;
        let status = response.status();
        if is_proven {
            self.nonces.note(url, response.headers());
        }
        if is_busy(status)
            && let Some(asked) =
                self.retry_after.note(&place(url), response.headers(), (self.clock)())
        {
            return Err(asked);
        }
        let response = HttpResponse::read(response, limit, secrets).await?;
        // A captive portal (RFC 6585, section 6).
        if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
            return Err(response.error_at(ErrorKind::ResponseUnreadable));
        }
        if status.is_redirection() {
            return Err(response.redirected());
        }
        if is_busy(status) {
            return Err(response.error_at(ErrorKind::ProviderBusy));
        }
        Ok(response)
    }

    /// An address in the place of a host name is not looked up.
    fn check_address(&self, url: &Url) -> Result<()> {
        match self.reach {
            Reach::Public if !public_address::may_be_public(url) => {
                Err(private_address(url.host_str().unwrap_or_default()))
            }
            Reach::All | Reach::Public => Ok(()),
        }
    }

    /// Whether a server responds, regardless of the status.
    pub async fn reaches(&self, url: &Url) -> bool {
        let Ok(root) = url.join("/") else { return false };
        if self.check_address(&root).is_err() {
            return false;
        }
        let Ok(client) = self.client_of(&root) else { return false };
        client.head(root).timeout(Duration::from_secs(5)).send().await.is_ok()
    }
}

/// What every client of this program has.
fn builder(user_agent: &str) -> Result<reqwest::ClientBuilder> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config().map_err(unusable)?)
        .user_agent(user_agent)
        // A redirect from a token endpoint would carry the code elsewhere (S27).
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30)))
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

#[cfg(test)]
mod tests;
