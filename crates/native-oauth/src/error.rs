//! Errors of the protocol, with a kind for each case in which a caller can act differently.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::text;

/// The longest detail, in characters.
const MAX_DETAIL_CHARS: usize = 300;

/// The result of a request or a check.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What caused an error.
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Keeps an error, whose texts must have no secret in them.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl Deref for Cause {
    type Target = dyn std::error::Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// A failed step of the protocol. Its source is the error of the system or of the HTTP client that
/// caused it, if there is one.
///
/// Neither its `Display` nor its `Debug`, nor those of its source, ever carry a token, code, verifier
/// or secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind}{}", detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
pub struct Error {
    kind: ErrorKind,
    provider: Option<String>,
    detail: Option<String>,
    #[source]
    cause: Option<Cause>,
}

/// The cause takes no part in it: it is not stored.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let Self { kind, provider, detail, cause: _ } = self;
        (*kind, provider, detail) == (other.kind, &other.provider, &other.detail)
    }
}

impl Eq for Error {}

impl Error {
    /// An error of this kind, without a detail.
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, provider: None, detail: None, cause: None }
    }

    /// An error with its cause, whose text is the detail.
    pub(crate) fn caused(
        kind: ErrorKind,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        let error = Self::new(kind).with_detail(&cause);
        Self { cause: Some(Cause::new(cause)), ..error }
    }

    /// Adds the text of the server, or the value that is wrong. Hidden characters are dropped and
    /// the rest is cut at 300 characters.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        let shown = text::line(&detail.to_string(), MAX_DETAIL_CHARS);
        self.detail = Some(shown).filter(|shown| !shown.is_empty());
        self
    }

    /// The same error with another kind, where a caller knows better what it means.
    #[must_use]
    pub(crate) fn because(self, kind: ErrorKind) -> Self {
        Self { kind, ..self }
    }

    /// Names the provider configuration concerned; the first name stays.
    #[must_use]
    pub fn at(mut self, provider: &str) -> Self {
        self.provider.get_or_insert_with(|| text::line(provider, MAX_DETAIL_CHARS));
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Id of the provider configuration concerned.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// The text of the server, or the value that is wrong.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

/// The list of the kinds: calls a macro with `name! { protocol { documentation and name of each } }`
/// and what else is given.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_error_kind {
    ($callback:ident $($more:tt)*) => {
        $callback! {
            protocol {
                /// The authorization response names another issuer (RFC 9207, section 2.4).
                IssuerMismatch,
                /// The authorization response names no issuer although the metadata announce it (RFC 9207,
                /// section 2.4).
                IssuerMissing,
                /// The start link of a loopback redirect was opened twice.
                StartLinkReused,
                /// The entry has no client id.
                NotSetUp,
                /// The provider knows no client of that id.
                ClientUnknown,
                /// The provider wants the client's secret, and none was sent.
                SecretMissing,
                /// The client's secret is wrong, or sent or omitted against the provider's settings.
                SecretRefused,
                /// The client is public and must send no secret.
                SecretUnwanted,
                /// The provider takes this client for a confidential one: its switch for public clients is off.
                PublicClientOff,
                /// The device flow is switched off for this client.
                DeviceFlowOff,
                /// The redirect URI is registered for pages in a browser, whose tokens are for them alone.
                SinglePageApp,
                /// The client is for the people of one organization, and is asked for at an endpoint for all.
                SingleTenant,
                /// The request lacks what the endpoint wants: it is one of another version, or of another kind.
                ParameterMissing,
                /// Sign-in is switched off for this client.
                LoginSwitchedOff,
                /// The client is in development, and the user is none of its testers.
                NotATester,
                /// A scope is asked for that is not set up for the client.
                ScopeNotSetUp,
                /// The provider does not accept the redirect method.
                MethodRefused,
                /// Every port that the provider allows is taken.
                PortTaken,
                /// What came back is no response to an authorization request.
                NotAResponse,
                /// The response is larger than any real one.
                ResponseTooLong,
                /// A protocol parameter came twice (RFC 6749, section 3.1).
                DuplicateParameter,
                /// No sign-in is waiting for this response.
                UnknownState,
                /// The response came on another redirect URI than the one asked for.
                WrongRedirect,
                /// The user denied the request at the provider.
                AccessDenied,
                /// The provider wants the user's address confirmed first.
                EmailUnconfirmed,
                /// The provider answered with another error.
                ProviderRefused,
                /// The provider cannot be reached.
                Unreachable,
                /// A server that is not trusted is at an address that is not public; its host is in the detail.
                PrivateAddress,
                /// No secure connection to the provider could be made; why, is in the detail.
                TlsFailed,
                /// The provider asks for patience (429) or fails (5xx).
                ProviderBusy,
                /// The provider requests a delay; the seconds are in the detail.
                WaitAsked,
                /// An endpoint answered with a redirect, which is never followed.
                Redirected,
                /// A web page came in the place of a response, perhaps of a network that asks people to log in.
                ResponseUnreadable,
                /// A response violates its specification; the detail contains the violation.
                ResponseMalformed,
                /// The server requires what is not supported; what that is is in the detail.
                ServerRequires,
                /// The server requires an extension that its metadata do not announce; the detail is the setting
                /// of [`ProviderConfig`](crate::ProviderConfig) that switches it on, as `providers.toml` of the
                /// crate `nameplate` spells it.
                NotAnnounced,
                /// The server does not accept the proof of the session's key (RFC 9449, section 5).
                DpopRefused,
                /// The server asks for another nonce again, after one was sent (RFC 9449, section 8).
                DpopNonceRefused,
                /// The key of a session cannot be made, or does not sign.
                DpopKeyUnusable,
                /// A handle leads to no account (AT Protocol, Handle).
                HandleUnknown,
                /// A handle leads to several accounts.
                HandleAmbiguous,
                /// A handle leads to an account that has another handle; the detail is both.
                HandleMismatch,
                /// The document of a DID cannot be used.
                DidUnresolved,
                /// The documents of an account lead to another authorization server; the detail is which.
                AccountMoved,
                /// Another account signed in than the one that was named; the detail is which.
                SubjectMismatch,
                /// The issuer's metadata cannot be used.
                DiscoveryFailed,
                /// The metadata belongs to another issuer.
                DiscoveryMismatch,
                /// The server registers no client without an initial access token (RFC 7591, section 3).
                RegistrationClosed,
                /// The server refuses to register the client as it is (RFC 7591, section 3.2.2).
                RegistrationRefused,
                /// The token endpoint does not accept the client: id, secret or client type.
                ClientRefused,
                /// The token endpoint does not accept the redirect URI.
                RedirectRefused,
                /// The token endpoint does not accept the code: used, expired, or meant for another.
                CodeRefused,
                /// The token is of a kind that cannot be used (RFC 6749, section 7.1).
                TokenTypeRefused,
                /// The token is bound to no key although that was required (RFC 9449, section 5).
                TokenNotBound,
                /// A token is too long, or has characters that no token has; which, is in the detail.
                TokenMalformed,
                /// The provider has ended the session.
                SessionEnded,
                /// The id_token is missing.
                IdTokenMissing,
                /// The id_token's signature does not hold.
                IdTokenSignature,
                /// The id_token is signed with an algorithm that is not supported; its name is in the detail.
                IdTokenAlgorithm,
                /// The id_token comes from another issuer.
                IdTokenIssuer,
                /// The id_token was meant for another client.
                IdTokenAudience,
                /// The id_token is too old; or a clock is wrong.
                IdTokenExpired,
                /// The id_token answers another request.
                IdTokenNonce,
                /// The id_token lacks what it must have.
                IdTokenMalformed,
                /// `sub` of userinfo differs from that of the id_token.
                UserinfoMismatch,
                /// The device code expired before the user decided (RFC 8628, section 3.5).
                TimedOut,
                /// The profile has no usable id.
                ProfileMalformed,
                /// The access token does not open the profile.
                ProfileRefused,
                /// The optional part of the profile is switched off at the provider.
                ExtraRefused,
                /// The optional part of the profile could not be read this time.
                ExtraUnavailable,
                /// The addresses of the account could not be read.
                EmailUnavailable,
                /// The profile could not be read; the claims of the id_token are used.
                UserinfoUnavailable,
            }
            $($more)*
        }
    };
}

/// Declares [`ErrorKind`] with the names of its variants.
macro_rules! kinds {
    (protocol { $($(#[$doc:meta])* $name:ident,)* }) => {
        /// What kind of failure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The variant's name, such as `AccessDenied`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

for_each_error_kind!(kinds);

impl ErrorKind {
    /// Whether it is about how the client is registered or set up, and not about one sign-in.
    pub fn is_about_set_up(self) -> bool {
        matches!(
            self,
            Self::ClientRefused
                | Self::ClientUnknown
                | Self::RedirectRefused
                | Self::SecretMissing
                | Self::SecretRefused
                | Self::SecretUnwanted
                | Self::PublicClientOff
                | Self::DeviceFlowOff
                | Self::LoginSwitchedOff
                | Self::NotATester
                | Self::ScopeNotSetUp
                | Self::SinglePageApp
                | Self::SingleTenant
                | Self::ParameterMissing
                | Self::ServerRequires
                | Self::NotAnnounced
        )
    }

    /// Whether the provider has decided, so that the same request would be refused again. A
    /// provider out of reach, busy, redirecting or unreadable has not.
    pub fn is_final(self) -> bool {
        self.is_about_set_up()
            || matches!(self, Self::ProviderRefused | Self::AccessDenied | Self::CodeRefused)
    }
}

impl fmt::Display for ErrorKind {
    /// In snake case: `access_denied`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, c) in self.name().char_indices() {
            if at > 0 && c.is_ascii_uppercase() {
                f.write_str("_")?;
            }
            write!(f, "{}", c.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_one_short_line() {
        let long = format!("a\u{7}b\n{}", "x".repeat(500));
        let error = Error::new(ErrorKind::ProviderRefused).with_detail(long);
        assert!(error.detail().unwrap().starts_with("abx"));
        assert_eq!(error.detail().unwrap().chars().count(), 300);
        assert_eq!(Error::new(ErrorKind::NotATester).to_string(), "not_a_tester");
        let taken = Error::new(ErrorKind::PortTaken).with_detail("53682");
        assert_eq!(taken.to_string(), "port_taken (53682)");
    }
}
