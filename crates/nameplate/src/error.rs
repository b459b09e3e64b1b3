//! The errors, with a code of its own wherever the user can act differently.

use std::fmt;

use native_oauth::error::Cause;
use native_oauth::{ErrorKind, for_each_error_kind, text};
use serde::{Deserialize, Serialize};

/// Longest detail, in characters.
const MAX_DETAIL_CHARS: usize = 300;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed operation. What a program can do about it is its [`reaction`](Error::reaction); what a
/// user reads is explained by its [`code`](Error::code) ([`Nameplate::explain`]). Its source is the
/// error that caused it: of the protocol ([`native_oauth::Error`]), of the database or of the system.
///
/// Neither its `Display` nor its `Debug`, nor those of its source, ever carry a token, code, verifier
/// or secret.
///
/// [`Nameplate::explain`]: crate::Nameplate::explain
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}{}", detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
pub struct Error {
    code: Code,
    provider: Option<String>,
    server: Option<String>,
    detail: Option<String>,
    #[source]
    cause: Option<Cause>,
}

/// The cause takes no part in it: it is not stored.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let Self { code, provider, server, detail, cause: _ } = self;
        (*code, provider, server, detail)
            == (other.code, &other.provider, &other.server, &other.detail)
    }
}

impl Eq for Error {}

impl Error {
    /// An error with nothing more to say than its code.
    pub fn new(code: Code) -> Self {
        Self { code, provider: None, server: None, detail: None, cause: None }
    }

    /// An error with its cause, whose text is the detail.
    pub(crate) fn caused(
        code: Code,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        let error = Self::new(code).with_detail(&cause);
        Self { cause: Some(Cause::new(cause)), ..error }
    }

    /// The same error with another code, where a caller knows better what it means.
    #[must_use]
    pub(crate) fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// Adds the message of the provider or system: a provider's description, a path, a line and a reason.
    /// Hidden characters are dropped and the rest is cut at 300 characters.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        let shown = text::line(&detail.to_string(), MAX_DETAIL_CHARS);
        self.detail = Some(shown).filter(|shown| !shown.is_empty());
        self
    }

    /// Names the provider entry concerned.
    #[must_use]
    pub fn at(mut self, provider: &str) -> Self {
        self.provider.get_or_insert_with(|| text::line(provider, MAX_DETAIL_CHARS));
        self
    }

    /// Names the server that a user named besides the provider.
    #[must_use]
    pub fn of_server(mut self, server: &str) -> Self {
        self.server.get_or_insert_with(|| text::line(server, MAX_DETAIL_CHARS));
        self
    }

    /// What to tell apart by.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The provider entry concerned.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// The server that a user named besides the provider.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The message of the provider or system.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<native_oauth::Error> for Error {
    fn from(error: native_oauth::Error) -> Self {
        Self {
            code: error.kind().into(),
            provider: error.provider().map(str::to_owned),
            server: None,
            detail: error.detail().map(str::to_owned),
            cause: Some(Cause::new(error)),
        }
    }
}

/// Declares [`Code`]: the kinds of protocol errors, and those that only this crate has.
macro_rules! codes {
    (
        protocol { $($(#[$_doc:meta])* $kind:ident,)* }
        own { $($(#[$doc:meta])* $name:ident,)* }
    ) => {
        /// What kind of failure; the key of its sentence in `messages/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $(#[doc = concat!("[`native_oauth::ErrorKind::", stringify!($kind), "`].")] $kind,)*
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)* $(Self::$name),*];
        }

        impl From<ErrorKind> for Code {
            fn from(kind: ErrorKind) -> Self {
                match kind {
                    $(ErrorKind::$kind => Self::$kind,)*
                    // Never: a test compares the two lists.
                    _ => Self::ProviderRefused,
                }
            }
        }
    };
}

for_each_error_kind! {
    codes
    own {
        /// No entry of that id.
        UnknownProvider,
        /// The provider is at a server that the user has to name.
        ServerMissing,
        /// The browser would open a host that the user neither named nor confirmed; it is in the detail
        /// ([`SignInRequest::confirmed_host`](crate::SignInRequest::confirmed_host)).
        HostNotConfirmed,
        /// What was typed is no address of a server.
        ServerMalformed,
        /// The same as [`Code::DiscoveryMismatch`], at a server that the user named.
        ServerMismatch,
        /// There is no such server at the address; which kind is in the detail.
        WrongServer,
        /// A server gave a client id that belongs to another server.
        ClientOfAnother,
        /// `providers.toml` or `.env` cannot be read; line and reason are in the detail.
        ConfigUnreadable,
        /// `providers.toml` cannot be written.
        ConfigUnwritable,
        /// The environment or `.env` names the client; which variable is in the detail.
        FixedElsewhere,
        /// No response came in time, which may be because the provider keeps such errors on its own
        /// page.
        ErrorOnPage,
        /// No browser could be opened.
        NoBrowser,
        /// The device has no keychain service.
        KeychainAbsent,
        /// The keychain is locked and stayed so.
        KeychainLocked,
        /// The keychain has not answered yet: it may wait to be unlocked.
        KeychainWaiting,
        /// Another process works on the account.
        AccountBusy,
        /// More than one keychain entry matches.
        KeychainAmbiguous,
        /// The keychain takes no entry of that size.
        KeychainTooLong,
        /// The keychain failed in another way.
        KeychainFailed,
        /// The home folder cannot be made, or its path has a control character.
        HomeRefused,
        /// The program runs on an operating system that is not supported, such as Android or iOS.
        Unsupported,
        /// The database cannot be used.
        StoreFailed,
        /// Another process holds the database.
        StoreBusy,
        /// Another process updates the database, which is waited for.
        StoreUpdating,
        /// The database was written by a newer version.
        StoreNewer,
        /// The database was damaged and set aside; where is in the detail.
        StoreSetAside,
        /// The response was used already.
        AlreadyUsed,
        /// The user cancelled here.
        Cancelled,
        /// Another sign-in took this one's place.
        Superseded,
        /// The program that worked on the response ended before it was done.
        Interrupted,
        /// The session belongs to another client, issuer or endpoint than is set up now; the detail
        /// is the setting that differs, as it was at sign-in.
        SessionForeign,
        /// The session's tokens are bound to a key that its keychain item has lost.
        SessionKeyLost,
        /// The server does not accept the client that was registered there by itself; the next sign-in
        /// registers another one.
        ClientForgotten,
        /// The same as [`Code::NeedsSignIn`], at a provider whose sessions are short.
        ShortSession,
        /// Another running program keeps the session for its own run.
        SessionElsewhere,
        /// The account's session is over or not here: the user has to sign in again.
        NeedsSignIn,
        /// An extra grant succeeded, and the response does not say for what.
        GrantTargetMissing,
        /// The provider has no bots.
        NoExtraGrant,
        /// A device code is waited for, and the provider cannot be reached just now.
        StillAsking,
        /// No account of that name is on this device.
        UnknownAccount,
        /// Several accounts have the name; unique names are in the detail.
        AmbiguousAccount,
        /// The user that an account was to be added to is not on this device any more.
        PersonGone,
        /// Two accounts that were offered to be linked are not trusted to be one user's any more.
        OfferWithdrawn,
        /// The account is the user's last one.
        LastAccount,
        /// The account belongs to another user on this device.
        AccountElsewhere,
        /// Another account signed in than the one that was to sign in again.
        OtherAccount,
        /// What was typed is no e-mail address.
        BadAddress,
        /// The password is too short.
        WeakPassword,
        /// A profile with this address is on this device already.
        AddressTaken,
        /// The password is wrong, or there is no such profile.
        WrongPassword,
        /// The keychain has lost what a profile's password is checked against.
        ProfileLost,
        /// The account is of this device alone and has no access token.
        NoAccessToken,
        /// The account has no refresh token, so its access token cannot be renewed.
        NoRefreshToken,
        /// The provider was not told; it is tried again.
        RevokeLater,
        /// The provider was not told, for the reason of [`Code::SessionForeign`].
        RevokeForeign,
        /// The provider was not told, because it is not set up any more.
        RevokeNotSetUp,
        /// The provider refuses to end what it granted; it is not tried again.
        RevokeRefused,
        /// The provider offers no way to end what it granted.
        RevokeUnavailable,
        /// The keychain item with the token to revoke is missing or cannot be read.
        RevokeTokenLost,
        /// A setting has a value that does not exist.
        BadSetting,
        /// The browser insists on https for the loopback port.
        HttpsForced,
        /// After a restart the port of a waiting sign-in was taken.
        PortLost,
        /// The provider that the program itself runs cannot be started or offered.
        LoopbackProviderFailed,
        /// The picture could not be kept.
        PictureRefused,
    }
}

impl Code {
    /// See [`ErrorKind::is_about_set_up`].
    pub(crate) fn is_about_set_up(self) -> bool {
        ErrorKind::ALL.iter().any(|kind| kind.is_about_set_up() && Self::from(*kind) == self)
    }

    /// See [`ErrorKind::is_final`]; of what only this crate has, a lost key is final.
    pub(crate) fn is_final(self) -> bool {
        self == Self::SessionKeyLost
            || ErrorKind::ALL.iter().any(|kind| kind.is_final() && Self::from(*kind) == self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind of protocol error has the code of its name.
    #[test]
    fn every_protocol_error_has_a_code() {
        for kind in ErrorKind::ALL {
            assert_eq!(Code::from(*kind).to_string(), kind.to_string());
        }
    }

    #[test]
    fn a_detail_is_one_short_line() {
        let error =
            Error::new(Code::ProviderRefused).with_detail(format!("a\u{7}b\n{}", "x".repeat(500)));
        assert!(error.detail().unwrap().starts_with("abx"));
        assert_eq!(error.detail().unwrap().chars().count(), 300);
        assert_eq!(Error::new(Code::TimedOut).to_string(), "timed_out");
        assert_eq!(
            Error::new(Code::PortTaken).with_detail("53682").to_string(),
            "port_taken (53682)"
        );
    }
}
