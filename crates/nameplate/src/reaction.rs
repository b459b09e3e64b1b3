//! What a program can do about an error.

use crate::error::{Code, Error};

/// What a program can do about an error of any operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaction {
    /// Let the user sign in again: the session has ended or is lost.
    SignIn,
    /// Try again later: the provider is out of reach or busy, or another process works on it.
    Wait,
    /// Let the user unlock the keychain, or store the session in memory
    /// ([`TokenStorage::Memory`](crate::TokenStorage::Memory)): the keychain is locked, absent or
    /// refuses.
    Keychain,
    /// Let the user set the provider up, or correct its configuration.
    SetUp,
    /// Nothing: the user denied, cancelled, or did not come back.
    Nothing,
    /// Show the error; its message names the next step.
    Show,
}

impl Error {
    /// What a program can do about it; [`Sessions`](crate::Sessions) shows an example.
    pub fn reaction(&self) -> Reaction {
        match self.code() {
            Code::SessionEnded
            | Code::NeedsSignIn
            | Code::ClientForgotten
            | Code::ShortSession
            | Code::SessionKeyLost => Reaction::SignIn,
            Code::Unreachable
            | Code::TlsFailed
            | Code::ProviderBusy
            | Code::WaitAsked
            | Code::ResponseUnreadable
            | Code::AccountBusy
            | Code::StoreBusy
            | Code::StoreUpdating => Reaction::Wait,
            Code::KeychainAbsent
            | Code::KeychainLocked
            | Code::KeychainWaiting
            | Code::KeychainAmbiguous
            | Code::KeychainTooLong
            | Code::KeychainFailed => Reaction::Keychain,
            Code::NotSetUp
            | Code::UnknownProvider
            | Code::ConfigUnreadable
            | Code::DiscoveryFailed
            | Code::DiscoveryMismatch
            | Code::SessionForeign => Reaction::SetUp,
            code if code.is_about_set_up() => Reaction::SetUp,
            Code::AccessDenied
            | Code::Cancelled
            | Code::Superseded
            | Code::TimedOut
            | Code::ErrorOnPage => Reaction::Nothing,
            _ => Reaction::Show,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What getting a token and signing in can fail by leads to what a program does then.
    #[test]
    fn an_error_leads_to_a_reaction() {
        for (code, reaction) in [
            (Code::NeedsSignIn, Reaction::SignIn),
            (Code::SessionEnded, Reaction::SignIn),
            (Code::Unreachable, Reaction::Wait),
            (Code::StoreBusy, Reaction::Wait),
            (Code::KeychainLocked, Reaction::Keychain),
            (Code::NotSetUp, Reaction::SetUp),
            (Code::SecretRefused, Reaction::SetUp),
            (Code::AccessDenied, Reaction::Nothing),
            (Code::TimedOut, Reaction::Nothing),
            (Code::IdTokenSignature, Reaction::Show),
        ] {
            assert_eq!(Error::new(code).reaction(), reaction, "{code}");
        }
    }

    /// The error of the protocol is the source, with its kind.
    #[test]
    fn the_source_is_the_error_of_the_protocol() {
        let error = Error::from(native_oauth::Error::new(native_oauth::ErrorKind::Unreachable));
        let source = std::error::Error::source(&error).unwrap();
        let protocol: &native_oauth::Error = source.downcast_ref().unwrap();
        assert_eq!(protocol.kind(), native_oauth::ErrorKind::Unreachable);
        assert_eq!(error, Error::new(Code::Unreachable), "as it is read from the database");
    }
}
