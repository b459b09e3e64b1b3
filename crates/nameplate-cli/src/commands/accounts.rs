//! `accounts`: the users and their accounts.

use std::time::{SystemTime, UNIX_EPOCH};

use nameplate::{Account, AccountState, Nameplate, Result, User};

use crate::commands::profile::EMAIL;
use crate::output::Output;
use crate::table::Table;

pub fn run(nameplate: &Nameplate, output: &Output) -> Result<()> {
    let users = nameplate.accounts().list()?;
    output.list("accounts", "users", &users);
    if !output.is_for_people() {
        return Ok(());
    }
    if users.is_empty() {
        output.line(&output.messages().command("no_accounts", &[]));
        return Ok(());
    }
    let columns =
        ["column_person", "column_provider", "column_email", "column_state", "column_token"];
    let text = |name| output.messages().command(name, &[]);
    let mut table = Table::new(columns.map(text).to_vec());
    for user in &users {
        for account in &user.accounts {
            let token =
                if account.provider == EMAIL { String::new() } else { lifetime(output, account) };
            table.row(cells(output, user, account, token));
        }
    }
    output.table(&table);
    Ok(())
}

fn cells(output: &Output, user: &User, account: &Account, token: String) -> [String; 5] {
    let text = |name| output.messages().command(name, &[]);
    let email = match (&account.email, account.email_verified) {
        (None, _) => String::new(),
        (Some(email), true) => email.clone(),
        (Some(email), false) => format!("{email} ({})", text("unverified")),
    };
    let state = match account.state {
        AccountState::NeedsSignIn => "needs_sign_in",
        AccountState::Active | AccountState::Storing | AccountState::Removing => "state_active",
    };
    let person = match account.nickname == user.nickname {
        true => user.nickname.clone(),
        false => format!("{} ({})", user.nickname, account.nickname),
    };
    [person, account.label.clone(), email, text(state), token]
}

/// How long the access token is valid, rounded down.
fn lifetime(output: &Output, account: &Account) -> String {
    if account.state == AccountState::NeedsSignIn {
        return String::new();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = account.expires_at.map(|at| u64::try_from(at).unwrap_or(0).saturating_sub(now));
    let (text, count) = match left.map(|seconds| seconds / 60) {
        None => ("token_lasting", 0),
        Some(0) => ("token_expired", 0),
        Some(minutes @ ..120) => ("token_minutes", minutes),
        Some(minutes @ ..2880) => ("token_hours", minutes / 60),
        Some(minutes) => ("token_days", minutes / 1440),
    };
    output.messages().command(text, &[("count", &count.to_string())])
}
