//! `providers` and `accounts`.

use nameplate::{Account, AccountState, Nameplate, Result, User};
use serde_json::json;

use crate::output::Output;

pub fn providers(nameplate: &Nameplate, output: &Output) -> Result<()> {
    let config = nameplate.provider_setup().config();
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
    output.event("providers", json!({ "providers": listed }));
    for entry in entries {
        let state = if entry.is_ready() { "ready" } else { "not_ready" };
        output.line(&format!(
            "{:<12} {:<20} {}",
            entry.oauth.id,
            entry.label,
            output.messages().command(state, &[])
        ));
    }
    config.problem.clone().map_or(Ok(()), Err)
}

pub fn accounts(nameplate: &Nameplate, output: &Output) -> Result<()> {
    let users = nameplate.accounts().list()?;
    output.event("accounts", json!({ "users": users }));
    if users.is_empty() {
        output.line(&output.messages().command("no_accounts", &[]));
    }
    for user in &users {
        output.strong(&user.nickname);
        user.accounts.iter().for_each(|account| print_account(output, user, account));
    }
    Ok(())
}

fn print_account(output: &Output, user: &User, account: &Account) {
    let address = account.email.as_deref().map(|email| match account.email_verified {
        true => email.to_owned(),
        false => format!("{email} ({})", output.messages().command("unverified", &[])),
    });
    let state = (account.state == AccountState::NeedsSignIn)
        .then(|| output.messages().command("needs_sign_in", &[]));
    let nickname = (account.nickname != user.nickname).then(|| account.nickname.clone());
    let told: Vec<_> = [nickname, address, state].into_iter().flatten().collect();
    output.line(&format!("  {:<12} {}", account.label, told.join(" · ")));
    output.quiet(&format!("  {:<12} {}", "", account.id));
}
