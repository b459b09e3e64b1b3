//! Whether a provider accepts a client, without a sign-in: a code that it never gave is sent to
//! its token endpoint, and then another one with a secret that is not the client's, or for a client
//! that does not exist where no secret is shown. A provider that refuses the two alike has not
//! looked at the client, and nothing follows from its refusal.

use uuid::Uuid;

use crate::authorization_response::AuthorizationCode;
use crate::client::Client;
use crate::client_registration::ClientRegistration;
use crate::error::{Error, Result};
use crate::provider_config::{ClientCredentials, ProviderConfig};
use crate::request_error::RequestError;

/// What a provider makes of a client.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientCheck {
    /// It knows it.
    Accepted,
    /// It does not, or not like this.
    Refused(Error),
    /// The result is unknown; the reason, if it is known.
    Unknown(Option<Error>),
}

impl ClientRegistration<'_> {
    /// Checks the registered client with requests for tokens that cannot be granted.
    ///
    /// # Errors
    /// Where the request cannot be made at all.
    pub async fn check(&self, redirect_uri: &str) -> Result<ClientCheck> {
        let provider = self.client.config.provider;
        let refused = match self.client.spend_random_code(redirect_uri).await? {
            Ok(()) => return Ok(ClientCheck::Unknown(None)),
            Err(RequestError::Other(error)) => return Ok(of_failure(error)),
            Err(RequestError::Refused(refused)) => refused,
        };
        let told = refused.explain(provider);
        if !refused.is_about_the_code(provider) {
            return Ok(match told.kind().is_about_set_up() {
                true => ClientCheck::Refused(told),
                false => ClientCheck::Unknown(Some(told)),
            });
        }
        let other = Client::new(self.client.http.clone(), self.client.with_wrong_credentials());
        Ok(match other.spend_random_code(redirect_uri).await? {
            Err(RequestError::Refused(refused)) if refused.is_about_the_client(provider) => {
                ClientCheck::Accepted
            }
            Ok(()) | Err(_) => ClientCheck::Unknown(None),
        })
    }

    /// Whether the server still knows a client that registered itself. A server that is out of reach,
    /// or says something else, such as a gateway before it, has not forgotten it.
    ///
    /// # Errors
    /// Where the request cannot be made at all.
    pub async fn is_registered(&self, redirect_uri: &str) -> Result<bool> {
        Ok(match self.client.spend_random_code(redirect_uri).await? {
            Err(RequestError::Refused(refused)) => {
                !refused.is_of_unknown_client(self.client.config.provider)
            }
            Ok(()) | Err(RequestError::Other(_)) => true,
        })
    }
}

impl Client {
    async fn spend_random_code(&self, redirect_uri: &str) -> Result<Result<(), RequestError>> {
        let prepared = self.authorization_request(redirect_uri, self.entropy()?, 0)?;
        let code = AuthorizationCode::random();
        Ok(self.spend(code, redirect_uri, &prepared.secrets).await.map(drop))
    }

    /// The same configuration with another secret, or for a client that does not exist where no
    /// secret is shown. With another id too, a server that never looks at the secret would seem to
    /// have accepted it.
    fn with_wrong_credentials(&self) -> ProviderConfig {
        let shows_secret = self.shows_secret();
        let random = || Uuid::new_v4().to_string();
        let client = self.config.client.clone().map(|client| match shows_secret {
            true => ClientCredentials { secret: Some(random().into()), ..client },
            false => ClientCredentials { id: random(), ..client },
        });
        ProviderConfig { client, ..self.config.clone() }
    }
}

/// A server that is too busy or out of reach decides nothing; one that requires what is not
/// supported does.
fn of_failure(error: Error) -> ClientCheck {
    match error.kind().is_about_set_up() {
        true => ClientCheck::Refused(error),
        false => ClientCheck::Unknown(Some(error)),
    }
}
