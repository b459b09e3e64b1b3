//! `sign-out` and `reset`.

use std::io::Write;

use nameplate::{Code, Nameplate, Result, SignOutScope};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

pub async fn sign_out(
    nameplate: &Nameplate,
    output: &Output,
    account: &str,
    scope: SignOutScope,
) -> Result<()> {
    let account = nameplate.accounts().find(account)?;
    nameplate.accounts().sign_out(account.id.as_str(), scope).await?;
    output.event("signed_out", json!({ "account": account.id }));
    let filled = [("nickname", account.nickname.as_str()), ("provider", account.label.as_str())];
    output.line(&output.messages().command("signed_out", &filled));
    Ok(())
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
    if !output.can_ask() {
        return false;
    }
    let mut out = anstream::stdout();
    let _ =
        write!(out, "{}", output.messages().command("reset_sure", &[])).and_then(|()| out.flush());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
