//! Whether a provider accepts a client, without a sign-in: a code that it never gave is sent to
//! its token endpoint, and a provider that refuses the code has accepted the client.

use super::attempt::{self, Seeds};
use super::callback::AuthorizationCode;
use super::exchange::Caller;
use crate::error::{Code, Error, Result};
use crate::provider::Provider;

/// What a provider makes of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It knows it.
    Accepted,
    /// It does not, or not like this.
    Refused(Error),
    /// It did not come to tell.
    Unknown(Error),
}

/// Asks for tokens that nobody can get.
pub(crate) async fn try_client(caller: &Caller<'_>, redirect_uri: &str) -> Tried {
    match ask(caller, redirect_uri).await {
        Ok(()) => Tried::Unknown(Error::new(Code::AnswerUnreadable)),
        Err(error) => judge(caller.entry.provider, error),
    }
}

async fn ask(caller: &Caller<'_>, redirect_uri: &str) -> Result<()> {
    let seeds = Seeds::random();
    let prepared = attempt::prepare(caller.entry, redirect_uri, seeds, 0)?;
    let code = AuthorizationCode::of_nobody();
    caller.exchange(code, redirect_uri, &prepared.secrets).await.map(drop)
}

/// A server that authenticates the client first (RFC 6749, section 3.2.1) tells by which refusal
/// it gives. What no provider is known to say proves nothing.
fn judge(provider: &Provider, error: Error) -> Tried {
    let said = |needle: &&str| error.words().is_some_and(|words| words.contains(needle));
    if provider.set_up.accepts.iter().any(said) {
        return Tried::Accepted;
    }
    match error.code().is_about_set_up() {
        true => Tried::Refused(error),
        false => Tried::Unknown(error),
    }
}
