//! `set-up`: where to register a client and what matters there; then its id and secret, checked
//! and kept. The secret is read from standard input, and never stands on the command line.

use std::io::{IsTerminal, Write, stdin};

use nameplate::{
    Check, Checked, Code, Error, Login, Result, SecretNeed, SetUpPage, SetUpReport, SetUpRequest,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::arguments::SetUp;
use crate::say::Say;
use crate::secret::{self, Typed};

pub async fn run(login: &Login, say: &Say, wish: SetUp) -> Result<()> {
    let page = page(login, say, &wish)?;
    if let Some(page) = &page {
        show(say, &wish.provider, page);
    }
    let Some(client_id) = wish.client_id.or_else(|| ask_id(say)) else {
        // Whoever names no client only wanted to read.
        return Ok(());
    };
    let wants_secret = page.is_none_or(|page| page.secret != SecretNeed::Never);
    let client_secret = match wish.no_secret {
        // A blank one takes away what is kept.
        true => Some(SecretString::default()),
        false if wants_secret => ask_secret(say)?,
        false => None,
    };
    let report = login
        .set_up(SetUpRequest {
            provider: wish.provider.clone(),
            client_id,
            client_secret,
            issuer: wish.issuer,
            label: wish.label,
            redirect_uri: wish.redirect_uri,
            check: if wish.skip_check { Check::Skip } else { Check::First },
        })
        .await?;
    tell(login, say, &wish.provider, &report)
}

/// A provider that is not there yet has no page: its issuer says what there is to know.
fn page(login: &Login, say: &Say, wish: &SetUp) -> Result<Option<SetUpPage>> {
    let config = login.config();
    match config.entry(&wish.provider) {
        Ok(entry) if entry.is_local() => {
            Err(Error::new(Code::UnknownProvider).detail(&wish.provider))
        }
        Ok(entry) => Ok(Some(login.set_up_page(say.language(), entry))),
        Err(error) if error.code() == Code::UnknownProvider && wish.issuer.is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

fn show(say: &Say, provider: &str, page: &SetUpPage) {
    say.event("set_up_page", json!({ "provider": provider, "page": page }));
    if let Some(url) = &page.register_url {
        say.line(&say.messages().command("register_at", &[("url", url)]));
    }
    for (number, step) in page.steps.iter().enumerate() {
        say.line(&format!("{}. {step}", number + 1));
    }
    page.redirect_uris.iter().for_each(|uri| say.strong(&format!("   {uri}")));
    if let Some(id) = &page.client_id {
        say.quiet(&say.messages().command("client_now", &[("id", id)]));
    }
}

fn ask_id(say: &Say) -> Option<String> {
    if !say.can_ask() {
        return None;
    }
    let mut out = anstream::stdout();
    let _ = write!(out, "{} ", say.messages().command("client_id", &[])).and_then(|()| out.flush());
    let mut id = String::new();
    stdin().read_line(&mut id).ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// An empty line leaves the secret that is kept.
fn ask_secret(say: &Say) -> Result<Option<SecretString>> {
    if stdin().is_terminal() && !say.can_ask() {
        return Ok(None);
    }
    let typed = secret::read(say, "client_secret", Typed::Once)?;
    Ok(Some(typed).filter(|typed| !typed.expose_secret().trim().is_empty()))
}

fn tell(login: &Login, say: &Say, provider: &str, report: &SetUpReport) -> Result<()> {
    say.event(
        "set_up",
        json!({ "provider": provider, "saved": report.saved, "checked": report.checked }),
    );
    match (&report.error, &report.problem) {
        (Some(error), _) if !report.saved => {
            say.quiet(&say.messages().command("not_saved", &[]));
            return Err(error.clone());
        }
        (_, Some(problem)) => say.problem("notice", problem),
        (_, None) => {}
    }
    let sentence = match report.checked {
        Checked::Accepted => "set_up_checked",
        Checked::Refused | Checked::Unknown => "set_up_unchecked",
    };
    let config = login.config();
    let label = config.entry(provider).map_or(provider, |entry| &entry.label);
    say.strong(&say.messages().command(sentence, &[("provider", label)]));
    Ok(())
}
