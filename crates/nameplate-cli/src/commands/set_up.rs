//! `set-up`: shows what to register, then checks and saves client id and secret. The secret is read
//! from standard input.

use std::io::{IsTerminal, stdin};

use nameplate::{
    Check, Checked, Code, Nameplate, Result, SecretNeed, SetUpPage, SetUpReport, SetUpRequest,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::arguments::SetUp;
use crate::output::Output;
use crate::secret::{self, Typed};

pub async fn run(nameplate: &Nameplate, output: &Output, request: SetUp) -> Result<()> {
    let page = page(nameplate, output, &request)?;
    if let Some(page) = &page {
        show(output, &request.provider, page);
    }
    let Some(client_id) = request.client_id.or_else(|| ask_id(output)) else {
        // Without a client id, only the steps are shown.
        return Ok(());
    };
    let wants_secret = page.is_none_or(|page| page.secret != SecretNeed::Never);
    let client_secret = match request.no_secret {
        // A blank secret deletes the stored one.
        true => Some(SecretString::default()),
        false if wants_secret => ask_secret(output)?,
        false => None,
    };
    let report = nameplate
        .provider_setup()
        .set_up(SetUpRequest {
            provider: request.provider.clone(),
            client_id,
            client_secret,
            issuer: request.issuer,
            label: request.label,
            redirect_uri: request.redirect_uri,
            check: if request.skip_check { Check::Skip } else { Check::First },
        })
        .await?;
    tell(nameplate, output, &request.provider, &report)
}

/// A new provider has no page: its metadata has everything.
fn page(nameplate: &Nameplate, output: &Output, request: &SetUp) -> Result<Option<SetUpPage>> {
    let config = nameplate.provider_setup().config();
    match config.entry(&request.provider) {
        Ok(entry) => Ok(Some(nameplate.provider_setup().page(output.language(), entry))),
        Err(error) if error.code() == Code::UnknownProvider && request.issuer.is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

fn show(output: &Output, provider: &str, page: &SetUpPage) {
    output.event("set_up_page", json!({ "provider": provider, "page": page }));
    if let Some(url) = &page.register_url {
        output.line(&output.messages().command("register_at", &[("url", url)]));
    }
    for (number, step) in page.steps.iter().enumerate() {
        output.line(&format!("{}. {step}", number + 1));
    }
    page.redirect_uris.iter().for_each(|uri| output.strong(&format!("   {uri}")));
    if let Some(id) = &page.client_id {
        output.quiet(&output.messages().command("client_now", &[("id", id)]));
    }
}

fn ask_id(output: &Output) -> Option<String> {
    if !output.can_ask() {
        return None;
    }
    Some(output.ask("client_id", &[])).filter(|id| !id.is_empty())
}

/// An empty line leaves the stored secret.
fn ask_secret(output: &Output) -> Result<Option<SecretString>> {
    if stdin().is_terminal() && !output.can_ask() {
        return Ok(None);
    }
    let typed = secret::read(output, "client_secret", Typed::Once)?;
    Ok(Some(typed).filter(|typed| !typed.expose_secret().trim().is_empty()))
}

fn tell(
    nameplate: &Nameplate,
    output: &Output,
    provider: &str,
    report: &SetUpReport,
) -> Result<()> {
    output.event(
        "set_up",
        json!({ "provider": provider, "saved": report.saved, "checked": report.checked }),
    );
    match (&report.error, &report.problem) {
        (Some(error), _) if !report.saved => {
            output.quiet(&output.messages().command("not_saved", &[]));
            return Err(error.clone());
        }
        (_, Some(problem)) => output.problem("notice", problem),
        (_, None) => {}
    }
    let sentence = match report.checked {
        Checked::Accepted => "set_up_checked",
        Checked::Refused | Checked::Unknown => "set_up_unchecked",
    };
    let config = nameplate.provider_setup().config();
    let label = config.entry(provider).map_or(provider, |entry| output.messages().label(entry));
    output.strong(&output.messages().command(sentence, &[("provider", label)]));
    Ok(())
}
