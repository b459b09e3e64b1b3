//! The token endpoint: a code for tokens (RFC 6749, section 4.1.3), and new tokens for old ones
//! (section 6).

use std::pin::Pin;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attempt::Secrets;
use super::callback::AuthorizationCode;
use crate::bot::Guild;
use crate::config::Entry;
use crate::dialect::{TokenAnswer, TokenState, Unreadable};
use crate::error::{Code, Error, Result};
use crate::http::{Basic, Http};
use crate::provider::{ClientAuth, Provider};
use crate::text;

/// What was granted.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Opens the profile.
    pub(crate) access: SecretString,
    /// Renews the access token, where the provider gives one.
    pub(crate) refresh: Option<SecretString>,
    /// Says who signed in, where the provider is an OpenID provider.
    pub(crate) id_token: Option<SecretString>,
    /// How long the access token lives, in seconds, where the provider says so.
    pub(crate) expires_in: Option<u64>,
    /// What was granted; what was asked for where the answer says nothing (RFC 6749, section 5.1).
    pub(crate) scopes: Vec<String>,
}

/// Of a token, in bytes.
const LONGEST_TOKEN: usize = 64 << 10;
/// Of all scopes together, in bytes.
const LONGEST_SCOPE: usize = 16 << 10;

impl Tokens {
    /// Tokens of printable ASCII (RFC 6749, appendices A.12 and A.17), within the limits.
    fn checked(self) -> Result<Self> {
        let tokens = [
            ("access_token", Some(&self.access)),
            ("refresh_token", self.refresh.as_ref()),
            ("id_token", self.id_token.as_ref()),
        ];
        for (name, token) in tokens.into_iter().filter_map(|(name, token)| Some((name, token?))) {
            let token = token.expose_secret();
            within(name, token.len(), LONGEST_TOKEN)?;
            if !token.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
                let words = format!("{name}: characters outside of printable ASCII");
                return Err(Error::new(Code::TokenMalformed).detail(words));
            }
        }
        within("scope", self.scopes.iter().map(|scope| scope.len() + 1).sum(), LONGEST_SCOPE)?;
        Ok(self)
    }
}

fn within(name: &str, bytes: usize, limit: usize) -> Result<()> {
    match bytes <= limit {
        true => Ok(()),
        false => Err(Error::new(Code::TokenMalformed)
            .detail(format!("{name}: {bytes} bytes, limit {limit}"))),
    }
}

/// Who calls the token endpoint.
pub(crate) struct Caller<'a> {
    pub(crate) http: &'a Http,
    pub(crate) entry: &'a Entry,
    pub(crate) client_secret: Option<SecretString>,
}

/// The fields that `oauth2` does not know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MoreFields {
    id_token: Option<String>,
    guild: Option<Guild>,
}

impl ExtraTokenFields for MoreFields {}

pub(crate) type Answered = StandardTokenResponse<MoreFields, BasicTokenType>;
pub(super) type NewClient<HasTokenUri = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    Answered,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenUri,
>;
pub(super) type Client = NewClient<EndpointSet>;

impl<'c> AsyncHttpClient<'c> for Caller<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Caller<'_> {
    /// Spends the code.
    pub(crate) async fn exchange(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        secrets: &Secrets,
    ) -> Result<Tokens> {
        self.tokens(&self.spend(code, redirect_uri, secrets).await?)
    }

    /// Spends the code of somebody who added a bot, and tells where to. The tokens go no further
    /// than here, and are not revoked either: at Discord that would end every session that the
    /// person has with the application, and these are not kept by anybody.
    pub(crate) async fn exchange_for_guild(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        secrets: &Secrets,
    ) -> Result<Guild> {
        let answered = self.spend(code, redirect_uri, secrets).await?;
        answered.extra_fields().guild.clone().ok_or(Error::new(Code::GuildMissing))
    }

    async fn spend(
        &self,
        code: AuthorizationCode,
        redirect_uri: &str,
        secrets: &Secrets,
    ) -> Result<Answered> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned())
            .map_err(|_| Error::new(Code::WrongRedirect))?;
        let client = self.client()?.set_redirect_uri(redirect);
        let state = match self.entry.provider.dialect.token_state {
            TokenState::Left => None,
            TokenState::Repeated => Some(code.state().to_owned()),
        };
        let mut request = client
            .exchange_code(oauth2::AuthorizationCode::new(code.into_inner()))
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()));
        if let Some(state) = state {
            request = request.add_extra_param("state", state);
        }
        let answered = request.request_async(self).await;
        answered.map_err(|error| told(error, self.entry.provider, &[]))
    }

    /// Renews the access token (RFC 6749, section 6).
    ///
    /// # Errors
    /// [`Code::SessionEnded`] on the provider's own word for a dead grant, and on nothing else.
    pub(crate) async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens> {
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let client = self.client()?;
        let answered =
            client.exchange_refresh_token(&token).request_async(self).await.map_err(|error| {
                told(error, self.entry.provider, self.entry.provider.dead_grant)
            })?;
        self.tokens(&answered)
    }

    /// Says who sends a form (RFC 6749, section 2.3.1): in it, or with what is returned.
    pub(super) fn identify<'f>(&'f self, form: &mut Vec<(&str, &'f str)>) -> Result<Option<Basic>> {
        let id = self.entry.client()?.id.as_str();
        let secret = self.client_secret.as_ref().map(ExposeSecret::expose_secret);
        match (self.auth(), secret) {
            (ClientAuth::Basic, Some(secret)) => return Ok(Some(Basic::new(id, secret))),
            (ClientAuth::Post, Some(secret)) => {
                form.extend([("client_id", id), ("client_secret", secret)]);
            }
            (ClientAuth::None | ClientAuth::Basic | ClientAuth::Post, _) => {
                form.push(("client_id", id));
            }
        }
        Ok(None)
    }

    pub(super) fn client(&self) -> Result<Client> {
        let client = NewClient::new(ClientId::new(self.entry.client()?.id.clone()))
            .set_token_uri(TokenUrl::from_url(self.entry.token_endpoint()?.clone()))
            .set_auth_type(AuthType::RequestBody);
        let secret = |secret: &SecretString| ClientSecret::new(secret.expose_secret().to_owned());
        Ok(match (self.auth(), &self.client_secret) {
            (ClientAuth::None, _) | (_, None) => client,
            (ClientAuth::Post, Some(shown)) => client.set_client_secret(secret(shown)),
            (ClientAuth::Basic, Some(shown)) => {
                client.set_client_secret(secret(shown)).set_auth_type(AuthType::BasicAuth)
            }
        })
    }

    fn auth(&self) -> ClientAuth {
        self.entry.client_auth.unwrap_or(self.entry.provider.secret)
    }

    /// Sends, and turns the provider's dialect into RFC 6749 before `oauth2` reads it.
    async fn send(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse> {
        let sent = secrets_in(url::form_urlencoded::parse(request.body()));
        let answer = self.http.token_request(request).await?;
        let read = self.entry.provider.dialect.read(answer.status.is_success(), &answer.body);
        let (status, body) = match read.map_err(unreadable)? {
            TokenAnswer::Granted(body) => (200, body),
            TokenAnswer::Refused(body) => (400, without(body, &sent)),
        };
        json_response(status, &body)
    }

    pub(super) fn tokens(&self, answered: &Answered) -> Result<Tokens> {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let granted = answered.scopes().map(|scopes| {
            let scopes = scopes.iter().flat_map(|scope| scope.split_whitespace());
            scopes.map(text::sanitized).filter(|scope| !scope.is_empty()).collect()
        });
        let tokens = Tokens {
            access: secret(answered.access_token().secret()),
            refresh: answered.refresh_token().map(|token| secret(token.secret())),
            id_token: answered.extra_fields().id_token.as_deref().map(secret),
            expires_in: answered.expires_in().map(|lifetime| lifetime.as_secs()),
            scopes: granted.unwrap_or_else(|| self.entry.scopes.clone()),
        };
        tokens.checked()
    }
}

/// What of a token request nobody may ever read in a refusal.
pub(super) fn secrets_in<T: AsRef<str>>(form: impl Iterator<Item = (T, T)>) -> Vec<String> {
    const SECRET: &[&str] =
        &["code", "code_verifier", "client_secret", "refresh_token", "device_code"];
    let secret = form.filter(|(name, _)| SECRET.contains(&name.as_ref()));
    secret.map(|(_, value)| value.as_ref().to_owned()).filter(|value| !value.is_empty()).collect()
}

/// A refusal without what it quotes: Kakao says which code it was that it does not know (S48).
pub(super) fn without(mut refusal: Value, secrets: &[String]) -> Value {
    for words in refusal.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Value::String(text) = words {
            *text = secrets.iter().fold(text.clone(), |text, secret| text.replace(secret, "…"));
        }
    }
    refusal
}

pub(super) fn json_response(status: u16, body: &Value) -> Result<oauth2::HttpResponse> {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .map_err(|_| Error::new(Code::AnswerUnreadable))
}

pub(super) fn unreadable(error: Unreadable) -> Error {
    match error {
        Unreadable::NotBearer => Error::new(Code::TokenTypeRefused),
        Unreadable::NotAnObject | Unreadable::NoToken => {
            Error::new(Code::AnswerUnreadable).detail(error)
        }
    }
}

pub(super) fn told(
    error: RequestTokenError<Error, BasicErrorResponse>,
    provider: &Provider,
    dead_grant: &[&str],
) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(refusal) => {
            let description = refusal.error_description().map_or("", String::as_str);
            let error = refusal.error().as_ref();
            if dead_grant.contains(&error) || dead_grant.contains(&description) {
                return Error::new(Code::SessionEnded).detail(description);
            }
            refused(provider, error, description)
        }
        // Their texts may quote the answer, and with it a token.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Error::new(Code::AnswerUnreadable)
        }
    }
}

/// Tells refusals apart where a person could act on them. Providers use the codes of RFC 6749,
/// section 5.2 loosely, so the description is read as well.
pub(super) fn refused(provider: &Provider, error: &str, description: &str) -> Error {
    let speaks_of = |word: &str| description.to_ascii_lowercase().contains(word);
    let code = provider.explain(error, description).unwrap_or_else(|| match error {
        "redirect_uri_mismatch" => Code::RedirectRefused,
        _ if speaks_of("redirect_uri") || speaks_of("redirect uri") || speaks_of("koe303") => {
            Code::RedirectRefused
        }
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
            Code::ClientRefused
        }
        "invalid_request" if speaks_of("client_secret") => Code::ClientRefused,
        "invalid_grant" | "bad_verification_code" => Code::CodeRefused,
        // The second is Microsoft's word for it in the device flow.
        "access_denied" | "authorization_declined" => Code::AccessDenied,
        // RFC 8628, section 3.5.
        "expired_token" => Code::TimedOut,
        "temporarily_unavailable" | "server_error" => Code::ProviderBusy,
        _ => Code::ProviderRefused,
    });
    let words =
        if description.is_empty() { error.to_owned() } else { format!("{error}: {description}") };
    Error::new(code).detail(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::built_in;

    /// S48: whatever a refusal quotes, it does not quote what was sent in confidence.
    #[test]
    fn a_refusal_quotes_no_secret() {
        let form = b"grant_type=authorization_code&code=4%2F0A&code_verifier=v-1&client_secret=&client_id=app";
        let sent = secrets_in(url::form_urlencoded::parse(form));
        assert_eq!(sent, ["4/0A", "v-1"]);
        let refusal = serde_json::json!({"error": "invalid_grant", "error_description": "not found for code=4/0A (v-1) of app"});
        assert_eq!(without(refusal, &sent)["error_description"], "not found for code=… (…) of app");
        assert_eq!(secrets_in([("device_code", "d-1"), ("client_id", "app")].into_iter()), ["d-1"]);
    }

    /// Tokens are printable ASCII of a limited length, and so are scopes; what is wrong is named, and
    /// never quoted.
    #[test]
    fn a_token_has_limits() {
        let tokens = |access: &str, refresh: &str, scope: &str| Tokens {
            access: access.into(),
            refresh: Some(refresh.into()),
            id_token: None,
            expires_in: None,
            scopes: vec![scope.to_owned()],
        };
        let checked = |tokens: Tokens| tokens.checked().map(drop);
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
            assert_eq!((refused.code(), refused.words()), (Code::TokenMalformed, Some(words)));
        }
    }

    /// U13: each provider's own words for what is wrong with the set-up lead to what to do about it;
    /// the words themselves are kept beside.
    #[test]
    fn the_providers_own_words_are_explained() {
        for (provider, error, description, code) in [
            ("discord", "invalid_client", "", Code::PublicClientOff),
            ("google", "invalid_request", "client_secret is missing.", Code::SecretMissing),
            ("google", "invalid_client", "The OAuth client was not found.", Code::ClientUnknown),
            ("google", "invalid_client", "Unauthorized", Code::SecretRefused),
            ("google", "redirect_uri_mismatch", "Bad Request", Code::RedirectRefused),
            ("kakao", "invalid_client", "KOE101: Not exist client_id []", Code::ClientUnknown),
            ("kakao", "invalid_client", "KOE010: Bad client credentials", Code::SecretRefused),
            ("kakao", "invalid_request", "KOE004: x", Code::LoginSwitchedOff),
            ("kakao", "invalid_request", "KOE005: x", Code::NotATester),
            ("kakao", "invalid_request", "KOE006: x", Code::RedirectRefused),
            ("kakao", "invalid_scope", "KOE205: x", Code::ScopeNotSetUp),
            ("kakao", "invalid_grant", "KOE303: Redirect URI mismatch.", Code::RedirectRefused),
            ("github", "incorrect_client_credentials", "", Code::SecretRefused),
            ("github", "device_flow_disabled", "", Code::DeviceFlowOff),
            ("github", "redirect_uri_mismatch", "", Code::RedirectRefused),
            ("microsoft", "unauthorized_client", "AADSTS700016: x", Code::ClientUnknown),
            ("microsoft", "invalid_client", "AADSTS7000218: x", Code::PublicClientOff),
            ("microsoft", "invalid_client", "AADSTS700025: x", Code::SecretUnwanted),
            ("microsoft", "invalid_request", "AADSTS50011: x", Code::RedirectRefused),
            (
                "naver",
                "invalid_client",
                "wrong client id / client secret pair",
                Code::SecretRefused,
            ),
            ("line", "invalid_client", "invalid client_secret", Code::SecretRefused),
            ("facebook", "101", "Error validating application.", Code::ClientUnknown),
            ("facebook", "191", "Missing redirect_uri parameter.", Code::RedirectRefused),
            ("facebook", "1", "Error validating client secret.", Code::SecretRefused),
        ] {
            let told = refused(built_in(provider).unwrap(), error, description);
            assert_eq!(told.code(), code, "{provider} {error} {description}");
            assert!(told.words().unwrap().contains(error) && code.is_about_set_up(), "{told}");
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        for (error, description, code) in [
            ("invalid_request", "client_secret is missing.", Code::ClientRefused),
            ("invalid_client", "KOE010: Bad client credentials", Code::SecretRefused),
            ("invalid_grant", "Invalid \"redirect_uri\" in request.", Code::RedirectRefused),
            ("invalid_grant", "KOE303: Redirect URI mismatch.", Code::RedirectRefused),
            ("redirect_uri_mismatch", "", Code::RedirectRefused),
            ("invalid_grant", "KOE320: authorization code not found", Code::CodeRefused),
            ("invalid_request", "Invalid \"code_verifier\"", Code::ProviderRefused),
            ("temporarily_unavailable", "", Code::ProviderBusy),
        ] {
            let refused = refused(built_in("kakao").unwrap(), error, description);
            assert_eq!(refused.code(), code, "{error} {description}");
        }
    }
}
