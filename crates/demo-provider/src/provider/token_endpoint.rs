//! The specification of a token endpoint.

use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{BasicAuth, Request};
use crate::clients::Client;
use crate::errors::{ErrorRow, TokenError};
use crate::grants::{Code, Grant, Lifetimes, NewTokens, Rotation};
use crate::params::Params;
use crate::random;
use crate::response::Refusal;

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
