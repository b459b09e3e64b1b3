//! `token` and `refresh`.

use std::time::{SystemTime, UNIX_EPOCH};

use nameplate::{AccountState, Code, Nameplate, RefreshPolicy, Result};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::output::Output;

/// Prints a token. No other command does.
pub async fn print(nameplate: &Nameplate, output: &Output, account: &str) -> Result<()> {
    let given = nameplate.sessions().access_token(account, RefreshPolicy::WhenNeeded).await?;
    let token = given.token.expose_secret();
    output.event(
        "token",
        json!({ "access_token": token, "scopes": given.scopes, "expires_at": given.expires_at }),
    );
    output.line(token);
    Ok(())
}

/// Refreshes the accounts, whatever fails. An account without a refresh token is an error only if
/// it was named or is the only one.
pub async fn refresh(
    nameplate: &Nameplate,
    output: &Output,
    account: Option<String>,
) -> Result<()> {
    let accounts = match account {
        Some(account) => vec![account],
        None => active(nameplate)?,
    };
    let (mut renewed, mut failed, mut lasting) = (false, Vec::new(), Vec::new());
    for account in accounts {
        match nameplate.sessions().access_token(&account, RefreshPolicy::Always).await {
            Ok(given) => {
                renewed = true;
                output.event(
                    "refreshed",
                    json!({ "account": account, "expires_at": given.expires_at }),
                );
                print_refreshed(nameplate, output, &account, given.expires_at);
            }
            Err(error) if error.code() == Code::NoRefreshToken => lasting.push(error),
            Err(error) => failed.push(error),
        }
    }
    if renewed {
        lasting.iter().for_each(|error| output.notice(nameplate, error));
    } else {
        failed.append(&mut lasting);
    }
    // The caller prints the last error.
    let last = failed.pop();
    failed.iter().for_each(|error| output.error(nameplate, error));
    last.map_or(Ok(()), Err)
}

/// Names the account by provider and e-mail address, or by its nickname.
fn print_refreshed(nameplate: &Nameplate, output: &Output, id: &str, expires_at: Option<i64>) {
    let users = nameplate.accounts().list().unwrap_or_default();
    let mut accounts = users.iter().flat_map(|user| &user.accounts);
    let Some(account) = accounts.find(|account| account.id.as_str() == id) else { return };
    let name = account.email.as_ref().unwrap_or(&account.nickname);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let end = expires_at.and_then(|at| u64::try_from(at).ok());
    let minutes = end.map_or(0, |end| end.saturating_sub(now) / 60).to_string();
    let text = if end.is_some() { "refreshed_until" } else { "refreshed" };
    let filled = [("provider", account.label.as_str()), ("account", name), ("minutes", &minutes)];
    output.line(&output.messages().command(text, &filled));
}

fn active(nameplate: &Nameplate) -> Result<Vec<String>> {
    let users = nameplate.accounts().list()?;
    let accounts = users.iter().flat_map(|user| &user.accounts);
    let config = nameplate.provider_setup().config();
    // A local profile has no token.
    let local = |provider: &str| config.entry(provider).is_ok_and(|entry| entry.is_local());
    let active = accounts
        .filter(|account| account.state == AccountState::Active && !local(&account.provider));
    Ok(active.map(|account| account.id.to_string()).collect())
}
