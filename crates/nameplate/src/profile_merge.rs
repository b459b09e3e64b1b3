//! Completes a profile that was read again with what is stored of it.

use native_oauth::Profile;
use native_oauth::provider::IdTokenClaims;

use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Result};
use crate::store::AccountRow;

/// Completes a profile with stored values that could not be read again: extras that were not
/// reachable, and claims of the sign-in's id_token. A stored address stays as trusted as it
/// was.
pub(crate) fn with_stored(
    context: &Context,
    row: &AccountRow,
    entry: &Entry,
    (read, email_trusted): (Profile, bool),
    notes: &[Code],
) -> Result<(Profile, bool)> {
    let users = context.store.users()?;
    let user = users.iter().find(|user| user.id == row.user);
    let account = user.and_then(|user| user.accounts.iter().find(|account| account.id == row.id));
    let Some(account) = account else { return Ok((read, email_trusted)) };
    let trusted_before = entry.trusts(row.email_trusted) && read.email.is_none();
    let noted = |codes: &[Code]| notes.iter().any(|note| codes.contains(note));
    let keeps = match entry.oauth.provider.id_token_claims {
        _ if noted(&[Code::UserinfoUnavailable]) => IdTokenClaims::Alone,
        IdTokenClaims::Repeated if noted(&[Code::EmailUnavailable]) => {
            IdTokenClaims::NameAndAddress
        }
        keeps => keeps,
    };
    let read = match keeps {
        IdTokenClaims::Alone => {
            let picture = read.picture.clone().or_else(|| account.avatar.clone());
            Profile { picture, ..account.complete_extras(account.complete(read)) }
        }
        IdTokenClaims::NameAndAddress => account.complete(read),
        IdTokenClaims::Repeated => read,
    };
    let profile = match noted(&[Code::ExtraRefused, Code::ExtraUnavailable]) {
        true => account.complete_extras(read),
        false => read,
    };
    let email_trusted = email_trusted || (trusted_before && profile.email.is_some());
    Ok((profile, email_trusted))
}
