//! The specification of an authorization endpoint.

use axum::http::StatusCode;
use maud::Markup;

use super::Request;
use crate::clients::Client;
use crate::grants::{AuthorizationRequest, Grant};
use crate::language::{Language, Text};
use crate::params::Params;
use crate::random;
use crate::response::Pairs;

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

/// The result of a check of an authorization request.
pub type Checked<T = ()> = Result<T, AuthorizationError>;

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
