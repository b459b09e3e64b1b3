//! A provider as data: endpoints, redirect methods, dialect, profile requests, and one pure function
//! that reads its profile. `provider/` holds one file for each.

mod account_pages;
mod bluesky;
mod discord;
mod endpoints;
mod extra_grant;
mod facebook;
mod github;
mod google;
mod id_token;
mod kakao;
mod line;
mod loopback;
pub mod mastodon;
mod microsoft;
mod naver;
mod oidc;
mod profile_request;
mod profile_responses;
mod revocation;
mod set_up;
#[cfg(test)]
mod snapshot_tests;
mod standard;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dialect::Dialect;
use crate::error::ErrorKind;
pub use crate::grant::{Grant, RedirectMethod};
use crate::profile::Profile;
pub use account_pages::{AccountPage, AccountPages};
pub use endpoints::{Endpoint, Endpoints};
pub use extra_grant::{ExtraGrant, GrantPermission, GrantTarget};
pub use id_token::{IdToken, IdTokenClaims, IdTokenKey, IssuerRule, TENANT};
pub use loopback::{Loopback, LoopbackHost, Registration};
pub use oidc::OIDC;
pub use profile_request::{Need, ProfileRequest};
pub use profile_responses::{MissingField, ProfileResponses, flag, subject, text};
pub use revocation::{Revocation, RevocationEffect, Revocations};
pub use set_up::{SecretNeed, SetUp};

/// The list of the built-in providers: calls a macro with `module CONSTANT,` for each, in the order in
/// which they are shown.
#[macro_export]
macro_rules! for_each_provider {
    ($callback:ident) => {
        $callback! {
            discord DISCORD,
            google GOOGLE,
            kakao KAKAO,
            facebook FACEBOOK,
            github GITHUB,
            microsoft MICROSOFT,
            naver NAVER,
            line LINE,
            bluesky BLUESKY,
            mastodon MASTODON,
        }
    };
}

macro_rules! built_in {
    ($($file:ident $NAME:ident,)*) => {
        $(pub use $file::$NAME;)*

        /// The built-in providers, in the order in which they are shown.
        pub static BUILT_IN: &[&Provider] = &[$(&$NAME),*];
    };
}

for_each_provider!(built_in);

/// Everything that sets one provider apart from another.
///
/// A definition states what is special and takes the rest from [`Provider::STANDARD`]. A program can
/// define its own:
///
/// ```
/// use native_oauth::provider::{Endpoints, Provider};
///
/// static EXAMPLE: Provider = Provider {
///     id: "example",
///     label: "Example",
///     issuer: "https://example.com",
///     endpoints: Endpoints {
///         authorization: "https://example.com/authorize",
///         token: "https://example.com/token",
///         userinfo: "https://example.com/userinfo",
///         ..Endpoints::NONE
///     },
///     scopes: &["profile", "email"],
///     ..Provider::STANDARD
/// };
/// ```
#[derive(Debug)]
pub struct Provider {
    /// Its name in configurations, and the last segment of its redirect URIs: small letters, digits
    /// and hyphens.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The issuer of its subjects, and the value of `iss` (RFC 9207, OpenID Connect Core 2).
    pub issuer: &'static str,
    /// What a user names besides it, where it has no authorization server of its own. Then
    /// [`Provider::issuer`] is empty.
    pub server_input: ServerInput,
    /// Whether every client receives the same subject for a user.
    pub subjects: SubjectType,
    /// How an `iss` is compared with it.
    pub issuer_rule: IssuerRule,
    /// Other spellings of [`Provider::issuer`] that its id_tokens are known to carry.
    pub issuer_aliases: &'static [&'static str],
    /// Where its requests go: URLs, or paths of a server that a user names.
    pub endpoints: Endpoints,
    /// The redirect methods that it accepts, the preferred first.
    pub redirect_methods: &'static [RedirectMethod],
    /// What it accepts as a loopback redirect URI.
    pub loopback: Loopback,
    /// What is asked for when the configuration names no scopes.
    pub scopes: &'static [&'static str],
    /// Parameters of the authorization request that only this provider wants.
    pub authorization_parameters: &'static [(&'static str, &'static str)],
    /// How the client shows its secret at the token endpoint, if it has one.
    pub secret: TokenEndpointAuthMethod,
    /// Which client may ask for a code for another device, where it gives such codes.
    pub device: DeviceClient,
    /// Whether the token response carries an id_token.
    pub id_token: IdToken,
    /// What its id_tokens may be signed with.
    pub id_token_key: IdTokenKey,
    /// Whether its id_tokens contain data that the profile requests do not.
    pub id_token_claims: IdTokenClaims,
    /// What an authorization request carries as `state`.
    pub state: StateFormat,
    /// How its token endpoint departs from RFC 6749.
    pub dialect: Dialect,
    /// What to ask for after the exchange.
    pub profile_requests: &'static [ProfileRequest],
    /// Reads the responses to [`Provider::profile_requests`].
    pub profile: fn(&ProfileResponses) -> Result<Profile, MissingField>,
    /// What means that a grant is invalid: an `error` of its token endpoint, a whole description, or the
    /// error of its API for a token that cannot be renewed. Nothing else ends a session (S43).
    pub invalid_grant_errors: &'static [&'static str],
    /// How its grants are revoked.
    pub revocations: Revocations,
    /// Scopes that a user can be asked for later.
    pub optional_scopes: &'static [&'static str],
    /// Whether an address that it calls verified proves whose it is (S39); reads the responses.
    pub trusts_email: fn(&ProfileResponses, &Profile) -> bool,
    /// Parameters that make it ask which account to use.
    pub select_account: &'static [(&'static str, &'static str)],
    /// Name of the parameter with the account that is expected to sign in, if the provider documents
    /// one (OpenID Connect Core, section 3.1.2.1: `login_hint`).
    pub login_hint: Option<&'static str>,
    /// The meanings of its error texts: the first whose text is the `error` itself, or is part of the
    /// description, has precedence over the meaning of the `error` in RFC 6749.
    pub error_meanings: &'static [(&'static str, ErrorKind)],
    /// What a user can grant to the application beside a sign-in.
    pub extra_grant: Option<&'static ExtraGrant>,
    /// Its pages for a user with an account there.
    pub account_pages: AccountPages,
    /// What a user needs to set a client up.
    pub set_up: SetUp,
}

/// What a user names besides a provider, to sign in there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum ServerInput {
    /// Nothing: the provider has one authorization server.
    #[default]
    None,
    /// The address of an issuer (OpenID Connect Discovery, section 4).
    Issuer,
    /// The host of a server, whose endpoints have the paths of [`Provider::endpoints`].
    Server,
    /// A handle of the account, whose server is looked up.
    Handle,
}

/// Client authentication at the token endpoint (RFC 6749, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenEndpointAuthMethod {
    /// `client_id` alone: a public client.
    None,
    /// `client_secret` in the body.
    #[serde(rename = "post")]
    ClientSecretPost,
    /// HTTP Basic.
    #[serde(rename = "basic")]
    ClientSecretBasic,
}

impl TokenEndpointAuthMethod {
    /// The value in the database and in `providers.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretPost => "post",
            Self::ClientSecretBasic => "basic",
        }
    }

    /// Reads what [`TokenEndpointAuthMethod::as_str`] wrote.
    pub fn parse(text: &str) -> Self {
        match text {
            "post" => Self::ClientSecretPost,
            "basic" => Self::ClientSecretBasic,
            _ => Self::None,
        }
    }
}

/// Which client may use the device flow (RFC 8628).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClient {
    /// The one of the authorization code grant.
    Same,
    /// That one, and it shows no secret there.
    WithoutSecret,
    /// One that is registered for nothing else.
    Apart,
}

/// What an authorization request carries as `state` (RFC 6749, section 4.1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateFormat {
    /// A JWT.
    #[default]
    Jwt,
    /// 32 hexadecimal digits, where a provider takes letters and digits only.
    Hex,
}

/// For which clients a subject is the same. It is unique at its issuer in either case (OpenID Connect Core,
/// section 8), except at a provider without OpenID Connect that numbers its users for each client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectType {
    /// For every client.
    Public,
    /// For one client alone: it is part of what an account is known by.
    Pairwise,
}

impl SubjectType {
    /// The client as part of what an account is known by; empty where it is none.
    pub fn client(self, id: &str) -> &str {
        match self {
            Self::Public => "",
            Self::Pairwise => id,
        }
    }
}

impl Provider {
    /// Whether its accounts are those of the AT Protocol: known by DIDs, whose documents say which
    /// server is theirs.
    pub fn is_atproto(&self) -> bool {
        self.server_input == ServerInput::Handle
    }

    /// The meaning of its error texts.
    pub fn explain(&self, error: &str, words: &str) -> Option<ErrorKind> {
        // A number is compared with the `error` only.
        let is_number = |needle: &str| needle.parse::<i64>().is_ok();
        let said = |needle: &str| {
            error.eq_ignore_ascii_case(needle) || (!is_number(needle) && words.contains(needle))
        };
        self.error_meanings.iter().find(|(needle, _)| said(needle)).map(|(_, code)| *code)
    }

    /// Whether a response of its API means that the token is invalid, by
    /// [`Provider::invalid_grant_errors`].
    pub fn is_invalid_token(&self, body: &Value) -> bool {
        let error = &body["error"];
        let number = error["code"].as_u64().map(|code| code.to_string());
        let said = [error.as_str(), body["message"].as_str(), number.as_deref()];
        said.into_iter().flatten().any(|said| self.invalid_grant_errors.contains(&said))
    }

    /// Whether an `iss` is of this provider, of any tenant (RFC 9207).
    pub fn is_issuer(&self, known: &str, iss: &str) -> bool {
        match (self.issuer_rule, known.split_once(TENANT)) {
            (IssuerRule::PerTenant, Some((before, after))) => iss
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(is_guid),
            (IssuerRule::Exact | IssuerRule::PerTenant, _) => iss == known,
        }
    }
}

/// Whether it is a GUID as Microsoft writes it.
fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The built-in provider of that id.
pub fn built_in(id: &str) -> Option<&'static Provider> {
    BUILT_IN.iter().copied().find(|provider| provider.id == id)
}

#[cfg(test)]
mod tests;
