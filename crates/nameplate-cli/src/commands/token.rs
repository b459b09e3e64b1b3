//! `token` and `refresh`.

use std::time::{SystemTime, UNIX_EPOCH};

use nameplate::{Account, AccountState, Code, Nameplate, RefreshPolicy, Result, TokenType};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::commands::profile::EMAIL;
use crate::failure::Failure;
use crate::output::Output;

/// Prints a token. No other command does.
pub async fn print(nameplate: &Nameplate, output: &Output, account: &str) -> Result<()> {
    let account = nameplate.accounts().find(account)?;
    let sessions = nameplate.sessions();
    let given = sessions.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await?;
    // For the window to show; without that the token is given all the same.
    let _ = sessions.note_use(account.id.as_str(), "nameplate token");
    let token = given.token.expose_secret();
    let is_bound = match given.token_type {
        TokenType::Bearer => false,
        TokenType::Dpop => true,
    };
    output.event(
        "token",
        json!({
            "access_token": token, "token_type": given.token_type, "bound": is_bound,
            "scopes": given.scopes, "expires_at": given.expires_at
        }),
    );
    output.line(token);
    if is_bound {
        output.aside(&output.messages().command("token_bound", &[]));
    }
    Ok(())
}

/// Refreshes the accounts, whatever fails. An account without a refresh token is an error only if
/// it was named or is the only one.
pub async fn refresh(
    nameplate: &Nameplate,
    output: &Output,
    account: Option<String>,
) -> Result<(), Failure> {
    let accounts = match account {
        Some(account) => vec![nameplate.accounts().find(&account)?],
        None => active(nameplate)?,
    };
    let (mut renewed, mut failed, mut lasting) = (false, Vec::new(), Vec::new());
    for account in accounts {
        match nameplate.sessions().access_token(account.id.as_str(), RefreshPolicy::Always).await {
            Ok(given) => {
                renewed = true;
                output.event(
                    "refreshed",
                    json!({ "account": account.id, "expires_at": given.expires_at }),
                );
                print_refreshed(output, &account, given.expires_at);
            }
            Err(error) if error.code() == Code::NoRefreshToken => lasting.push(error),
            Err(error) => failed.push(Failure::from(error)),
        }
    }
    if renewed {
        lasting.iter().for_each(|error| output.notice(nameplate, error));
    } else {
        failed.extend(lasting.into_iter().map(Failure::from));
    }
    // The caller prints the last error.
    let last = failed.pop();
    failed.iter().for_each(|failure| output.error(nameplate, failure));
    last.map_or(Ok(()), Err)
}

/// Names the account by provider and e-mail address, or by its nickname.
fn print_refreshed(output: &Output, account: &Account, expires_at: Option<i64>) {
    let name = account.email.as_ref().unwrap_or(&account.nickname);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let end = expires_at.and_then(|at| u64::try_from(at).ok());
    let minutes = end.map_or(0, |end| end.saturating_sub(now) / 60).to_string();
    let text = if end.is_some() { "refreshed_until" } else { "refreshed" };
    let filled = [("provider", account.label.as_str()), ("account", name), ("minutes", &minutes)];
    output.line(&output.messages().command(text, &filled));
}

fn active(nameplate: &Nameplate) -> Result<Vec<Account>> {
    let users = nameplate.accounts().list()?;
    let accounts = users.into_iter().flat_map(|user| user.accounts);
    // A local profile has no token.
    let active = accounts
        .filter(|account| account.state == AccountState::Active && account.provider != EMAIL);
    Ok(active.collect())
}
