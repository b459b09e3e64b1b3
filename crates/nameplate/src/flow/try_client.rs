//! Whether a provider accepts a client, without a sign-in: a code that it never gave is sent to
//! its token endpoint, and then another one with a secret that is not the client's, or for a client
//! that does not exist where no secret is shown. A provider that refuses the two alike has not
//! looked at the client, and nothing follows from its refusal.

use uuid::Uuid;

use super::attempt::{self, Seeds};
use super::callback::AuthorizationCode;
use super::exchange::Caller;
use super::refused::Failed;
use crate::config::{Client, Entry};
use crate::error::{Error, Result};

/// What a provider makes of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It knows it.
    Accepted,
    /// It does not, or not like this.
    Refused(Error),
    /// It did not come to tell; why it could not, where that is known.
    Unknown(Option<Error>),
}

/// Asks for tokens that nobody can get.
pub(crate) async fn try_client(caller: &Caller<'_>, redirect_uri: &str) -> Result<Tried> {
    let provider = caller.entry.provider;
    let refused = match ask(caller, redirect_uri).await? {
        Ok(()) => return Ok(Tried::Unknown(None)),
        Err(Failed::Other(error)) => return Ok(of_failure(error)),
        Err(Failed::Refused(refused)) => refused,
    };
    let told = refused.told(provider);
    let about_code = refused.is_about_the_code(provider);
    if !about_code {
        return Ok(match told.code().is_about_set_up() {
            true => Tried::Refused(told),
            false => Tried::Unknown(Some(told)),
        });
    }
    // With another id too, a server that never looks at the secret would seem to have accepted it.
    let (entry, client_secret) = match caller.shows_secret() {
        true => (caller.entry.clone(), Some(Uuid::new_v4().to_string().into())),
        false => (of_nobody(caller.entry), None),
    };
    let other = Caller { http: caller.http, entry: &entry, client_secret };
    Ok(match ask(&other, redirect_uri).await? {
        Err(Failed::Refused(refused)) if refused.is_about_the_client(provider) => Tried::Accepted,
        Ok(()) | Err(_) => Tried::Unknown(None),
    })
}

/// A server that is too busy or out of reach decides nothing; one that requires what is not
/// supported does.
fn of_failure(error: Error) -> Tried {
    match error.code().is_about_set_up() {
        true => Tried::Refused(error),
        false => Tried::Unknown(Some(error)),
    }
}

async fn ask(caller: &Caller<'_>, redirect_uri: &str) -> Result<Result<(), Failed>> {
    let prepared = attempt::prepare(caller.entry, redirect_uri, Seeds::random(), 0)?;
    let code = AuthorizationCode::of_nobody();
    Ok(caller.spend(code, redirect_uri, &prepared.secrets).await.map(drop))
}

/// The same provider for a client that does not exist.
fn of_nobody(entry: &Entry) -> Entry {
    let id = Uuid::new_v4().to_string();
    let client = entry.client.clone().map(|client| Client { id, ..client });
    Entry { client, ..entry.clone() }
}
