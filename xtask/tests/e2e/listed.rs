//! Who is at a home, as the command line lists them.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use xtask::stage::Stage;

/// Each account as `provider:state`.
pub async fn accounts(stage: &Stage, home: &Path) -> Result<Vec<String>> {
    Ok(users(stage, home).await?.iter().flat_map(states).collect())
}

/// Each person as `nickname provider:state provider:state`.
pub async fn people(stage: &Stage, home: &Path) -> Result<Vec<String>> {
    let named = |user: &Value| [vec![word(user, "nickname")], states(user)].concat().join(" ");
    Ok(users(stage, home).await?.iter().map(named).collect())
}

/// The id of whoever has this nickname.
pub async fn user(stage: &Stage, home: &Path, nickname: &str) -> Result<String> {
    let users = users(stage, home).await?;
    let user = users.iter().find(|user| word(user, "nickname") == nickname);
    Ok(word(user.with_context(|| format!("nobody is called {nickname}"))?, "id"))
}

/// The id of the first account at this provider.
pub async fn account(stage: &Stage, home: &Path, provider: &str) -> Result<String> {
    let users = users(stage, home).await?;
    let account =
        users.iter().flat_map(accounts_of).find(|account| word(account, "provider") == provider);
    Ok(word(account.with_context(|| format!("no account at {provider}"))?, "id"))
}

async fn users(stage: &Stage, home: &Path) -> Result<Vec<Value>> {
    let output = stage.command_line(home).arg("accounts").output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout)?;
    said.get("users").and_then(Value::as_array).cloned().context("no users")
}

fn states(user: &Value) -> Vec<String> {
    let state = |account| format!("{}:{}", word(account, "provider"), word(account, "state"));
    accounts_of(user).map(state).collect()
}

fn accounts_of(user: &Value) -> impl Iterator<Item = &Value> {
    user.get("accounts").and_then(Value::as_array).into_iter().flatten()
}

fn word(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
