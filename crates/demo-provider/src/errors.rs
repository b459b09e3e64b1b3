//! Errors of the token and device authorization endpoints, and tables of the responses to them.

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    GrantTypeMissing,
    GrantTypeUnsupported,
    ClientIdMissing,
    ClientUnknown,
    SecretMissing,
    SecretWrong,
    /// A public client sent a secret.
    SecretUnexpected,
    CodeMissing,
    /// Unknown, expired, used, or issued to another client.
    CodeInvalid,
    /// The redirect URI, or what else binds a code, is not that of the authorization request.
    Mismatch,
    VerifierMissing,
    VerifierWrong,
    /// There was no challenge.
    VerifierUnexpected,
    RefreshTokenMissing,
    /// Unknown, expired, revoked, or issued to another client.
    RefreshTokenInvalid,
    // Errors of a poll (RFC 8628 §3.5).
    Pending,
    TooSoon,
    Denied,
    Expired,
    /// Unknown, redeemed, or issued to another client.
    DeviceCodeInvalid,
}

/// The response to some errors.
#[derive(Debug)]
pub struct ErrorRow {
    pub errors: &'static [TokenError],
    pub status: u16,
    pub code: &'static str,
    /// `{}` is the value that was sent.
    pub text: &'static str,
    /// One more text, whose meaning is the provider's.
    pub more: &'static str,
}

/// A table of [`ErrorRow`]: `Error | Error => status code text more;`.
macro_rules! errors {
    ($($($error:ident)|+ => $status:literal $code:literal $text:literal $($more:literal)?;)*) => {
        &[$($crate::errors::ErrorRow {
            errors: &[$($crate::errors::TokenError::$error),+],
            status: $status,
            code: $code,
            text: $text,
            more: concat!($($more)?),
        },)*]
    };
}
pub(crate) use errors;
