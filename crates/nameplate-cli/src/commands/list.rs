//! `providers` and `accounts`.

use nameplate::{Account, AccountState, Login, Result, User};
use serde_json::json;

use crate::say::Say;

pub fn providers(login: &Login, say: &Say) -> Result<()> {
    let config = login.config();
    let entries = config.entries().iter();
    let listed: Vec<_> = entries
        .clone()
        .map(|entry| {
            json!({
                "id": entry.oauth.id, "label": entry.label, "kind": entry.oauth.provider.id, "issuer": entry.oauth.issuer,
                "ready": entry.is_ready(), "channels": entry.channels, "overrides": entry.overrides,
            })
        })
        .collect();
    say.event("providers", json!({ "providers": listed }));
    for entry in entries {
        let state = if entry.is_ready() { "ready" } else { "not_ready" };
        say.line(&format!(
            "{:<12} {:<20} {}",
            entry.oauth.id,
            entry.label,
            say.messages().command(state, &[])
        ));
    }
    config.problem.clone().map_or(Ok(()), Err)
}

pub fn accounts(login: &Login, say: &Say) -> Result<()> {
    let users = login.users()?;
    say.event("accounts", json!({ "users": users }));
    if users.is_empty() {
        say.line(&say.messages().command("no_accounts", &[]));
    }
    for user in &users {
        say.strong(&user.nickname);
        user.accounts.iter().for_each(|account| say_account(say, user, account));
    }
    Ok(())
}

fn say_account(say: &Say, user: &User, account: &Account) {
    let address = account.email.as_deref().map(|email| match account.email_verified {
        true => email.to_owned(),
        false => format!("{email} ({})", say.messages().command("unverified", &[])),
    });
    let state = (account.state == AccountState::NeedsSignIn)
        .then(|| say.messages().command("needs_sign_in", &[]));
    let nickname = (account.nickname != user.nickname).then(|| account.nickname.clone());
    let told: Vec<_> = [nickname, address, state].into_iter().flatten().collect();
    say.line(&format!("  {:<12} {}", account.label, told.join(" · ")));
    say.quiet(&format!("  {:<12} {}", "", account.id));
}
