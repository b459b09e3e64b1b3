//! How the client authenticates at the token endpoint (RFC 6749, section 2.3.1).

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};

use crate::client::Client;
use crate::error::Result;
use crate::http::BasicAuth;
use crate::provider::TokenEndpointAuthMethod;
use crate::token_response::WireResponse;

type NewClient<HasTokenUri = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    WireResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenUri,
>;

type WithTokenUri = NewClient<EndpointSet>;

impl Client {
    /// Adds client authentication to a form (RFC 6749, section 2.3.1), or returns it as a header.
    pub(crate) fn authenticate<'f>(
        &'f self,
        form: &mut Vec<(&str, &'f str)>,
    ) -> Result<Option<BasicAuth>> {
        let id = self.config.client()?.id.as_str();
        let secret = self.secret().map(ExposeSecret::expose_secret);
        match (self.auth(), secret) {
            (TokenEndpointAuthMethod::ClientSecretBasic, Some(secret)) => {
                return Ok(Some(BasicAuth::new(id, secret)));
            }
            (TokenEndpointAuthMethod::ClientSecretPost, Some(secret)) => {
                form.extend([("client_id", id), ("client_secret", secret)]);
            }
            (
                TokenEndpointAuthMethod::None
                | TokenEndpointAuthMethod::ClientSecretBasic
                | TokenEndpointAuthMethod::ClientSecretPost,
                _,
            ) => {
                form.push(("client_id", id));
            }
        }
        Ok(None)
    }

    pub(crate) fn oauth2(&self) -> Result<WithTokenUri> {
        let client = NewClient::new(ClientId::new(self.config.client()?.id.clone()))
            .set_token_uri(TokenUrl::from_url(self.config.token_endpoint()?.clone()))
            .set_auth_type(AuthType::RequestBody);
        let secret = |secret: &SecretString| ClientSecret::new(secret.expose_secret().to_owned());
        Ok(match (self.auth(), self.secret()) {
            (TokenEndpointAuthMethod::None, _) | (_, None) => client,
            (TokenEndpointAuthMethod::ClientSecretPost, Some(shown)) => {
                client.set_client_secret(secret(shown))
            }
            (TokenEndpointAuthMethod::ClientSecretBasic, Some(shown)) => {
                client.set_client_secret(secret(shown)).set_auth_type(AuthType::BasicAuth)
            }
        })
    }

    /// The client secret, if there is one.
    pub(crate) fn secret(&self) -> Option<&SecretString> {
        self.config.client.as_ref()?.secret.as_ref()
    }

    /// Whether its requests carry the secret of the client.
    pub(super) fn shows_secret(&self) -> bool {
        self.secret().is_some() && self.auth() != TokenEndpointAuthMethod::None
    }

    fn auth(&self) -> TokenEndpointAuthMethod {
        self.config.client_auth.unwrap_or(self.config.provider.secret)
    }
}
