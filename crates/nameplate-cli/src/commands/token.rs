//! `token` and `refresh`.

use std::time::{SystemTime, UNIX_EPOCH};

use nameplate::{AccountState, Code, Login, RefreshPolicy, Result};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::say::Say;

/// The one place where a token is printed: it was asked for by name.
pub async fn print(login: &Login, say: &Say, account: &str) -> Result<()> {
    let given = login.access_token(account, RefreshPolicy::WhenNeeded).await?;
    let token = given.token.expose_secret();
    say.event(
        "token",
        json!({ "access_token": token, "scopes": given.scopes, "expires_at": given.expires_at }),
    );
    say.line(token);
    Ok(())
}

/// Accounts that can be renewed are, whatever becomes of the others. An account without a refresh
/// token fails where it was named, or where there is no other; among others it is only reported.
pub async fn refresh(login: &Login, say: &Say, account: Option<String>) -> Result<()> {
    let accounts = match account {
        Some(account) => vec![account],
        None => active(login)?,
    };
    let (mut renewed, mut failed, mut lasting) = (false, Vec::new(), Vec::new());
    for account in accounts {
        match login.access_token(&account, RefreshPolicy::Always).await {
            Ok(given) => {
                renewed = true;
                say.event(
                    "refreshed",
                    json!({ "account": account, "expires_at": given.expires_at }),
                );
                say_refreshed(login, say, &account, given.expires_at);
            }
            Err(error) if error.code() == Code::NoRefreshToken => lasting.push(error),
            Err(error) => failed.push(error),
        }
    }
    if renewed {
        lasting.iter().for_each(|error| say.notice(login, error));
    } else {
        failed.append(&mut lasting);
    }
    // The last one is printed by the caller.
    let last = failed.pop();
    failed.iter().for_each(|error| say.error(login, error));
    last.map_or(Ok(()), Err)
}

/// Names the account by its provider and its email, else its name.
fn say_refreshed(login: &Login, say: &Say, id: &str, expires_at: Option<i64>) {
    let users = login.users().unwrap_or_default();
    let mut accounts = users.iter().flat_map(|user| &user.accounts);
    let Some(account) = accounts.find(|account| account.id.as_str() == id) else { return };
    let name = account.email.as_ref().unwrap_or(&account.nickname);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let end = expires_at.and_then(|at| u64::try_from(at).ok());
    let minutes = end.map_or(0, |end| end.saturating_sub(now) / 60).to_string();
    let text = if end.is_some() { "refreshed_until" } else { "refreshed" };
    let filled = [("provider", account.label.as_str()), ("account", name), ("minutes", &minutes)];
    say.line(&say.messages().command(text, &filled));
}

fn active(login: &Login) -> Result<Vec<String>> {
    let users = login.users()?;
    let accounts = users.iter().flat_map(|user| &user.accounts);
    let config = login.config();
    // A profile of this device has nothing to renew.
    let local = |provider: &str| config.entry(provider).is_ok_and(|entry| entry.is_local());
    let active = accounts
        .filter(|account| account.state == AccountState::Active && !local(&account.provider));
    Ok(active.map(|account| account.id.to_string()).collect())
}
