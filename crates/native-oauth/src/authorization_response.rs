//! Parses an authorization response, from the redirect URI with its query. A pure function, the same for every
//! redirect method.

use url::form_urlencoded;

use crate::discovery::requirements::SIGNED_REQUEST;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::Provider;
use crate::provider_config::{IssRule, ProviderConfig};

/// Longest response, in bytes (S20).
pub const MAX_RESPONSE_BYTES: usize = 8 * 1024;

/// The setting for a server that requires pushed requests and does not announce it.
const PAR_REQUIRED: &str = "par = \"required\"";

/// The parameters that are read; each may come once (RFC 6749, section 3.1). `access_token` is not
/// among them: a token in a response is ignored (S6).
const PROTOCOL: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    // Facebook's, with the others or instead of them.
    "error_code",
    "error_message",
    "error_reason",
];

/// An authorization code: used once, by value, and never shown.
pub struct AuthorizationCode {
    code: String,
    state: String,
}

impl AuthorizationCode {
    /// A code that no provider issued.
    pub fn random() -> Self {
        let text = || uuid::Uuid::new_v4().simple().to_string();
        Self { code: text(), state: text() }
    }

    /// The code, to exchange it.
    pub fn into_inner(self) -> String {
        self.code
    }

    /// The state that it came with.
    pub fn state(&self) -> &str {
        &self.state
    }
}

redacted!(AuthorizationCode);

/// An authorization response (RFC 6749, section 4.1.2). Its sender is unknown until its state is verified.
#[derive(Debug)]
pub struct AuthorizationResponse {
    /// The redirect URI that it came to, without query and fragment.
    pub redirect_uri: String,
    /// `state`, which identifies the attempt.
    pub state: String,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
    /// A code or an error.
    pub outcome: Outcome,
}

impl AuthorizationResponse {
    /// The authorization code. The issuer is checked first, of success and error responses alike
    /// (RFC 9207, section 2.4). State and redirect URI are not: the caller has matched them with the
    /// request (in `nameplate`, `matching_attempt` of `sign_in/complete.rs`).
    ///
    /// # Errors
    /// [`ErrorKind::IssuerMismatch`], [`ErrorKind::IssuerMissing`], or what an error response means.
    pub fn into_code(self, config: &ProviderConfig, iss: IssRule) -> Result<AuthorizationCode> {
        match (&self.iss, iss) {
            (Some(iss), _) if !config.is_issuer(iss) => {
                return Err(Error::new(ErrorKind::IssuerMismatch).with_detail(iss));
            }
            (None, IssRule::Required) => return Err(Error::new(ErrorKind::IssuerMissing)),
            (Some(_) | None, _) => {}
        }
        match self.outcome {
            Outcome::Code(code) => Ok(code),
            Outcome::Error(error) => Err(error.explain(config.provider)),
        }
    }
}

/// The result in an authorization response.
#[derive(Debug)]
pub enum Outcome {
    /// RFC 6749, section 4.1.2.
    Code(AuthorizationCode),
    /// RFC 6749, section 4.1.2.1.
    Error(ErrorResponse),
}

/// An error response (RFC 6749, section 4.1.2.1).
#[derive(Debug)]
pub struct ErrorResponse {
    error: String,
    detail: String,
}

impl ErrorResponse {
    /// What it means in this provider's dialect.
    pub fn explain(self, provider: &Provider) -> Error {
        let detail = self.detail.to_ascii_lowercase();
        let code = match self.error.to_ascii_lowercase().as_str() {
            // LINE writes its errors in capitals.
            "access_denied" => ErrorKind::AccessDenied,
            _ if detail.contains("pushed authorization request") => {
                return Error::new(ErrorKind::NotAnnounced).with_detail(PAR_REQUIRED);
            }
            "invalid_request" if detail.contains("request object") => {
                return Error::new(ErrorKind::ServerRequires).with_detail(SIGNED_REQUEST);
            }
            error => provider.explain(error, &self.detail).unwrap_or(match error {
                "invalid_scope" => ErrorKind::ScopeNotSetUp,
                "unauthorized_client" => ErrorKind::ClientRefused,
                _ => ErrorKind::ProviderRefused,
            }),
        };
        Error::new(code).with_detail(self.detail)
    }
}

/// Parses the URL that the browser was redirected to. The fragment is not read.
pub fn parse(address: &str) -> Result<AuthorizationResponse> {
    let address = address.trim();
    if address.len() > MAX_RESPONSE_BYTES {
        return Err(Error::new(ErrorKind::ResponseTooLong));
    }
    let address = address.split('#').next().unwrap_or_default();
    let (redirect_uri, query) =
        address.split_once('?').ok_or(Error::new(ErrorKind::NotAResponse))?;
    let [code, state, iss, error, description, _uri, number, message, reason] =
        protocol_parameters(query)?;
    let state = state.ok_or(Error::new(ErrorKind::UnknownState))?;
    let more = [number, reason, description.or(message)];
    let outcome = match (error, code) {
        (None, Some(code)) => Outcome::Code(AuthorizationCode { code, state: state.clone() }),
        // Facebook has refusals without an `error`.
        (None, None) if more.iter().all(Option::is_none) => {
            return Err(Error::new(ErrorKind::NotAResponse));
        }
        (error, _) => Outcome::Error(error_response(error, more)),
    };
    Ok(AuthorizationResponse { redirect_uri: redirect_uri.to_owned(), state, iss, outcome })
}

/// Each protocol parameter, in the order of [`PROTOCOL`]; an empty one counts as absent
/// (RFC 6749, section 3.1).
fn protocol_parameters(query: &str) -> Result<[Option<String>; PROTOCOL.len()]> {
    let mut found: [Option<String>; PROTOCOL.len()] = Default::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(place) = PROTOCOL.iter().position(|known| *known == name) else { continue };
        if found[place].replace(value.into_owned()).is_some() {
            return Err(Error::new(ErrorKind::DuplicateParameter).with_detail(name));
        }
    }
    Ok(found.map(|value| value.filter(|value| !value.is_empty())))
}

fn error_response(error: Option<String>, more: [Option<String>; 3]) -> ErrorResponse {
    let detail: Vec<_> = error.clone().into_iter().chain(more.into_iter().flatten()).collect();
    ErrorResponse { error: error.unwrap_or_default(), detail: detail.join(": ") }
}

#[cfg(test)]
mod tests;
