//! A request as a provider receives it. It carries the specification of that provider.

use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::FromRequest;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{BearerError, Provider};
use crate::clients::{Client, Redirect, Secret};
use crate::errors::TokenError;
use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant, Reach, Token};
use crate::language::Language;
use crate::params::Params;
use crate::request_log::Counts;
use crate::response::{self, Refusal};
use crate::state::ServerState;
use crate::users::User;

const BODY_LIMIT: usize = 64 * 1024;

/// Faults with the responses that they cause.
pub type FaultyResponses = [(Fault, fn(&Request) -> Response)];
/// Faults with what they do to a response.
pub type Alterations<T> = [(Fault, fn(&mut T))];

/// What the router knows of a request.
#[derive(Debug, Clone)]
pub struct Context {
    pub state: Arc<ServerState>,
    pub provider: &'static Provider,
}

/// How `Authorization: Basic` is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicAuth {
    Ignored,
    Accepted,
    /// An empty secret counts as none.
    AcceptedWithoutSecret,
}

/// A request to a provider.
#[derive(Debug)]
pub struct Request {
    pub state: Arc<ServerState>,
    pub provider: &'static Provider,
    /// The provider's name, or `oidc/rp/MODULE`. Faults and counts belong to a realm.
    pub realm: String,
    pub method: Method,
    pub path: String,
    pub query: Params,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Context> for Request {
    type Rejection = Response;

    async fn from_request(
        request: axum::extract::Request,
        context: &Context,
    ) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let Context { state, provider } = context.clone();
        let realm = (provider.realm)(&path).map_err(Refusal::into_response)?;
        Ok(Self {
            state,
            provider,
            realm: realm.unwrap_or_else(|| provider.name.to_owned()),
            method: parts.method,
            path,
            query: Params::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            headers: parts.headers,
            // A body beyond the limit counts as empty.
            body: to_bytes(body, BODY_LIMIT).await.unwrap_or_default(),
        })
    }
}

impl Request {
    pub fn has(&self, fault: Fault) -> bool {
        self.state.has(&self.realm, fault)
    }

    /// The response of the first of these faults that is set.
    pub fn faulty_response(&self, faults: &FaultyResponses) -> Option<Response> {
        let set = faults.iter().find(|(fault, _)| self.has(*fault));
        set.map(|(_, respond)| respond(self))
    }

    /// 307 to a control endpoint, whose response shows that a client followed it.
    pub fn elsewhere(&self, endpoint: &str) -> Response {
        let location = format!("{}/demo/elsewhere/{endpoint}", self.state.base);
        response::redirect(StatusCode::TEMPORARY_REDIRECT, &location)
    }

    /// Changes a response by those of these faults that are set, in this order.
    pub fn apply_faults<T>(&self, faults: &Alterations<T>, response: &mut T) {
        faults
            .iter()
            .filter(|(fault, _)| self.has(*fault))
            .for_each(|(_, change)| change(response));
    }

    /// Changes the counts of the realm.
    pub fn count(&self, change: impl FnOnce(&mut Counts)) {
        self.state.log(|log| change(log.counts(&self.realm)));
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn language(&self) -> Language {
        Language::preferred(self.header(header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default())
    }

    /// The URL of a path below the provider's.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.state.base, self.provider.name)
    }

    /// The URL of an endpoint by its key in `providers.toml`.
    pub fn endpoint(&self, key: &str) -> String {
        self.url(self.provider.endpoint(key).unwrap_or_default())
    }

    /// Metadata: the issuer, the URLs of these endpoints (separated by spaces), and `more`.
    pub fn metadata(&self, issuer: &str, endpoints: &str, more: Value) -> Value {
        let mut metadata = more;
        metadata["issuer"] = json!(issuer);
        for key in endpoints.split(' ') {
            metadata[key] = json!(self.endpoint(key));
        }
        metadata
    }

    /// The form body; `None` if the body has another type. Secrets in it are logged.
    pub fn form(&self) -> Option<Params> {
        let content_type = self.header(header::CONTENT_TYPE.as_str())?;
        let content_type = content_type.split(';').next().unwrap_or_default().trim();
        if !content_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let form = Params::parse(&self.body);
        self.log(&form);
        Some(form)
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Adds the secrets among the parameters to the request log.
    pub fn log(&self, params: &Params) {
        self.state.log(|log| {
            for (name, value) in params.pairs() {
                log.record(name, value);
            }
        });
    }

    /// Client id and secret of `Authorization: Basic`, percent-decoded (RFC 6749 §2.3.1).
    pub fn basic(&self) -> Option<(String, String)> {
        let text = self.credentials("basic")?;
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        let decode = |part: &str| {
            let pair = format!("v={part}");
            form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
        };
        let (id, secret) = (decode(id)?, decode(secret)?);
        self.state.log(|log| log.record("client_secret", &secret));
        Some((id, secret))
    }

    /// The token of `Authorization: Bearer` (RFC 6750 §2.1).
    pub fn bearer(&self) -> Option<&str> {
        self.credentials("bearer")
    }

    fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, rest) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then_some(rest.trim())
    }

    /// Whether a response to this client may go to `uri`.
    pub fn allows(&self, client: &Client, uri: &str) -> bool {
        client.redirects.iter().any(|redirect| match redirect {
            Redirect::HttpsPage => {
                uri == format!("{}/redirect/{}", self.state.https_redirect, self.provider.name)
            }
            other => other.matches(uri),
        })
    }

    /// A requested scope that the provider does not have.
    pub fn unknown_scope<'a>(&self, pending: &'a AuthorizationRequest) -> Option<&'a str> {
        let mut scopes = pending.scopes.iter().map(String::as_str);
        scopes.find(|id| self.provider.scope(id).is_none())
    }

    /// The client with this id: a registered one, or one that registered itself (RFC 7591).
    pub fn find_client(&self, id: &str) -> Option<&'static Client> {
        let registered = || Some(self.state.registered.find(&self.realm, id)?.client);
        self.provider.client(id).or_else(registered)
    }

    /// The client that a form names, without authentication.
    pub fn client(&self, form: &Params) -> Result<&'static Client, Refusal> {
        let id = form.get("client_id");
        self.client_of(id).map_err(|error| self.refusal(error, id.unwrap_or_default()))
    }

    fn client_of(&self, id: Option<&str>) -> Result<&'static Client, TokenError> {
        let id = id.ok_or(TokenError::ClientIdMissing)?;
        self.find_client(id).ok_or(TokenError::ClientUnknown)
    }

    /// The client that sent a form, authenticated by `Authorization: Basic` or the form (RFC 6749 §2.3.1).
    pub fn authenticate(&self, form: &Params) -> Result<&'static Client, TokenError> {
        let policy = self.provider.token.basic;
        // Also a header that is ignored is logged.
        let basic = self.basic().filter(|_| policy != BasicAuth::Ignored);
        let (id, secret) = match &basic {
            Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
            None => (form.get("client_id"), form.get("client_secret")),
        };
        let client = self.client_of(id)?;
        let secret = secret
            .filter(|secret| !secret.is_empty() || policy != BasicAuth::AcceptedWithoutSecret);
        match (client.secret, secret) {
            (Secret::None, None) => Ok(client),
            (Secret::Required(right), Some(given)) if right == given => Ok(client),
            (Secret::None, Some(_)) => Err(TokenError::SecretUnexpected),
            (Secret::Required(_), None) => Err(TokenError::SecretMissing),
            (Secret::Required(_), Some(_)) => Err(TokenError::SecretWrong),
        }
    }

    /// The same with the provider's response to an error.
    pub fn authenticated(&self, form: &Params) -> Result<&'static Client, Refusal> {
        let refused = |error| self.refusal(error, form.get("client_id").unwrap_or_default());
        self.authenticate(form).map_err(refused)
    }

    /// The provider's response to an error of the token endpoint; `value` is what was sent.
    pub fn refusal(&self, error: TokenError, value: &str) -> Refusal {
        let spec = &self.provider.token;
        let row = spec.errors.iter().find(|row| row.errors.contains(&error));
        let standard = || Refusal::oauth(400, "invalid_request", "");
        row.map_or_else(standard, |row| (spec.error)(row, &row.text.replace("{}", value), value))
    }

    /// Revokes tokens, and counts it.
    pub fn revoke(&self, grant: &Grant, reach: Reach<'_>) {
        self.state.grants().revoke(grant, reach);
        self.count(|counts| counts.revocations += 1);
    }

    /// Counts a refusal, and responds with it.
    pub fn refuse(&self, refusal: impl IntoResponse) -> Response {
        self.count(|counts| counts.refusals += 1);
        refusal.into_response()
    }

    /// The access token of `Authorization: Bearer`, if it is valid.
    pub fn authorized(&self) -> Result<Token, Refusal> {
        self.authorized_by(self.bearer())
    }

    /// The same for a token that was sent in another way.
    pub fn authorized_by(&self, token: Option<&str>) -> Result<Token, Refusal> {
        let token = token.ok_or(BearerError::Missing).and_then(|token| {
            let known = self.state.grants().access(&self.realm, token).cloned();
            known.ok_or(BearerError::Unknown)
        });
        let valid = token.and_then(|token| {
            let expired = token.expires <= self.state.now();
            if expired { Err(BearerError::Expired) } else { Ok(token) }
        });
        valid.map_err(|error| self.bearer_refusal(error))
    }

    /// The grant of the bearer token, if it has this scope.
    pub fn granted(&self, scope: &str) -> Result<Arc<Grant>, Refusal> {
        let grant = self.authorized()?.grant;
        let has = grant.has(scope);
        has.then_some(grant).ok_or_else(|| self.bearer_refusal(BearerError::Scope))
    }

    /// The provider's response to a refused bearer token.
    pub fn bearer_refusal(&self, error: BearerError) -> Refusal {
        (self.provider.bearer_refusal)(error)
    }

    /// The user behind a grant, with the changes that tests and faults make.
    pub fn user(&self, grant: &Grant) -> User {
        self.faulted(self.state.user(grant.user.key).unwrap_or(grant.user))
    }

    /// The user with the changes that faults make.
    pub fn faulted(&self, user: &User) -> User {
        let mut user = user.clone();
        user.email = user.email.filter(|_| !self.has(Fault::EmailMissing));
        if let Some(email) = &mut user.email {
            email.verified &= !self.has(Fault::EmailUnverified);
        }
        user.colour = user.colour.filter(|_| !self.has(Fault::PictureMissing));
        user
    }
}
