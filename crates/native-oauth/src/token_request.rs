//! The token endpoint: a code for tokens (RFC 6749, section 4.1.3), and new tokens for old ones
//! (section 6); with a proof of the session's key, where it has one (RFC 9449, section 5).

use std::pin::Pin;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::authorization_request::PendingSecrets;
use crate::authorization_response::AuthorizationCode;
use crate::client::Client;
use crate::dpop::{DpopKey, PresentedToken};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{BasicAuth, HttpResponse};
use crate::provider::TokenEndpointAuthMethod;
use crate::provider_config::ExtensionPolicy;
use crate::request_error::{RequestError, SentRequest};
use crate::text;
use crate::token_response::{DPOP, InvalidTokenResponse, ParsedResponse, TokenRequestState};

/// What was granted.
#[derive(Debug)]
pub struct TokenResponse {
    /// Opens the profile.
    pub access: SecretString,
    /// What the access token is bound to, and the refresh token with it (RFC 9449, section 5).
    pub binding: TokenBinding,
    /// Renews the access token, where the provider gives one.
    pub refresh: Option<SecretString>,
    /// The id_token, if the provider is an OpenID provider.
    pub id_token: Option<SecretString>,
    /// Lifetime of the access token in seconds, if the response contains it.
    pub expires_in: Option<u64>,
    /// Members of the response that only this provider sends ([`Dialect::extra`]).
    ///
    /// [`Dialect::extra`]: crate::token_response::Dialect::extra
    pub extra: Map<String, Value>,
    /// The granted scopes; the requested ones if the response contains none (RFC 6749, section 5.1).
    pub scopes: Vec<String>,
}

/// What tokens are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenBinding {
    /// Nothing: every holder of the token can use it (`token_type` Bearer).
    Bearer,
    /// A key, which each request has to prove (`token_type` DPoP).
    Key(DpopKey),
    /// Nothing, although a proof was sent and binding was required. [`TokenResponse::check`] refuses
    /// it.
    Missing,
}

/// Of a token, in bytes.
const LONGEST_TOKEN: usize = 64 << 10;
/// Of all scopes together, in bytes.
const LONGEST_SCOPE: usize = 16 << 10;

impl TokenResponse {
    /// An access token alone.
    pub fn of_access(access: SecretString, scopes: Vec<String>) -> Self {
        Self {
            access,
            binding: TokenBinding::Bearer,
            refresh: None,
            id_token: None,
            expires_in: None,
            extra: Map::new(),
            scopes,
        }
    }

    /// The key that the tokens are bound to.
    pub fn key(&self) -> Option<&DpopKey> {
        match &self.binding {
            TokenBinding::Key(key) => Some(key),
            TokenBinding::Bearer | TokenBinding::Missing => None,
        }
    }

    /// The access token, as a request presents it.
    pub fn presented(&self) -> PresentedToken<'_> {
        PresentedToken { token: &self.access, key: self.key() }
    }

    /// Tokens of printable ASCII (RFC 6749, appendices A.12 and A.17), within the limits.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMalformed`] names what is wrong; [`ErrorKind::TokenNotBound`] of a bearer
    /// token where a bound one was required (RFC 9449, section 5).
    pub fn check(&self) -> Result<()> {
        if self.binding == TokenBinding::Missing {
            return Err(Error::new(ErrorKind::TokenNotBound));
        }
        let tokens = [
            ("access_token", Some(&self.access)),
            ("refresh_token", self.refresh.as_ref()),
            ("id_token", self.id_token.as_ref()),
        ];
        for (name, token) in tokens.into_iter().filter_map(|(name, token)| Some((name, token?))) {
            check_token(name, token)?;
        }
        within("scope", self.scopes.iter().map(|scope| scope.len() + 1).sum(), LONGEST_SCOPE)
    }

    /// The refresh token, where there is one within the limits, whatever the rest is.
    pub fn usable_refresh(&self) -> Option<&SecretString> {
        self.refresh.as_ref().filter(|token| check_token("refresh_token", token).is_ok())
    }
}

fn check_token(name: &str, token: &SecretString) -> Result<()> {
    let token = token.expose_secret();
    within(name, token.len(), LONGEST_TOKEN)?;
    if !token.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        let words = format!("{name}: characters outside of printable ASCII");
        return Err(Error::new(ErrorKind::TokenMalformed).detail(words));
    }
    Ok(())
}

fn within(name: &str, bytes: usize, limit: usize) -> Result<()> {
    match bytes <= limit {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::TokenMalformed)
            .detail(format!("{name}: {bytes} bytes, limit {limit}"))),
    }
}

/// The fields that `oauth2` does not know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExtraFields {
    id_token: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl ExtraTokenFields for ExtraFields {}

pub(crate) type WireResponse = StandardTokenResponse<ExtraFields, BasicTokenType>;
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
    /// are refused, their refresh token may have to be kept all the same. A token that is bound to a
    /// `key` is renewed with it alone, and only to one that is bound to it again.
    ///
    /// # Errors
    /// [`ErrorKind::SessionEnded`] on the provider's own word for a dead grant, and on nothing else.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        key: Option<&DpopKey>,
    ) -> Result<TokenResponse> {
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let client = self.oauth2()?;
        let endpoint = TokenEndpoint { client: self, key };
        let response = client.exchange_refresh_token(&token).request_async(&endpoint).await;
        let told = |error| failed(error).explain(self.config.provider);
        self.unchecked(&response.map_err(told)?, key, ExtensionPolicy::Required)
    }

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

    async fn send(
        &self,
        request: oauth2::HttpRequest,
        key: Option<&DpopKey>,
    ) -> Result<oauth2::HttpResponse, RequestError> {
        let asked = SentRequest { proof: key.is_some(), ..SentRequest::of(&request) };
        let answer = self.http.token_request(request, key).await?;
        match self.config.provider.dialect.read(answer.status.is_success(), &answer.body) {
            Ok(ParsedResponse::Tokens(body)) => json_response(&body),
            Ok(ParsedResponse::Error(refusal)) => Err(asked.refused(&answer, refusal)),
            Err(error) => Err(unreadable(&answer, error).into()),
        }
    }

    pub(super) fn tokens(
        &self,
        response: &WireResponse,
        key: Option<&DpopKey>,
    ) -> Result<TokenResponse> {
        let tokens = self.unchecked(response, key, self.config.dpop)?;
        tokens.check()?;
        Ok(tokens)
    }

    fn unchecked(
        &self,
        response: &WireResponse,
        key: Option<&DpopKey>,
        policy: ExtensionPolicy,
    ) -> Result<TokenResponse> {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let granted = response.scopes().map(|scopes| {
            let scopes = scopes.iter().flat_map(|scope| scope.split_whitespace());
            scopes.map(text::sanitized).filter(|scope| !scope.is_empty()).collect()
        });
        Ok(TokenResponse {
            access: secret(response.access_token().secret()),
            binding: binding(response, key, policy)?,
            refresh: response.refresh_token().map(|token| secret(token.secret())),
            id_token: response.extra_fields().id_token.as_deref().map(secret),
            expires_in: response.expires_in().map(|lifetime| lifetime.as_secs()),
            extra: response.extra_fields().extra.clone(),
            scopes: granted.unwrap_or_else(|| self.config.scopes.clone()),
        })
    }
}

/// What the tokens of a response are bound to, by its `token_type` and by the key that the request
/// proved (RFC 9449, section 5).
fn binding(
    response: &WireResponse,
    key: Option<&DpopKey>,
    policy: ExtensionPolicy,
) -> Result<TokenBinding> {
    let is_bound = response.token_type().as_ref() == DPOP;
    match (is_bound, key, policy) {
        (true, Some(key), _) => Ok(TokenBinding::Key(key.clone())),
        // Not requested, and of no use.
        (true, None, _) => Err(Error::new(ErrorKind::TokenTypeRefused)),
        (false, None, _)
        | (false, Some(_), ExtensionPolicy::Never | ExtensionPolicy::IfOffered) => {
            Ok(TokenBinding::Bearer)
        }
        (false, Some(_), ExtensionPolicy::Required) => Ok(TokenBinding::Missing),
    }
}

pub(super) fn json_response(body: &Value) -> Result<oauth2::HttpResponse, RequestError> {
    let response = http::Response::builder().header("content-type", "application/json");
    let response = response.body(body.to_string().into_bytes());
    response.map_err(|_| Error::new(ErrorKind::AnswerMalformed).into())
}

pub(super) fn unreadable(answer: &HttpResponse, error: InvalidTokenResponse) -> Error {
    match error {
        InvalidTokenResponse::UnknownType => Error::new(ErrorKind::TokenTypeRefused),
        InvalidTokenResponse::NotAnObject => answer.unreadable(),
        InvalidTokenResponse::NoToken => answer.malformed(&error.to_string()),
    }
}

/// What `oauth2` makes of what was sent back to it. Its own texts may quote the answer, and with
/// it a token.
pub(super) fn failed(error: RequestTokenError<RequestError, BasicErrorResponse>) -> RequestError {
    match error {
        RequestTokenError::Request(failed) => failed,
        RequestTokenError::ServerResponse(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => Error::new(ErrorKind::AnswerMalformed).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderConfig;
    use crate::http::Http;

    /// Tokens are printable ASCII of a limited length, and so are scopes; what is wrong is named, and
    /// never quoted.
    #[test]
    fn a_token_has_limits() {
        let tokens = |access: &str, refresh: &str, scope: &str| TokenResponse {
            refresh: Some(refresh.into()),
            ..TokenResponse::of_access(access.into(), vec![scope.to_owned()])
        };
        let checked = |tokens: TokenResponse| tokens.check();
        let longest = "t".repeat(64 << 10);
        assert_eq!(checked(tokens(&longest, &longest, "s")), Ok(()));
        for (tokens, words) in [
            (tokens(&format!("{longest}t"), "r", "s"), "access_token: 65537 bytes, limit 65536"),
            (tokens("a", &format!("{longest}t"), "s"), "refresh_token: 65537 bytes, limit 65536"),
            (
                tokens("a", "r\u{1b}[2J", "s"),
                "refresh_token: characters outside of printable ASCII",
            ),
            (tokens("a\r\nX: y", "r", "s"), "access_token: characters outside of printable ASCII"),
            (tokens("토큰", "r", "s"), "access_token: characters outside of printable ASCII"),
            (tokens("a", "r", &"s".repeat(16 << 10)), "scope: 16385 bytes, limit 16384"),
        ] {
            let refused = checked(tokens).unwrap_err();
            assert_eq!((refused.kind(), refused.words()), (ErrorKind::TokenMalformed, Some(words)));
        }
    }

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
