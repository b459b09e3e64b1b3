//! `sign-out` and `reset`.

use nameplate::{Account, Code, Nameplate, SignOutScope};
use serde_json::json;

use crate::failure::Failure;
use crate::identity::DEMO;
use crate::output::Output;

pub async fn sign_out(
    nameplate: &Nameplate,
    output: &Output,
    account: &str,
    scope: SignOutScope,
) -> Result<(), Failure> {
    let account = nameplate.accounts().find(account)?;
    let left = nameplate.accounts().sign_out(account.id.as_str(), scope).await;
    left.map_err(|error| match error.code() {
        Code::RevokeNotSetUp if is_of_demo(&account) => Failure::with_texts(error, "demo_not_told"),
        _ => Failure::from(error),
    })?;
    output.event("signed_out", json!({ "account": account.id }));
    let filled = [("nickname", account.nickname.as_str()), ("provider", account.label.as_str())];
    output.line(&output.messages().command("signed_out", &filled));
    Ok(())
}

/// Whether the demo issued its tokens. A provider that was configured with the demo's id is no demo.
fn is_of_demo(account: &Account) -> bool {
    account.provider == DEMO && account.issuer.starts_with("http://127.0.0.1:")
}

pub async fn reset(nameplate: &Nameplate, output: &Output, yes: bool) -> Result<(), Failure> {
    if !yes && !confirmed(output) {
        return Err(Failure::with_texts(Code::Cancelled.into(), "reset_declined"));
    }
    nameplate.accounts().reset().await?;
    output.event("forgotten", json!({}));
    output.line(&output.messages().command("forgotten", &[]));
    Ok(())
}

/// Asks for `yes`; scripts use `--yes`.
fn confirmed(output: &Output) -> bool {
    output.can_ask() && output.ask("reset_sure", &[]) == "yes"
}
