//! Why a token request was refused, explained by what was sent and by the provider's own words.

use reqwest::StatusCode;
use url::form_urlencoded;

use crate::discovery::requirements::DPOP;
use crate::error::{Error, ErrorKind};
use crate::error_response::ErrorBody;
use crate::http::HttpResponse;
use crate::provider::{DeviceClient, Provider};

/// A refresh that the person has to be present for: the session is over until then (OpenID Connect
/// Core, section 3.1.2.6; Microsoft sends them from its token endpoint).
const NEEDS_THE_PERSON: &[&str] =
    &["interaction_required", "consent_required", "login_required", "account_selection_required"];
/// By these words a server says that it does not know the client at all, whatever its `error` is.
const UNKNOWN_CLIENT: &[&str] = &[
    "unknown client",
    "client not found",
    "client was not found",
    "client does not exist",
    "no such client",
    "client is unknown",
    "client is not registered",
];

/// By these a server refuses a code. glewlwyd says the second, GitHub the third.
const ABOUT_THE_CODE: [&str; 3] = ["invalid_grant", "invalid_code", "bad_verification_code"];

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// TokenResponse for a code, with a redirect URI.
    ErrorKind,
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
    pub(crate) grant: RequestKind,
    /// Whether the client showed a secret.
    pub(crate) secret: bool,
}

/// A refusal as it came.
#[derive(Debug)]
pub(crate) struct RefusedRequest {
    asked: SentRequest,
    status: StatusCode,
    refusal: ErrorBody,
    /// What is shown of it; where it has no `error`, the status stands in its place.
    words: String,
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// The provider refused.
    #[error("refused")]
    Refused(RefusedRequest),
    /// It could not be asked, or its answer could not be used.
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

    /// As a person is told.
    pub(crate) fn explain(self, provider: &Provider) -> Error {
        match self {
            Self::Refused(refused) => refused.explain(provider),
            Self::Other(error) => error,
        }
    }
}

impl SentRequest {
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
        let mut asked = Self { grant: RequestKind::Device, secret: in_header };
        for (name, value) in form {
            match (name.as_ref(), value.as_ref()) {
                ("client_secret", secret) if !secret.is_empty() => asked.secret = true,
                ("grant_type", "authorization_code") => asked.grant = RequestKind::ErrorKind,
                ("grant_type", "refresh_token") => asked.grant = RequestKind::Refresh,
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
    pub(super) fn refused(self, answer: &HttpResponse, refusal: ErrorBody) -> RequestError {
        let words = answer.secrets().scrub(&in_words(answer.status, &refusal));
        RequestError::Refused(RefusedRequest { asked: self, status: answer.status, refusal, words })
    }

    /// What a provider's words mean, by what was sent: a secret that was not sent cannot be wrong,
    /// and one that was sent is not missing.
    fn corrected(self, provider: &Provider, code: ErrorKind) -> ErrorKind {
        let Self { grant, secret } = self;
        match code {
            ErrorKind::PublicClientOff | ErrorKind::SecretMissing if secret => {
                ErrorKind::SecretRefused
            }
            // There nobody shows a secret, so it is the id.
            ErrorKind::SecretRefused
                if grant == RequestKind::Device
                    && provider.device == DeviceClient::WithoutSecret =>
            {
                ErrorKind::ClientUnknown
            }
            ErrorKind::SecretRefused if !secret => ErrorKind::SecretMissing,
            ErrorKind::SecretUnwanted if !secret => ErrorKind::ClientRefused,
            ErrorKind::CodeRefused
                if matches!(grant, RequestKind::Refresh | RequestKind::Profile) =>
            {
                ErrorKind::ProviderRefused
            }
            ErrorKind::RedirectRefused if grant != RequestKind::ErrorKind => {
                ErrorKind::ProviderRefused
            }
            code => code,
        }
    }
}

impl RefusedRequest {
    /// Whether the code was refused and nothing else. Words that speak of the redirect URI beside
    /// it say nothing of a code that nobody gave.
    pub(super) fn is_about_the_code(&self, provider: &Provider) -> bool {
        let code = self.by_own_words(provider).or_else(|| self.names_the_code());
        code.unwrap_or_else(|| self.code(provider)) == ErrorKind::CodeRefused
            && self.explain(provider).kind() != ErrorKind::ServerRequires
    }

    /// Whether the client was refused.
    pub(super) fn is_about_the_client(&self, provider: &Provider) -> bool {
        let speaks = ["client", "app id", "application"];
        !self.is_about_the_code(provider)
            && (self.code(provider).is_about_set_up()
                || speaks.iter().any(|word| speaks_of(&self.refusal.words(), word)))
    }

    fn names_the_code(&self) -> Option<ErrorKind> {
        ABOUT_THE_CODE.contains(&self.refusal.error.as_str()).then_some(ErrorKind::CodeRefused)
    }

    /// As a person is told: what it is about, and the provider's words.
    pub(crate) fn explain(&self, provider: &Provider) -> Error {
        let ErrorBody { error, description } = &self.refusal;
        if self.asked.grant == RequestKind::Refresh {
            let dead = |word: &&str| *word == error || *word == description;
            if provider.invalid_grant_errors.iter().any(dead)
                || NEEDS_THE_PERSON.contains(&error.as_str())
            {
                return Error::new(ErrorKind::SessionEnded).detail(&self.words);
            }
        }
        if speaks_of(description, "dpop") || error.contains("dpop") {
            return Error::new(ErrorKind::ServerRequires).detail(DPOP);
        }
        Error::new(self.code(provider)).detail(&self.words)
    }

    /// Tells refusals apart where a person could act on them. Providers use the codes of RFC 6749,
    /// section 5.2 loosely, so the description is read as well.
    pub(super) fn code(&self, provider: &Provider) -> ErrorKind {
        self.by_own_words(provider)
            .unwrap_or_else(|| self.asked.corrected(provider, self.by_the_standard()))
    }

    /// What the provider's documented words mean.
    pub(super) fn by_own_words(&self, provider: &Provider) -> Option<ErrorKind> {
        let ErrorBody { error, description } = &self.refusal;
        let code = provider.explain(error, description)?;
        Some(self.asked.corrected(provider, code))
    }

    fn by_the_standard(&self) -> ErrorKind {
        let ErrorBody { error, description } = &self.refusal;
        match error.as_str() {
            "redirect_uri_mismatch" => ErrorKind::RedirectRefused,
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
            // The last is said of a client that may not spend codes at all.
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
            // RFC 6749, section 5.2 has no such error: a person who denies comes back without a
            // code. Auth0 says it of a wrong id or secret.
            "access_denied" if self.asked.grant == RequestKind::ErrorKind => {
                ErrorKind::ClientRefused
            }
            // The second is Microsoft's word for it in the device flow.
            "access_denied" | "authorization_declined" => ErrorKind::AccessDenied,
            // RFC 8628, section 3.5.
            "expired_token" => ErrorKind::TimedOut,
            "temporarily_unavailable" | "server_error" => ErrorKind::ProviderBusy,
            // RFC 6749, section 5.2: the client could not be authenticated.
            _ if self.status == StatusCode::UNAUTHORIZED => ErrorKind::ClientRefused,
            _ => ErrorKind::ProviderRefused,
        }
    }
}

fn in_words(status: StatusCode, refusal: &ErrorBody) -> String {
    match refusal.error.is_empty() {
        true => format!("{status} {}", refusal.description),
        false => refusal.words(),
    }
}

fn speaks_of(description: &str, word: &str) -> bool {
    description.to_ascii_lowercase().contains(word)
}

/// Why a profile request was refused, and the status first: only 401 is about the token (RFC 6750,
/// section 3.1).
pub(super) fn of_profile(provider: &Provider, answer: &HttpResponse) -> Error {
    let refusal = answer.refusal();
    let asked = SentRequest { grant: RequestKind::Profile, secret: false };
    let explained = provider.explain(&refusal.error, &refusal.description);
    let code = match (answer.status, explained) {
        (StatusCode::UNAUTHORIZED, _) => ErrorKind::ProfileRefused,
        (_, Some(code)) => asked.corrected(provider, code),
        (StatusCode::FORBIDDEN, None) => ErrorKind::ProfileRefused,
        (_, None) => ErrorKind::ProviderRefused,
    };
    answer.error(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{OIDC, built_in};

    const WITH_SECRET: SentRequest = SentRequest { grant: RequestKind::ErrorKind, secret: true };
    const WITHOUT: SentRequest = SentRequest { grant: RequestKind::ErrorKind, secret: false };

    fn refused(asked: SentRequest, status: u16, body: &str) -> RefusedRequest {
        let status = StatusCode::from_u16(status).unwrap();
        let refusal = ErrorBody::read(body.as_bytes());
        let words = in_words(status, &refusal);
        RefusedRequest { asked, status, refusal, words }
    }

    fn explained(provider: &str, asked: SentRequest, body: &str) -> Error {
        refused(asked, 400, body).explain(built_in(provider).unwrap_or(&OIDC))
    }

    fn rfc(error: &str, description: &str) -> String {
        serde_json::json!({ "error": error, "error_description": description }).to_string()
    }

    fn graph(code: u64, message: &str) -> String {
        serde_json::json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}).to_string()
    }

    /// RFC 6749, section 5.2 has no `access_denied`: for a code it is about the client, on another
    /// device it is the person's (RFC 8628, section 3.5). Reported of Auth0, Twitch and Slack.
    #[test]
    fn a_refused_client_is_no_denial() {
        let of_device = SentRequest { grant: RequestKind::Device, secret: false };
        for (asked, body, code) in [
            (WITH_SECRET, rfc("access_denied", "Unauthorized"), ErrorKind::ClientRefused),
            (of_device, rfc("access_denied", ""), ErrorKind::AccessDenied),
            (
                WITH_SECRET,
                "{\"status\": 400, \"message\": \"invalid client\"}".to_owned(),
                ErrorKind::ClientRefused,
            ),
            (
                WITH_SECRET,
                "{\"status\": 403, \"message\": \"invalid client secret\"}".to_owned(),
                ErrorKind::ClientRefused,
            ),
            (WITH_SECRET, rfc("invalid_client_id", ""), ErrorKind::ClientRefused),
            (WITH_SECRET, rfc("bad_client_secret", ""), ErrorKind::ClientRefused),
        ] {
            assert_eq!(explained("company", asked, &body).kind(), code, "{body}");
        }
    }

    /// U13: each provider's own words for what is wrong with the set-up lead to what to do about it,
    /// by what was sent; the words themselves are kept beside.
    #[test]
    fn the_providers_own_words_are_explained() {
        let microsoft = |error, number: &str| {
            rfc(error, &format!("AADSTS{number}: x\r\nTrace ID: 7\r\nTimestamp: 2026-01-01"))
        };
        let snowflake = "Value \"x\" is not snowflake.";
        let old = serde_json::json!({ "client_id": [snowflake] }).to_string();
        let new = serde_json::json!({"message": "Invalid Form Body", "code": 50035, "errors": {"client_id": {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": snowflake}]}}}).to_string();
        let kakao = |error: &str, code: &str| {
            serde_json::json!({ "error": error, "error_description": "x", "error_code": code })
                .to_string()
        };
        for (provider, asked, body, code) in [
            ("discord", WITHOUT, rfc("invalid_client", ""), ErrorKind::PublicClientOff),
            ("discord", WITH_SECRET, rfc("invalid_client", ""), ErrorKind::SecretRefused),
            ("discord", WITH_SECRET, old, ErrorKind::ClientUnknown),
            ("discord", WITHOUT, new, ErrorKind::ClientUnknown),
            (
                "google",
                WITHOUT,
                rfc("invalid_request", "client_secret is missing."),
                ErrorKind::SecretMissing,
            ),
            (
                "google",
                WITH_SECRET,
                rfc("invalid_client", "The OAuth client was not found."),
                ErrorKind::ClientUnknown,
            ),
            (
                "google",
                WITH_SECRET,
                rfc("deleted_client", "The OAuth client was deleted."),
                ErrorKind::ClientUnknown,
            ),
            (
                "google",
                WITH_SECRET,
                rfc("invalid_client", "Unauthorized"),
                ErrorKind::SecretRefused,
            ),
            (
                "google",
                WITH_SECRET,
                rfc("redirect_uri_mismatch", "Bad Request"),
                ErrorKind::RedirectRefused,
            ),
            ("kakao", WITHOUT, kakao("invalid_client", "KOE101"), ErrorKind::ClientUnknown),
            ("kakao", WITH_SECRET, kakao("invalid_client", "KOE010"), ErrorKind::SecretRefused),
            ("kakao", WITHOUT, kakao("invalid_client", "KOE010"), ErrorKind::SecretMissing),
            ("kakao", WITHOUT, kakao("invalid_request", "KOE004"), ErrorKind::LoginSwitchedOff),
            ("kakao", WITHOUT, kakao("invalid_request", "KOE005"), ErrorKind::NotATester),
            ("kakao", WITHOUT, kakao("invalid_request", "KOE006"), ErrorKind::RedirectRefused),
            ("kakao", WITHOUT, kakao("invalid_scope", "KOE205"), ErrorKind::ScopeNotSetUp),
            ("kakao", WITHOUT, kakao("invalid_grant", "KOE303"), ErrorKind::RedirectRefused),
            (
                "github",
                WITH_SECRET,
                rfc("incorrect_client_credentials", ""),
                ErrorKind::SecretRefused,
            ),
            ("github", WITHOUT, rfc("incorrect_client_credentials", ""), ErrorKind::SecretMissing),
            ("github", WITHOUT, rfc("device_flow_disabled", ""), ErrorKind::DeviceFlowOff),
            ("github", WITH_SECRET, rfc("redirect_uri_mismatch", ""), ErrorKind::RedirectRefused),
            (
                "microsoft",
                WITHOUT,
                microsoft("unauthorized_client", "700016"),
                ErrorKind::ClientUnknown,
            ),
            (
                "microsoft",
                WITHOUT,
                microsoft("invalid_client", "7000218"),
                ErrorKind::PublicClientOff,
            ),
            (
                "microsoft",
                WITH_SECRET,
                microsoft("invalid_client", "700025"),
                ErrorKind::SecretUnwanted,
            ),
            (
                "microsoft",
                WITHOUT,
                microsoft("invalid_request", "50011"),
                ErrorKind::RedirectRefused,
            ),
            (
                "microsoft",
                WITHOUT,
                microsoft("invalid_request", "9002327"),
                ErrorKind::SinglePageApp,
            ),
            ("microsoft", WITHOUT, microsoft("invalid_request", "50194"), ErrorKind::SingleTenant),
            (
                "microsoft",
                WITHOUT,
                microsoft("invalid_request", "900144"),
                ErrorKind::ParameterMissing,
            ),
            (
                "naver",
                WITH_SECRET,
                rfc("invalid_client", "wrong client id / client secret pair"),
                ErrorKind::SecretRefused,
            ),
            (
                "line",
                WITH_SECRET,
                rfc("invalid_client", "invalid client_secret"),
                ErrorKind::SecretRefused,
            ),
            (
                "facebook",
                WITHOUT,
                graph(101, "Error validating application."),
                ErrorKind::ClientUnknown,
            ),
            (
                "facebook",
                WITHOUT,
                graph(191, "Missing redirect_uri parameter."),
                ErrorKind::RedirectRefused,
            ),
            (
                "facebook",
                WITH_SECRET,
                graph(1, "Error validating client secret."),
                ErrorKind::SecretRefused,
            ),
            (
                "facebook",
                WITHOUT,
                graph(
                    100,
                    "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
                ),
                ErrorKind::RedirectRefused,
            ),
            // idpyoidc's, and what else is no secret anywhere.
            (
                "company",
                WITHOUT,
                rfc("invalid_request", "Unknown Client ID"),
                ErrorKind::ClientUnknown,
            ),
            ("company", WITHOUT, rfc("use_dpop_nonce", ""), ErrorKind::ServerRequires),
            (
                "company",
                WITHOUT,
                rfc("invalid_grant", "DPoP proof JWT not provided"),
                ErrorKind::ServerRequires,
            ),
        ] {
            let told = explained(provider, asked, &body);
            assert_eq!(told.kind(), code, "{provider} {body}");
            assert!(told.words().is_some() && code.is_about_set_up(), "{told}");
        }
    }

    /// What is about this sign-in, or about nothing but patience, is not told as a fault of the
    /// set-up.
    #[test]
    fn refusals_are_told_apart() {
        for (provider, body, code) in [
            (
                "kakao",
                rfc("invalid_request", "client_secret is missing."),
                ErrorKind::ClientRefused,
            ),
            (
                "kakao",
                rfc("invalid_grant", "Invalid \"redirect_uri\" in request."),
                ErrorKind::RedirectRefused,
            ),
            ("kakao", rfc("redirect_uri_mismatch", ""), ErrorKind::RedirectRefused),
            (
                "kakao",
                rfc("invalid_grant", "KOE320: authorization code not found"),
                ErrorKind::CodeRefused,
            ),
            (
                "kakao",
                rfc("invalid_request", "KOE237: token request rate limit exceeded"),
                ErrorKind::ProviderBusy,
            ),
            (
                "kakao",
                rfc("invalid_request", "Invalid \"code_verifier\""),
                ErrorKind::ProviderRefused,
            ),
            ("kakao", rfc("temporarily_unavailable", ""), ErrorKind::ProviderBusy),
            ("naver", rfc("invalid_request", "no valid data in session"), ErrorKind::CodeRefused),
            ("facebook", graph(100, "Invalid verification code format."), ErrorKind::CodeRefused),
            (
                "facebook",
                graph(100, "This authorization code has been used."),
                ErrorKind::CodeRefused,
            ),
            (
                "facebook",
                graph(100, "ClientCheck accessing nonexisting field"),
                ErrorKind::ProviderRefused,
            ),
            (
                "facebook",
                graph(4, "(#4) Application request limit reached"),
                ErrorKind::ProviderBusy,
            ),
            ("company", rfc("invalid_code", ""), ErrorKind::CodeRefused),
        ] {
            assert_eq!(explained(provider, WITHOUT, &body).kind(), code, "{provider} {body}");
        }
    }

    /// A refusal without an `error` keeps its status and whatever it says; 401 is about the client.
    #[test]
    fn a_refusal_keeps_its_status() {
        for (status, body, code, words) in [
            (401, "", ErrorKind::ClientRefused, "401 Unauthorized"),
            (401, "Unauthorized", ErrorKind::ClientRefused, "401 Unauthorized Unauthorized"),
            (
                403,
                "<html><h1>Blocked</h1></html>",
                ErrorKind::ProviderRefused,
                "403 Forbidden Blocked",
            ),
            (400, "[]", ErrorKind::ProviderRefused, "400 Bad Request"),
            (
                404,
                "{\"reason\": \"gone\"}",
                ErrorKind::ProviderRefused,
                "404 Not Found reason: gone",
            ),
            (400, "{\"error\": \"x\"}", ErrorKind::ProviderRefused, "x"),
        ] {
            let told = refused(WITHOUT, status, body).explain(&OIDC);
            assert_eq!((told.kind(), told.words()), (code, Some(words)), "{status} {body}");
        }
    }

    /// S43: a session ends by the provider's own word for a dead grant, or where the person has to
    /// be present; by nothing else, and at no other request.
    #[test]
    fn a_refresh_ends_a_session_by_few_words() {
        let refresh = SentRequest { grant: RequestKind::Refresh, secret: false };
        for (error, code) in [
            ("invalid_grant", ErrorKind::SessionEnded),
            ("interaction_required", ErrorKind::SessionEnded),
            ("consent_required", ErrorKind::SessionEnded),
            ("login_required", ErrorKind::SessionEnded),
            ("account_selection_required", ErrorKind::SessionEnded),
            ("invalid_client", ErrorKind::ClientRefused),
            ("invalid_request", ErrorKind::ProviderRefused),
            ("temporarily_unavailable", ErrorKind::ProviderBusy),
            ("invalid_code", ErrorKind::ProviderRefused),
            ("redirect_uri_mismatch", ErrorKind::ProviderRefused),
        ] {
            assert_eq!(explained("company", refresh, &rfc(error, "")).kind(), code, "{error}");
            let elsewhere = explained("company", WITHOUT, &rfc(error, "")).kind();
            assert_ne!(elsewhere, ErrorKind::SessionEnded, "{error}");
        }
        assert_ne!(refused(refresh, 401, "").explain(&OIDC).kind(), ErrorKind::SessionEnded);
    }

    /// What a request carried is read from it.
    #[test]
    fn what_was_asked_is_known() {
        let of = |form: &str, header| {
            SentRequest::of_form(form_urlencoded::parse(form.as_bytes()), header)
        };
        assert_eq!(of("grant_type=authorization_code&client_secret=s", false), WITH_SECRET);
        assert_eq!(of("grant_type=authorization_code&client_secret=", false), WITHOUT);
        assert_eq!(of("grant_type=authorization_code", true), WITH_SECRET);
        assert_eq!(of("grant_type=refresh_token", false).grant, RequestKind::Refresh);
        assert_eq!(of("client_id=c&scope=x", false).grant, RequestKind::Device);
    }
}
