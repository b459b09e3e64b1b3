//! What can go wrong, told apart where a person could act on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

/// Of a detail, in characters.
const LONGEST: usize = 300;

/// The result of an intention.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An intention that failed: what happened, and whose words explain it.
///
/// Neither its `Display` nor its `Debug` ever carries a token, code, verifier or secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}{}", detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
pub struct Error {
    code: Code,
    provider: Option<String>,
    detail: Option<String>,
}

impl Error {
    /// An error with nothing more to say than its code.
    pub fn new(code: Code) -> Self {
        Self { code, provider: None, detail: None }
    }

    /// Adds the words of whoever refused: a provider's description, a path, a line and a reason.
    /// Hidden characters are dropped and the rest is cut at 300 characters.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        let shown = text::line(&detail.to_string(), LONGEST);
        self.detail = Some(shown).filter(|shown| !shown.is_empty());
        self
    }

    /// The same failure by another code, where a caller knows better what it means.
    #[must_use]
    pub(crate) fn because(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// Names the provider entry concerned.
    #[must_use]
    pub fn at(mut self, provider: &str) -> Self {
        self.provider.get_or_insert_with(|| text::line(provider, LONGEST));
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

    /// See [`Error::detail`].
    pub fn words(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// Declares [`Code`] together with the list of all of them, which the tests of the words walk.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What kind of failure; the key of its sentence in `words/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    /// No entry of that id.
    UnknownProvider,
    /// The entry has no client id.
    NotSetUp,
    /// `providers.toml` or `.env` cannot be read; line and reason are in the detail.
    ConfigUnreadable,
    /// `providers.toml` cannot be written.
    ConfigUnwritable,
    /// The environment or `.env` names the client; which variable is in the detail.
    FixedElsewhere,
    /// The provider knows no client of that id.
    ClientUnknown,
    /// The provider wants the client's secret, and none was sent.
    SecretMissing,
    /// The client's secret is wrong, or sent or left out where the provider's switch says otherwise.
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
    /// The client is in development, and the person is none of its testers.
    NotATester,
    /// A scope is asked for that is not set up for the client.
    ScopeNotSetUp,
    /// Nobody answered in time, which may be because the provider keeps such errors on its own page.
    ErrorOnPage,
    /// The provider's answer cannot come back on that channel.
    ChannelRefused,
    /// Every port that the provider allows is taken.
    PortTaken,
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
    /// The database cannot be used.
    StoreFailed,
    /// Another process holds the database.
    StoreBusy,
    /// The database was written by a newer version.
    StoreNewer,
    /// The database was damaged and set aside; where is in the detail.
    StoreSetAside,
    /// What came back is no answer to an authorization request.
    NotAnAnswer,
    /// The answer is larger than any real one.
    AnswerTooLong,
    /// A protocol parameter came twice (RFC 6749, section 3.1).
    DuplicateParameter,
    /// No sign-in is waiting for this answer.
    UnknownState,
    /// The answer came on another redirect URI than the one asked for.
    WrongRedirect,
    /// The answer was used already.
    AlreadyUsed,
    /// The answer names another issuer (RFC 9207).
    IssuerMismatch,
    /// The answer names no issuer although the metadata announces it (RFC 9207).
    IssuerMissing,
    /// The person said no at the provider.
    AccessDenied,
    /// The provider wants the person's address confirmed first.
    EmailUnconfirmed,
    /// The provider answered with another error.
    ProviderRefused,
    /// The person cancelled here.
    Cancelled,
    /// Another sign-in took this one's place.
    Superseded,
    /// Nobody answered in time.
    TimedOut,
    /// The program that worked on the answer ended before it was done.
    Interrupted,
    /// The provider cannot be reached.
    Unreachable,
    /// No secure connection to the provider could be made; why, is in the detail.
    TlsFailed,
    /// The provider asks for patience (429) or fails (5xx).
    ProviderBusy,
    /// The provider says how long to wait; the seconds are in the detail.
    WaitAsked,
    /// An endpoint answered with a redirect, which is never followed.
    Redirected,
    /// A web page came in the place of an answer, perhaps of a network that asks people to log in.
    AnswerUnreadable,
    /// An answer is not what its document says; what is wrong is in the detail.
    AnswerMalformed,
    /// The server requires what is not supported; what that is is in the detail.
    ServerRequires,
    /// The issuer's metadata cannot be used.
    DiscoveryFailed,
    /// The metadata belongs to another issuer.
    DiscoveryMismatch,
    /// The token endpoint does not accept the client: id, secret or client type.
    ClientRefused,
    /// The token endpoint does not accept the redirect URI.
    RedirectRefused,
    /// The token endpoint does not accept the code: used, expired, or meant for another.
    CodeRefused,
    /// The token is of a kind that cannot be used (RFC 6749, section 7.1).
    TokenTypeRefused,
    /// A token is too long, or has characters that no token has; which, is in the detail.
    TokenMalformed,
    /// The provider says that the session is over.
    SessionEnded,
    /// The session belongs to another client, issuer or endpoint than is set up now; the detail is
    /// the setting that differs, as it was at sign-in.
    SessionForeign,
    /// Another running program keeps the session for its own run.
    SessionElsewhere,
    /// The account's session is over or not here: the person has to sign in again.
    NeedsSignIn,
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
    /// userinfo speaks of somebody else than the id_token.
    UserinfoMismatch,
    /// A bot was agreed to, and the answer does not say where.
    GuildMissing,
    /// The provider has no bots.
    NoBot,
    /// A device code is waited for, and the provider cannot be reached just now.
    StillAsking,
    /// The profile has no usable id.
    ProfileMalformed,
    /// The access token does not open the profile.
    ProfileRefused,
    /// No account of that id is on this device.
    UnknownAccount,
    /// The person whom an account was to be added to is not on this device any more.
    PersonGone,
    /// Two accounts that were offered to be linked are not trusted to be one person's any more.
    OfferWithdrawn,
    /// The account is the person's last one.
    LastAccount,
    /// The account belongs to another person on this device.
    AccountElsewhere,
    /// Somebody else came back than the one who was to sign in again.
    SomebodyElse,
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
    /// The provider refuses to end what it granted; it is not tried again.
    RevokeRefused,
    /// The provider offers no way to end what it granted.
    RevokeUnavailable,
    /// A setting has a value that does not exist.
    BadSetting,
    /// The link that the browser was told to open was opened twice.
    StartLinkReused,
    /// The browser insists on https for the loopback port.
    HttpsForced,
    /// After a restart the port of a waiting sign-in was taken.
    PortLost,
    /// The optional part of the profile is switched off at the provider.
    ExtraRefused,
    /// The optional part of the profile could not be read this time.
    ExtraUnavailable,
    /// The addresses of the account could not be read.
    EmailUnavailable,
    /// The profile could not be read; what the id_token says was taken.
    UserinfoUnavailable,
    /// The picture could not be kept.
    PictureRefused,
}

impl Code {
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
        )
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

    #[test]
    fn a_detail_is_one_short_line() {
        let error =
            Error::new(Code::ProviderRefused).detail(format!("a\u{7}b\n{}", "x".repeat(500)));
        assert!(error.words().unwrap().starts_with("abx"));
        assert_eq!(error.words().unwrap().chars().count(), 300);
        assert_eq!(Error::new(Code::TimedOut).to_string(), "timed_out");
        assert_eq!(Error::new(Code::PortTaken).detail("53682").to_string(), "port_taken (53682)");
    }
}
