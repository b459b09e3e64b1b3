//! What the purpose of a sign-in asks the provider for: scopes, and an account to choose.

use native_oauth::provider::ExtraGrant;

use crate::account::{Account, AccountState};
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::intent::Intent;

/// # Errors
/// [`Code::NoExtraGrant`].
pub(super) fn extra_grant(entry: &Entry) -> Result<&'static ExtraGrant> {
    let extra = entry.oauth.provider.extra_grant;
    extra.ok_or_else(|| Error::new(Code::NoExtraGrant).at(&entry.oauth.id))
}

/// Changes a configuration to request what the intent needs: an account to choose, and scopes.
pub(super) fn apply_intent(context: &Context, entry: &mut Entry, intent: &Intent) -> Result<()> {
    match intent {
        // A user who is signed in must not be signed in again without interaction (U20).
        Intent::SignIn => {
            entry.oauth.asks_for_account = has_active_account(context, entry)?;
        }
        Intent::AddTo(user) => {
            context.user(user.as_str())?;
            entry.oauth.asks_for_account = true;
        }
        Intent::Reauthenticate(_) | Intent::MoreScopes(_) | Intent::ExtraGrant(_) => {}
    }
    apply_scopes(context, entry, intent)
}

/// Changes the requested scopes. They are needed again for a token response without `scope`, which
/// grants the requested ones (RFC 6749, section 5.1).
pub(super) fn apply_scopes(context: &Context, entry: &mut Entry, intent: &Intent) -> Result<()> {
    match intent {
        Intent::SignIn | Intent::AddTo(_) => {}
        // The scopes that were granted before are requested again.
        Intent::Reauthenticate(account) => {
            add_scopes(entry, context.store.account(account)?.scopes);
        }
        Intent::MoreScopes(account) => {
            let granted = context.store.account(account)?.scopes;
            let more = entry.oauth.provider.optional_scopes.iter().map(|&scope| scope.to_owned());
            add_scopes(entry, granted.into_iter().chain(more));
        }
        Intent::ExtraGrant(permissions) => {
            let extra = extra_grant(entry)?;
            entry.oauth.scopes = extra.scopes.iter().map(|&scope| scope.to_owned()).collect();
            entry.oauth.extra_parameters = vec![(extra.parameter, permissions.to_string())];
        }
    }
    Ok(())
}

fn add_scopes(entry: &mut Entry, scopes: impl IntoIterator<Item = String>) {
    for scope in scopes {
        if !entry.oauth.scopes.contains(&scope) {
            entry.oauth.scopes.push(scope);
        }
    }
}

/// Whether an account is signed in at the provider, and at the server that was named.
fn has_active_account(context: &Context, entry: &Entry) -> Result<bool> {
    let is_there = |account: &Account| {
        let same_server = entry.server.is_none() || account.issuer == entry.oauth.issuer;
        account.provider == entry.oauth.id && same_server && account.state == AccountState::Active
    };
    let users = context.users()?;
    Ok(users.iter().flat_map(|user| &user.accounts).any(is_there))
}
