//! A provider configuration with an HTTP client. Each request of the protocol is a method; they
//! are in the files that are named after them.

use crate::error::Result;
use crate::http::Http;
use crate::provider::Endpoint;
use crate::provider_config::ProviderConfig;

/// A client of one provider (RFC 6749, section 1.1).
#[derive(Clone)]
pub struct Client {
    pub(crate) http: Http,
    pub(crate) config: ProviderConfig,
}

impl Client {
    /// Sends the requests of this configuration.
    pub fn new(http: Http, config: ProviderConfig) -> Self {
        Self { http, config }
    }

    /// Opens connections to the token and userinfo endpoints, to be called while the user is in the
    /// browser. A failure is none: the requests that follow report their own.
    pub async fn connect(&self) {
        let endpoints =
            [self.config.token_endpoint().ok(), self.config.endpoint(Endpoint::Userinfo)];
        let [token, userinfo] = endpoints.map(async |url| match url {
            // A handshake with this machine takes no time.
            Some(url) if !self.config.is_on_this_machine() => self.http.reaches(url).await,
            Some(_) | None => false,
        });
        tokio::join!(token, userinfo);
    }

    /// The configuration, with what was discovered.
    pub fn config(&self) -> &ProviderConfig {
        &self.config
    }

    /// The same client where every endpoint is known: those of an issuer are read from its
    /// metadata, any other configuration stays as it is.
    ///
    /// # Errors
    /// Where the metadata cannot be read or used.
    pub async fn discover(self) -> Result<Self> {
        let config = crate::discovery::complete(&self.http, &self.config).await?;
        Ok(Self { config, ..self })
    }
}
