//! Why a request was not sent, or its response not given to the page.

use nameplate::Problem;
use serde::Serialize;

/// Kind of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalCode {
    /// The arguments cannot be read.
    BadRequest,
    /// The URL is not absolute, or servers could read it in two ways.
    BadUrl,
    /// The app allows no API with this origin for accounts of the account's provider, or the account
    /// signed in at another server than is configured for the provider: `problem` names the setting.
    OriginRefused,
    /// The app allows other paths of this origin only.
    PathRefused,
    /// The method is none, or one that the Fetch standard forbids.
    BadMethod,
    /// A header's name or value has characters that HTTP does not allow.
    BadHeader,
    /// The body of the request is larger than the app allows.
    RequestTooLarge,
    /// The body of the response is larger than the app allows.
    ResponseTooLarge,
    /// The API answered with a redirect, which no token follows.
    Redirected,
    /// The API could not be reached, or the response ended early.
    NetworkFailed,
    /// The window cancelled the request.
    Cancelled,
    /// The window has a request with this id already.
    IdInUse,
    /// The window has no request with this id.
    UnknownId,
    /// The window has as many requests as one may have.
    TooManyRequests,
    /// There is no valid token: `problem` says why.
    NoToken,
    /// The account's token is bound to a key of the engine (RFC 9449), and needs a proof with each
    /// request, which is not supported.
    TokenBound,
}

/// Why a request was not sent, or its response not given to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Refusal {
    /// To branch on.
    pub code: RefusalCode,
    /// For the developer, in English. Has no token and no part of a response.
    pub message: String,
    /// For the user, if the account has no valid token for this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub problem: Option<Box<Problem>>,
}

impl Refusal {
    /// Without a problem of the account.
    pub fn new(code: RefusalCode, message: &str) -> Self {
        Self { code, message: message.to_owned(), problem: None }
    }

    /// The account has no valid token.
    pub fn no_token(problem: Box<Problem>) -> Self {
        let problem = Some(problem);
        Self { problem, ..Self::new(RefusalCode::NoToken, "the account has no valid token") }
    }

    /// The account signed in with another client, or at another issuer or token endpoint, than is
    /// configured for its provider.
    pub fn of_other_server(problem: Box<Problem>) -> Self {
        let message = "the account signed in at another server than is configured";
        Self { problem: Some(problem), ..Self::new(RefusalCode::OriginRefused, message) }
    }
}
