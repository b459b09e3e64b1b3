//! The token endpoint: a code for tokens (RFC 6749, section 4.1.3), and new tokens for old ones
//! (section 6); with a proof of the session's key, where it has one (RFC 9449, section 5).

use std::pin::Pin;

use oauth2::basic::BasicErrorResponse;
use oauth2::{AsyncHttpClient, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::authorization_request::PendingSecrets;
use crate::authorization_response::AuthorizationCode;
use crate::client::Client;
use crate::dialect::{InvalidTokenResponse, ParsedResponse, TokenRequestState};
use crate::dpop::DpopKey;
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpResponse;
use crate::request_error::{RequestError, SentRequest};
use crate::token_response::{TokenBinding, TokenResponse, WireResponse};

/// Sends token requests for `oauth2`, and turns the provider's dialect into RFC 6749 before
/// `oauth2` reads the response.
struct TokenEndpoint<'a> {
    client: &'a Client,
    /// What the request proves.
    key: Option<&'a DpopKey>,
}

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = RequestError;
    type Future =
        Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, RequestError>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(self.client.send(request, self.key))
    }
}

impl Client {
    /// Spends the code.
    ///
    /// # Errors
    /// [`ErrorKind::IssuerMismatch`] where the request went to another issuer than this client's:
    /// nothing is sent then. Else as the provider refuses.
    pub async fn exchange(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        secrets: &PendingSecrets,
    ) -> Result<TokenResponse> {
        secrets.check_issuer(&self.config.issuer)?;
        let response = self.spend(code, redirect_uri, secrets).await;
        let response = response.map_err(|failed| failed.explain(self.config.provider))?;
        let tokens = self.tokens(&response, secrets.dpop_key.as_ref())?;
        match &secrets.subject {
            Some(expected) => self.of_subject(tokens, expected).await,
            None => Ok(tokens),
        }
    }

    /// Spends the code, and leaves a refusal as it came.
    pub(super) async fn spend(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        secrets: &PendingSecrets,
    ) -> Result<WireResponse, RequestError> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned())
            .map_err(|_| Error::new(ErrorKind::WrongRedirect))?;
        let client = self.oauth2()?.set_redirect_uri(redirect);
        let state = match self.config.provider.dialect.token_state {
            TokenRequestState::Omitted => None,
            TokenRequestState::Sent => Some(code.state().to_owned()),
        };
        let mut request = client
            .exchange_code(oauth2::AuthorizationCode::new(code.into_inner()))
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()));
        if let Some(state) = state {
            request = request.add_extra_param("state", state);
        }
        let endpoint = TokenEndpoint { client: self, key: secrets.dpop_key.as_ref() };
        request.request_async(&endpoint).await.map_err(failed)
    }

    /// Renews the access token (RFC 6749, section 6). The tokens are not checked yet: where they
    /// are refused, their refresh token may still have to be kept. A token that is bound to a
    /// key is renewed with it alone, and an access token only to one that is bound to it again.
    ///
    /// # Errors
    /// [`ErrorKind::SessionEnded`] only if the provider says that the grant is invalid.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        binding: &TokenBinding,
    ) -> Result<TokenResponse> {
        let key = binding.refresh_key();
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let client = self.oauth2()?;
        let endpoint = TokenEndpoint { client: self, key };
        let response = client.exchange_refresh_token(&token).request_async(&endpoint).await;
        let told = |error| failed(error).explain(self.config.provider);
        Ok(self.unchecked(&response.map_err(told)?, key, binding.of_renewed_bearer()))
    }

    async fn send(
        &self,
        request: oauth2::HttpRequest,
        key: Option<&DpopKey>,
    ) -> Result<oauth2::HttpResponse, RequestError> {
        let asked = SentRequest { proof: key.is_some(), ..SentRequest::of(&request) };
        let response = self.http.token_request(request, key).await?;
        match self.config.provider.dialect.read(response.status.is_success(), &response.body) {
            Ok(ParsedResponse::Tokens(body)) => json_response(&body),
            Ok(ParsedResponse::Error(refusal)) => Err(asked.refused(&response, refusal)),
            Err(error) => Err(unreadable(&response, error).into()),
        }
    }
}

pub(super) fn json_response(body: &Value) -> Result<oauth2::HttpResponse, RequestError> {
    let response = http::Response::builder().header("content-type", "application/json");
    let response = response.body(body.to_string().into_bytes());
    response.map_err(|_| Error::new(ErrorKind::ResponseMalformed).into())
}

pub(super) fn unreadable(response: &HttpResponse, error: InvalidTokenResponse) -> Error {
    match error {
        InvalidTokenResponse::NotAnObject => response.unreadable(),
        InvalidTokenResponse::NoToken => response.malformed(&error.to_string()),
    }
}

/// What `oauth2` makes of what was sent back to it. Its own texts may quote the response, and with
/// it a token.
pub(super) fn failed(error: RequestTokenError<RequestError, BasicErrorResponse>) -> RequestError {
    match error {
        RequestTokenError::Request(failed) => failed,
        RequestTokenError::ServerResponse(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => Error::new(ErrorKind::ResponseMalformed).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderConfig;
    use crate::http::Http;

    /// RFC 9700, section 4.4.2: a code goes to the issuer that its request went to, also where the
    /// configuration names another one meanwhile.
    #[tokio::test]
    async fn a_code_goes_to_the_issuer_of_its_request() {
        use wiremock::{Mock, MockServer, ResponseTemplate};
        let server = MockServer::start().await;
        let tokens = serde_json::json!({ "access_token": "a", "token_type": "Bearer" });
        let granted = ResponseTemplate::new(200).set_body_json(tokens);
        Mock::given(wiremock::matchers::any()).respond_with(granted).mount(&server).await;
        let client = |issuer: &str| {
            let config = ProviderConfig::issuer("company", issuer).with_client("c", None);
            let mut config = ProviderConfig { plain_loopback: true, ..config };
            config.endpoints.authorization = Some(format!("{issuer}/auth").parse().unwrap());
            config.endpoints.token = Some(format!("{}/token", server.uri()).parse().unwrap());
            Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config)
        };
        let (ours, other) = (client("https://id.example.com"), client("https://evil.example"));
        let at = "http://127.0.0.1:1/callback/company";
        let request = ours.authorization_request(at, ours.entropy().unwrap(), 600).unwrap();
        let refused =
            other.exchange(AuthorizationCode::random(), at, &request.secrets).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::IssuerMismatch);
        assert!(server.received_requests().await.unwrap().is_empty());
        ours.exchange(AuthorizationCode::random(), at, &request.secrets).await.unwrap();
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}
