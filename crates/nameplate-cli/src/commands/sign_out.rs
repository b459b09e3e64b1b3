//! `sign-out` and `reset`.

use std::io::Write;

use nameplate::{Code, Error, Login, Result, SignOutScope};
use serde_json::json;

use crate::say::Say;

pub async fn sign_out(login: &Login, say: &Say, account: &str, scope: SignOutScope) -> Result<()> {
    let users = login.users()?;
    let known =
        users.iter().flat_map(|user| &user.accounts).find(|known| known.id.as_str() == account);
    login.sign_out(account, scope).await?;
    say.event("signed_out", json!({ "account": account }));
    if let Some(known) = known {
        let filled = [("nickname", known.nickname.as_str()), ("provider", known.label.as_str())];
        say.line(&say.messages().command("signed_out", &filled));
    }
    Ok(())
}

pub async fn reset(login: &Login, say: &Say, yes: bool) -> Result<()> {
    if !yes && !confirmed(say) {
        return Err(Error::new(Code::Cancelled));
    }
    login.reset().await?;
    say.event("forgotten", json!({}));
    say.line(&say.messages().command("forgotten", &[]));
    Ok(())
}

/// Only a person who types `yes` has agreed; a script says `--yes`.
fn confirmed(say: &Say) -> bool {
    if !say.can_ask() {
        return false;
    }
    let mut out = anstream::stdout();
    let _ = write!(out, "{}", say.messages().command("reset_sure", &[])).and_then(|()| out.flush());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
