//! The specification of a provider: data, and functions for what differs between providers. The defaults follow the
//! standards.

mod authorization;
mod request;
mod token_endpoint;

use axum::Router;
use serde_json::{Value, json};

use crate::clients::{Client, Secret};
use crate::grants::AuthorizationRequest;
use crate::language::Text;
use crate::params::Params;
use crate::random;
use crate::response::Refusal;
use crate::users::Email;

pub use authorization::{
    Authorization, AuthorizationError, Checked, ErrorPage, Selection, page_if, send_if,
};
pub use request::{Alterations, BasicAuth, Context, FaultyResponses, Request};
pub use token_endpoint::{GrantType, Issued, TokenEndpoint, VerifierPolicy};

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

/// The path of the metadata, and their content.
pub type Metadata = (&'static str, fn(&Request) -> Value);

/// Why a bearer token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerError {
    Missing,
    Unknown,
    Expired,
    /// The scope was not granted.
    Scope,
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

impl Scope {
    pub const fn required(id: &'static str, text: Text) -> Self {
        Self { id, text, optional: false }
    }

    pub const fn optional(id: &'static str, text: Text) -> Self {
        Self { id, text, optional: true }
    }
}
