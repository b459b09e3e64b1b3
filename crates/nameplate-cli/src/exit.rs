//! Exit codes of errors. `run` ends with the code of its command, or with 126 or 127
//! (`commands/run.rs`).

use nameplate::{Code, Error, Reaction};

/// Wrong arguments.
pub const ARGUMENTS: u8 = 2;

/// 1 failure, 2 wrong arguments or an ambiguous account, 3 denied or cancelled, 4 timeout, 5
/// keychain unavailable, 6 sign-in needed. `refresh` of an account without a refresh token ends with
/// 1, not 6.
pub fn code(error: &Error) -> u8 {
    match error.code() {
        Code::AmbiguousAccount => ARGUMENTS,
        Code::AccessDenied | Code::Cancelled => 3,
        Code::TimedOut => 4,
        _ if error.reaction() == Reaction::Keychain => 5,
        _ if error.reaction() == Reaction::SignIn => 6,
        _ => 1,
    }
}
