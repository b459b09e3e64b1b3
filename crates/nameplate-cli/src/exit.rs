//! Exit codes of errors.

use std::process::ExitCode;

use nameplate::{Code, Error, Reaction};

/// 1 failure, 2 wrong arguments or an ambiguous account, 3 denied or cancelled, 4 timeout, 5
/// keychain unavailable, 6 sign-in needed. An account without a refresh token is a failed refresh
/// (1), not a needed sign-in.
pub fn code(error: &Error) -> ExitCode {
    ExitCode::from(match error.code() {
        Code::AmbiguousAccount => 2,
        Code::AccessDenied | Code::Cancelled => 3,
        Code::TimedOut => 4,
        _ if error.reaction() == Reaction::Keychain => 5,
        _ if error.reaction() == Reaction::SignIn => 6,
        _ => 1,
    })
}
