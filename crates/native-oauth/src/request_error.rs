//! The error of a refused token request, by the request and by the provider's error texts.

use reqwest::StatusCode;
use url::form_urlencoded;

use crate::error::{Error, ErrorKind};
use crate::error_response::ErrorBody;
use crate::http::HttpResponse;
use crate::provider::{DeviceClient, Provider};

/// A refresh that the user has to be present for: the session is over until then (OpenID Connect
/// Core, section 3.1.2.6; Microsoft sends them from its token endpoint).
const NEEDS_THE_PERSON: &[&str] =
    &["interaction_required", "consent_required", "login_required", "account_selection_required"];
/// Error texts for an unknown client, regardless of the `error`.
const UNKNOWN_CLIENT: &[&str] = &[
    "unknown client",
    "client not found",
    "client was not found",
    "client does not exist",
    "no such client",
    "client is unknown",
    "client is not registered",
];

/// Errors for an invalid code. glewlwyd sends the second, GitHub the third.
const ABOUT_THE_CODE: [&str; 3] = ["invalid_grant", "invalid_code", "bad_verification_code"];

/// The setting for a server that requires DPoP and does not announce it.
const DPOP_REQUIRED: &str = "dpop = \"required\"";

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// Tokens for a code, with a redirect URI.
    AuthorizationCode,
    /// An authorization request that is pushed (RFC 9126, section 2.1).
    Pushed,
    /// New tokens for old ones (RFC 6749, section 6).
    Refresh,
    /// A code for another device, or what came of it.
    Device,
    /// The profile, with an access token; or the end of a token.
    Profile,
}

/// What of a request explains a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentRequest {
    pub(crate) kind: RequestKind,
    /// Whether the client showed a secret.
    pub(crate) secret: bool,
    /// Whether it proved a key (RFC 9449).
    pub(crate) proof: bool,
}

/// A refusal as it came.
#[derive(Debug)]
pub(crate) struct RefusedRequest {
    asked: SentRequest,
    status: StatusCode,
    refusal: ErrorBody,
    /// Its text; without an `error`, the status.
    words: String,
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// The provider refused.
    #[error("refused")]
    Refused(RefusedRequest),
    /// It could not be asked, or its response could not be used.
    #[error(transparent)]
    Other(#[from] Error),
}

impl RequestError {
    /// The `error` of a refusal.
    pub(super) fn error(&self) -> &str {
        match self {
            Self::Refused(refused) => &refused.refusal.error,
            Self::Other(_) => "",
        }
    }

    /// The error with its text.
    pub(crate) fn explain(self, provider: &Provider) -> Error {
        match self {
            Self::Refused(refused) => refused.explain(provider),
            Self::Other(error) => error,
        }
    }
}

impl SentRequest {
    /// A request without a secret and without a proof.
    pub(crate) fn new(kind: RequestKind) -> Self {
        Self { kind, secret: false, proof: false }
    }

    /// What was asked by a request that `oauth2` prepared.
    pub(super) fn of(request: &oauth2::HttpRequest) -> Self {
        let in_header = request.headers().contains_key("authorization");
        let form = form_urlencoded::parse(request.body());
        Self::of_form(form, in_header)
    }

    /// What was asked by a form.
    pub(super) fn of_form<T: AsRef<str>>(
        form: impl Iterator<Item = (T, T)>,
        in_header: bool,
    ) -> Self {
        let mut asked = Self { secret: in_header, ..Self::new(RequestKind::Device) };
        for (name, value) in form {
            match (name.as_ref(), value.as_ref()) {
                ("client_secret", secret) if !secret.is_empty() => asked.secret = true,
                ("grant_type", "authorization_code") => asked.kind = RequestKind::AuthorizationCode,
                ("grant_type", "refresh_token") => asked.kind = RequestKind::Refresh,
                _ => {}
            }
        }
        asked
    }

    /// What a refusal is about.
    pub(super) fn code(
        self,
        provider: &Provider,
        status: StatusCode,
        refusal: ErrorBody,
    ) -> ErrorKind {
        let refused = RefusedRequest { asked: self, status, refusal, words: String::new() };
        refused.code(provider)
    }

    /// The refusal, without what was sent in confidence.
    pub(super) fn refused(self, response: &HttpResponse, refusal: ErrorBody) -> RequestError {
        let words = response.secrets().scrub(&in_words(response.status, &refusal));
        RequestError::Refused(RefusedRequest {
            asked: self,
            status: response.status,
            refusal,
            words,
        })
    }

    /// What a provider's words mean, by what was sent: a secret that was not sent cannot be wrong,
    /// and one that was sent is not missing.
    fn corrected(self, provider: &Provider, code: ErrorKind) -> ErrorKind {
        let Self { kind, secret, proof: _ } = self;
        match code {
            ErrorKind::PublicClientOff | ErrorKind::SecretMissing if secret => {
                ErrorKind::SecretRefused
            }
            // Without a secret, the client id is wrong.
            ErrorKind::SecretRefused
                if kind == RequestKind::Device
                    && provider.device == DeviceClient::WithoutSecret =>
            {
                ErrorKind::ClientUnknown
            }
            ErrorKind::SecretRefused if !secret => ErrorKind::SecretMissing,
            ErrorKind::SecretUnwanted if !secret => ErrorKind::ClientRefused,
            ErrorKind::CodeRefused
                if matches!(
                    kind,
                    RequestKind::Refresh | RequestKind::Profile | RequestKind::Pushed
                ) =>
            {
                ErrorKind::ProviderRefused
            }
            ErrorKind::RedirectRefused
                if !matches!(kind, RequestKind::AuthorizationCode | RequestKind::Pushed) =>
            {
                ErrorKind::ProviderRefused
            }
            code => code,
        }
    }
}

impl RefusedRequest {
    /// Whether only the code was refused. A text about the redirect URI beside
    /// it does not count for a code that was never issued.
    pub(super) fn is_about_the_code(&self, provider: &Provider) -> bool {
        let code = self.by_own_words(provider).or_else(|| self.names_the_code());
        code.unwrap_or_else(|| self.code(provider)) == ErrorKind::CodeRefused
            && !self.speaks_of_dpop()
    }

    /// Whether the client was refused.
    pub(super) fn is_about_the_client(&self, provider: &Provider) -> bool {
        let speaks = ["client", "app id", "application"];
        !self.is_about_the_code(provider)
            && (self.code(provider).is_about_set_up()
                || speaks.iter().any(|word| speaks_of(&self.refusal.text(), word)))
    }

    /// Whether the error says that the client is unknown or could not be authenticated (RFC 6749,
    /// section 5.2). Neither a status nor the text of a page decides that.
    pub(super) fn is_of_unknown_client(&self, provider: &Provider) -> bool {
        let by_error = || Some(self.asked.corrected(provider, self.by_error()?));
        let kind = self.by_own_words(provider).or_else(by_error);
        let is_of_client = matches!(
            kind,
            Some(
                ErrorKind::ClientUnknown
                    | ErrorKind::ClientRefused
                    | ErrorKind::SecretMissing
                    | ErrorKind::SecretRefused
                    | ErrorKind::SecretUnwanted
            )
        );
        is_of_client && !self.refusal.error.is_empty() && !self.is_about_the_code(provider)
    }

    fn names_the_code(&self) -> Option<ErrorKind> {
        ABOUT_THE_CODE.contains(&self.refusal.error.as_str()).then_some(ErrorKind::CodeRefused)
    }

    /// The error with its kind and the provider's text.
    pub(crate) fn explain(&self, provider: &Provider) -> Error {
        let ErrorBody { error, description } = &self.refusal;
        if self.asked.kind == RequestKind::Refresh {
            let dead = |word: &&str| *word == error || *word == description;
            if provider.invalid_grant_errors.iter().any(dead)
                || NEEDS_THE_PERSON.contains(&error.as_str())
            {
                return Error::new(ErrorKind::SessionEnded).with_detail(&self.words);
            }
        }
        match (self.speaks_of_dpop(), self.asked.proof) {
            (true, true) => Error::new(ErrorKind::DpopRefused).with_detail(&self.words),
            (true, false) => Error::new(ErrorKind::NotAnnounced).with_detail(DPOP_REQUIRED),
            (false, _) => Error::new(self.code(provider)).with_detail(&self.words),
        }
    }

    fn speaks_of_dpop(&self) -> bool {
        let ErrorBody { error, description } = &self.refusal;
        speaks_of(description, "dpop") || error.contains("dpop")
    }

    /// Tells refusals apart where a user could act on them. Providers use the codes of RFC 6749,
    /// section 5.2 loosely, so the description is read as well.
    pub(super) fn code(&self, provider: &Provider) -> ErrorKind {
        self.by_own_words(provider)
            .unwrap_or_else(|| self.asked.corrected(provider, self.by_the_standard()))
    }

    /// The kind by the provider's documented error texts.
    pub(super) fn by_own_words(&self, provider: &Provider) -> Option<ErrorKind> {
        let ErrorBody { error, description } = &self.refusal;
        let code = provider.explain(error, description)?;
        Some(self.asked.corrected(provider, code))
    }

    fn by_the_standard(&self) -> ErrorKind {
        self.by_error().unwrap_or(match self.status {
            // RFC 6749, section 5.2: the client could not be authenticated.
            StatusCode::UNAUTHORIZED => ErrorKind::ClientRefused,
            _ => ErrorKind::ProviderRefused,
        })
    }

    /// The kind by the error and its description.
    fn by_error(&self) -> Option<ErrorKind> {
        let ErrorBody { error, description } = &self.refusal;
        Some(match error.as_str() {
            "redirect_uri_mismatch" | "invalid_redirect_uri" => ErrorKind::RedirectRefused,
            _ if ["redirect_uri", "redirect uri"]
                .iter()
                .any(|word| speaks_of(description, word)) =>
            {
                ErrorKind::RedirectRefused
            }
            _ if UNKNOWN_CLIENT.iter().any(|words| speaks_of(description, words)) => {
                ErrorKind::ClientUnknown
            }
            "invalid_scope" => ErrorKind::ScopeNotSetUp,
            // The last is for a client that may not use the grant type.
            "invalid_client"
            | "unauthorized_client"
            | "incorrect_client_credentials"
            | "unsupported_grant_type" => ErrorKind::ClientRefused,
            "invalid_request" if speaks_of(description, "client_secret") => {
                ErrorKind::ClientRefused
            }
            // Reported of Slack.
            "invalid_client_id" | "bad_client_secret" => ErrorKind::ClientRefused,
            _ if self.names_the_code().is_some() => ErrorKind::CodeRefused,
            // Reported of Twitch, which has no `error`.
            _ if speaks_of(description, "invalid client") => ErrorKind::ClientRefused,
            // RFC 6749, section 5.2 has no such error: a user who denies comes back without a
            // code. Auth0 says it of a wrong id or secret.
            "access_denied" if self.asked.kind == RequestKind::AuthorizationCode => {
                ErrorKind::ClientRefused
            }
            // The second is Microsoft's word for it in the device flow.
            "access_denied" | "authorization_declined" => ErrorKind::AccessDenied,
            // RFC 8628, section 3.5.
            "expired_token" => ErrorKind::TimedOut,
            "temporarily_unavailable" | "server_error" => ErrorKind::ProviderBusy,
            _ => return None,
        })
    }
}

fn in_words(status: StatusCode, refusal: &ErrorBody) -> String {
    match refusal.error.is_empty() {
        true => format!("{status} {}", refusal.description),
        false => refusal.text(),
    }
}

fn speaks_of(description: &str, word: &str) -> bool {
    description.to_ascii_lowercase().contains(word)
}

/// Why a profile request was refused, and the status first: only 401 is about the token (RFC 6750,
/// section 3.1).
pub(super) fn of_profile(provider: &Provider, response: &HttpResponse) -> Error {
    let refusal = response.refusal();
    let asked = SentRequest::new(RequestKind::Profile);
    let explained = provider.explain(&refusal.error, &refusal.description);
    let code = match (response.status, explained) {
        (StatusCode::UNAUTHORIZED, _) => ErrorKind::ProfileRefused,
        (_, Some(code)) => asked.corrected(provider, code),
        (StatusCode::FORBIDDEN, None) => ErrorKind::ProfileRefused,
        (_, None) => ErrorKind::ProviderRefused,
    };
    response.error(code)
}

#[cfg(test)]
pub(crate) mod tests;
