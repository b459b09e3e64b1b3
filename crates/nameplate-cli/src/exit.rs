//! What a failure means to a script.

use std::process::ExitCode;

use nameplate::{Code, Error};

/// 0 done, 1 failed, 3 denied or cancelled by the person, 4 timed out, 5 keychain unavailable, 6 sign-in needed;
/// 2 is for what was typed, and comes from the parser. An account without a refresh token has failed to be renewed
/// and needs no sign-in yet.
pub fn code(error: Option<&Error>) -> ExitCode {
    let Some(error) = error else { return ExitCode::SUCCESS };
    ExitCode::from(match error.code() {
        Code::AccessDenied | Code::Cancelled => 3,
        Code::TimedOut => 4,
        Code::KeychainAbsent
        | Code::KeychainLocked
        | Code::KeychainAmbiguous
        | Code::KeychainTooLong
        | Code::KeychainFailed => 5,
        Code::SessionEnded | Code::NeedsSignIn => 6,
        _ => 1,
    })
}
