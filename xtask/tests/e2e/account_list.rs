//! The users and accounts of a home, by `nameplate accounts --json`.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use xtask::environment::Environment;

/// Each account as `provider:state`.
pub async fn accounts(env: &Environment, home: &Path) -> Result<Vec<String>> {
    Ok(read(env, home).await?.iter().flat_map(states).collect())
}

/// Each user as `nickname provider:state provider:state`.
pub async fn users(env: &Environment, home: &Path) -> Result<Vec<String>> {
    let named = |user: &Value| [vec![text(user, "nickname")], states(user)].concat().join(" ");
    Ok(read(env, home).await?.iter().map(named).collect())
}

/// The id of the user with this nickname.
pub async fn user(env: &Environment, home: &Path, nickname: &str) -> Result<String> {
    let users = read(env, home).await?;
    let user = users.iter().find(|user| text(user, "nickname") == nickname);
    Ok(text(user.with_context(|| format!("no user is called {nickname}"))?, "id"))
}

/// The id of the first account at this provider.
pub async fn account(env: &Environment, home: &Path, provider: &str) -> Result<String> {
    let users = read(env, home).await?;
    let account =
        users.iter().flat_map(accounts_of).find(|account| text(account, "provider") == provider);
    Ok(text(account.with_context(|| format!("no account at {provider}"))?, "id"))
}

async fn read(env: &Environment, home: &Path) -> Result<Vec<Value>> {
    let output = env.command_line(home).arg("accounts").output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output: Value = serde_json::from_slice(&output.stdout)?;
    output.get("users").and_then(Value::as_array).cloned().context("no users")
}

fn states(user: &Value) -> Vec<String> {
    let state = |account| format!("{}:{}", text(account, "provider"), text(account, "state"));
    accounts_of(user).map(state).collect()
}

fn accounts_of(user: &Value) -> impl Iterator<Item = &Value> {
    user.get("accounts").and_then(Value::as_array).into_iter().flatten()
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
