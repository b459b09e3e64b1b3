//! The specification of a provider: data, and functions for what differs between providers. The defaults follow the
//! standards.

pub mod prelude;
mod request;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::Markup;
use serde_json::{Value, json};

use crate::clients::{Client, Secret};
use crate::errors::{ErrorRow, TokenError};
use crate::grants::{AuthorizationRequest, Code, Grant, Lifetimes, NewTokens, Rotation};
use crate::language::{Language, Text};
use crate::params::Params;
use crate::random;
use crate::response::{Pairs, Refusal};
use crate::users::Email;

pub use request::{Alterations, Context, FaultyResponses, Request};

/// A provider.
#[derive(Debug)]
pub struct Provider {
    /// The first segment of its paths, and its name in the control endpoints and in `providers.toml`.
    pub name: &'static str,
    pub label: Text,
    /// CSS declarations: for every page, and in addition for dark pages.
    pub colours: (&'static str, &'static str),
    /// The registered applications; `providers.toml` names the first.
    pub clients: &'static [Client],
    pub scopes: &'static [Scope],
    /// Keys of `providers.toml` with paths below `/NAME`. Shared handlers answer `authorization_endpoint`,
    /// `token_endpoint`, `device_authorization_endpoint` and `jwks_uri`.
    pub endpoints: &'static [(&'static str, &'static str)],
    /// The path and the content of the metadata.
    pub metadata: Option<Metadata>,
    /// Further lines of `providers.toml`; `{https_redirect}` is the origin of the https redirect page.
    pub settings: &'static str,
    /// Its table in `providers.toml`, with the endpoints of the server at a base URL.
    pub table: fn(&Self, &str) -> String,
    pub authorization: Authorization,
    pub token: TokenEndpoint,
    pub device: Option<DeviceEndpoint>,
    pub keys: fn(&Request) -> Vec<Value>,
    /// The address that the account has here.
    pub address: fn(&Email) -> &'static str,
    /// The names that a profile has for the account's id.
    pub id_members: &'static [&'static str],
    /// Wraps a profile.
    pub envelope: fn(Value) -> Value,
    pub bearer_refusal: fn(BearerError) -> Refusal,
    /// The response to too many profile requests.
    pub too_many_requests: fn() -> Refusal,
    /// Adds the endpoints that no other provider has.
    pub routes: fn(Router<Context>) -> Router<Context>,
    /// The realm of a path where it is not the provider's name, or the response to a path of no realm.
    pub realm: fn(&str) -> Result<Option<String>, Refusal>,
}

/// A scope, with the sentence of the consent page; the sentence is empty if there is nothing to say.
#[derive(Debug)]
pub struct Scope {
    pub id: &'static str,
    pub text: Text,
    /// Whether the user can withhold it.
    pub optional: bool,
}

/// A table of [`Scope`]: `required|optional id English Korean;`.
macro_rules! scopes {
    ($($kind:ident $id:tt $english:literal $korean:literal;)*) => {
        &[$($crate::provider::Scope::$kind($id, ($english, $korean)),)*]
    };
}
pub(crate) use scopes;

/// The authorization endpoint, and the response at the redirect URI.
#[derive(Debug)]
pub struct Authorization {
    /// Seconds.
    pub code_lifetime: i64,
    pub new_code: fn() -> String,
    /// The title of the error pages.
    pub page_title: Text,
    pub unknown_client: ErrorPage,
    pub unregistered_redirect: ErrorPage,
    /// The redirect URI of a request. By default it must be sent and be registered.
    pub redirect_uri: fn(&Request, &'static Client) -> Checked<String>,
    /// Checks the rest of a request, and adapts it.
    pub check: fn(&Request, &mut AuthorizationRequest) -> Checked,
    /// What the user can select on the consent page.
    pub selection: Option<&'static Selection>,
    /// The parameters of a denial.
    pub denial: &'static [(&'static str, &'static str)],
    /// Completes a response that has `code` or the error, and `state`.
    pub complete: fn(&Request, &AuthorizationRequest, Option<&Grant>, &mut Pairs),
    /// Appended to the redirect.
    pub fragment: &'static str,
}

/// A choice on the consent page beside the scopes.
#[derive(Debug)]
pub struct Selection {
    /// The form control, if the request has the choice.
    pub control: fn(Language, &AuthorizationRequest) -> Option<Markup>,
    /// What was chosen; `None` if it cannot be chosen.
    pub chosen: fn(&AuthorizationRequest, &Params) -> Option<String>,
}

/// An error that is shown on a page, in the provider's words.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage {
    pub status: StatusCode,
    pub code: &'static str,
    pub text: &'static str,
}

/// Why an authorization request is refused.
#[derive(Debug)]
pub enum AuthorizationError {
    /// The user is told, the application is not.
    Page(ErrorPage),
    /// `error` and `error_description` go to the redirect URI (RFC 6749 §4.1.2.1).
    Redirect(&'static str, String),
}

/// The path of the metadata, and their content.
pub type Metadata = (&'static str, fn(&Request) -> Value);

/// The result of a check of an authorization request.
pub type Checked<T = ()> = Result<T, AuthorizationError>;

/// The token endpoint.
#[derive(Debug)]
pub struct TokenEndpoint {
    pub basic: BasicAuth,
    /// The grant type that is meant by `grant_type`.
    pub grant_type: fn(Option<&str>) -> Option<GrantType>,
    /// A check before everything else.
    pub before: fn(&Request, &Params) -> Result<(), Refusal>,
    pub verifier: VerifierPolicy,
    /// Whether the token request fits the authorization request, PKCE aside.
    pub matches: fn(&Params, &Code) -> Result<(), TokenError>,
    pub check_grant: fn(&Grant) -> Result<(), Refusal>,
    /// Whether a code that is used twice revokes what it brought (RFC 6749 §4.1.2).
    pub replay_revokes: bool,
    /// The client of a poll with a device code. By default it authenticates as always.
    pub device_client: fn(&Request, &Params) -> Result<&'static Client, Refusal>,
    /// Makes an access and a refresh token.
    pub new_tokens: fn(&Client) -> (String, String),
    pub lifetimes: fn(&Grant) -> Lifetimes,
    /// How many refresh tokens an account has at most.
    pub refresh_limit: usize,
    /// How a refresh token is rotated that is valid for so many seconds more.
    pub rotation: fn(i64) -> Rotation,
    /// Whether a refresh that issues no refresh token returns the one that was sent.
    pub repeats_refresh_token: bool,
    pub body: fn(&Request, &Issued<'_>) -> Value,
    /// The responses to errors, also of the device authorization endpoint.
    pub errors: &'static [ErrorRow],
    /// Makes such a response of its row, its text, and the value that was sent.
    pub error: fn(&ErrorRow, &str, &str) -> Refusal,
    pub too_many_requests: fn() -> Refusal,
    /// Writes a response.
    pub encode: fn(&Request, Refusal) -> Response,
}

/// How `Authorization: Basic` is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicAuth {
    Ignored,
    Accepted,
    /// An empty secret counts as none.
    AcceptedWithoutSecret,
}

/// What is checked about `code_verifier`. A verifier for a challenge must always fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifierPolicy {
    /// There is a verifier exactly if there was a challenge.
    Strict,
    /// A verifier without a challenge is ignored.
    UnannouncedIgnored,
    /// The client secret and a verifier replace each other.
    OrSecret,
}

/// A grant type of the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    DeviceCode,
}

/// Why a bearer token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerError {
    Missing,
    Unknown,
    Expired,
    /// The scope was not granted.
    Scope,
}

/// Tokens that were issued, for the body of the response.
#[derive(Debug)]
pub struct Issued<'a> {
    pub grant: &'a Grant,
    pub tokens: &'a NewTokens,
    /// The token request.
    pub form: &'a Params,
    pub lifetimes: Lifetimes,
    /// Whether the request was a refresh.
    pub refreshed: bool,
}

/// Device authorization (RFC 8628).
#[derive(Debug)]
pub struct DeviceEndpoint {
    /// The path of the page where the user enters the code.
    pub page: &'static str,
    /// Seconds.
    pub lifetime: i64,
    pub new_code: fn() -> String,
    /// The client of a request. By default it authenticates as always.
    pub client: fn(&Request, &Params) -> Result<&'static Client, Refusal>,
    /// Checks the scopes of a request, and adapts them. By default unknown ones are ignored.
    pub check: fn(&Request, &mut AuthorizationRequest) -> Result<(), Refusal>,
    /// Adapts the response.
    pub complete: fn(&mut Value),
}

impl Provider {
    /// A provider that follows the standards.
    pub const STANDARD: Self = Self {
        name: "",
        label: ("", ""),
        colours: ("", ""),
        clients: &[],
        scopes: &[],
        endpoints: &[],
        metadata: None,
        settings: "",
        table: Self::standard_table,
        authorization: Authorization::STANDARD,
        token: TokenEndpoint::STANDARD,
        device: None,
        keys: |request| vec![request.state.keys.main.jwk()],
        address: |email| email.address,
        id_members: &["sub"],
        envelope: |profile| profile,
        bearer_refusal: |_| Refusal::new(401, json!({ "error": "invalid_token" })),
        too_many_requests: TokenEndpoint::STANDARD.too_many_requests,
        routes: |router| router,
        realm: |_| Ok(None),
    };

    pub fn scope(&self, id: &str) -> Option<&'static Scope> {
        self.scopes.iter().find(|scope| scope.id == id)
    }

    pub fn client(&self, id: &str) -> Option<&'static Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    fn standard_table(&self, base: &str) -> String {
        let mut lines = vec![format!("\n[{}]", self.name)];
        if let Some(client) = self.clients.first() {
            lines.push(format!("client_id = \"{}\"", client.id));
            if let Secret::Required(secret) = client.secret {
                lines.push(format!("client_secret = \"{secret}\""));
            }
        }
        for (key, path) in self.endpoints {
            lines.push(format!("{key} = \"{base}/{}{path}\"", self.name));
        }
        lines.push(self.settings.to_owned());
        lines.join("\n")
    }

    /// The path of an endpoint, below `/NAME`.
    pub fn endpoint(&self, key: &str) -> Option<&'static str> {
        self.endpoints.iter().find(|(name, _)| *name == key).map(|(_, path)| *path)
    }
}

impl Authorization {
    pub const STANDARD: Self = Self {
        code_lifetime: 600,
        new_code: || random::base64url(43),
        page_title: ("This sign-in cannot continue", "로그인을 계속할 수 없습니다"),
        unknown_client: ErrorPage::bad("invalid_client", ""),
        unregistered_redirect: ErrorPage::bad("invalid_request", ""),
        redirect_uri: |request, client| {
            let uri = request.query.get("redirect_uri").filter(|uri| request.allows(client, uri));
            let page = request.provider.authorization.unregistered_redirect;
            uri.map(str::to_owned).ok_or(AuthorizationError::Page(page))
        },
        check: |_, _| Ok(()),
        selection: None,
        denial: &[("error", "access_denied")],
        complete: |_, _, _, _| {},
        fragment: "",
    };
}

impl DeviceEndpoint {
    pub const STANDARD: Self = Self {
        page: "/device",
        lifetime: 900,
        new_code: || random::base64url(43),
        client: Request::authenticated,
        check: |request, pending| {
            pending.scopes.retain(|id| request.provider.scope(id).is_some());
            Ok(())
        },
        complete: |_| {},
    };
}

impl TokenEndpoint {
    pub const STANDARD: Self = Self {
        basic: BasicAuth::Ignored,
        grant_type: GrantType::of,
        before: |_, _| Ok(()),
        verifier: VerifierPolicy::Strict,
        matches: |form, code| {
            let same = form.get("redirect_uri") == Some(code.request.redirect_uri.as_str());
            same.then_some(()).ok_or(TokenError::Mismatch)
        },
        check_grant: |_| Ok(()),
        replay_revokes: false,
        device_client: Request::authenticated,
        new_tokens: |_| (random::base64url(43), random::base64url(43)),
        lifetimes: |_| Lifetimes { access: 3600, refresh: None },
        refresh_limit: usize::MAX,
        rotation: |_| Rotation::AtOnce,
        repeats_refresh_token: false,
        body: |_, issued| issued.body("Bearer"),
        errors: &[],
        error: |row, text, _| Refusal::oauth(row.status, row.code, text),
        too_many_requests: || Refusal::oauth(400, "temporarily_unavailable", "too many requests"),
        encode: |_, refusal| refusal.into_response(),
    };
}

impl GrantType {
    pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

    pub fn of(name: Option<&str>) -> Option<Self> {
        match name? {
            "authorization_code" => Some(Self::AuthorizationCode),
            "refresh_token" => Some(Self::RefreshToken),
            Self::DEVICE_CODE => Some(Self::DeviceCode),
            _ => None,
        }
    }
}

impl Issued<'_> {
    /// The members of RFC 6749 §5.1 but `scope`.
    pub fn body(&self, token_type: &str) -> Value {
        let mut body = json!({
            "access_token": self.tokens.access,
            "token_type": token_type,
            "expires_in": self.lifetimes.access,
        });
        if let Some(refresh) = &self.tokens.refresh {
            body["refresh_token"] = json!(refresh);
        }
        body
    }
}

impl Scope {
    pub const fn required(id: &'static str, text: Text) -> Self {
        Self { id, text, optional: false }
    }

    pub const fn optional(id: &'static str, text: Text) -> Self {
        Self { id, text, optional: true }
    }
}

impl ErrorPage {
    /// A page with status 400.
    pub const fn bad(code: &'static str, text: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, text }
    }
}

/// Refuses on a page with status 400.
pub fn page_if(wrong: bool, code: &'static str, text: &'static str) -> Checked {
    if wrong { Err(AuthorizationError::Page(ErrorPage::bad(code, text))) } else { Ok(()) }
}

/// Refuses with an error that goes to the redirect URI.
pub fn send_if(wrong: bool, error: &'static str, text: &str) -> Checked {
    if wrong { Err(AuthorizationError::Redirect(error, text.to_owned())) } else { Ok(()) }
}
