//! `providers`: the providers, whether each is ready, and its methods.

use nameplate::config::Entry;
use nameplate::{Code, Error, Nameplate, Result};
use serde_json::json;

use crate::commands::profile::EMAIL;
use crate::identity::DEMO;
use crate::output::Output;
use crate::table::Table;

pub fn run(nameplate: &Nameplate, output: &Output) -> Result<()> {
    let config = nameplate.provider_setup().config();
    // Local profiles are signed in to by the same command.
    let local = json!({
        "id": EMAIL, "label": output.messages().local_profile, "kind": EMAIL, "issuer": "local", "ready": true,
        "methods": [], "overrides": [],
    });
    let listed = config.entries().iter().map(|entry| described(output, entry)).chain([local]);
    output.event("providers", json!({ "providers": listed.collect::<Vec<_>>() }));
    let text = |name| output.messages().command(name, &[]);
    let mut table = Table::new(vec![
        "ID".into(),
        text("column_provider"),
        text("column_state"),
        text("methods"),
    ]);
    for entry in config.entries() {
        let state = text(if entry.is_ready() { "ready" } else { "not_ready" });
        let label = output.messages().label(entry).to_owned();
        table.row([entry.oauth.id.clone(), label, state, methods(entry).join(", ")]);
    }
    table.row([
        EMAIL.to_owned(),
        output.messages().local_profile.clone(),
        text("ready"),
        String::new(),
    ]);
    output.table(&table);
    let is_unknown = |error: Error| error.code() == Code::UnknownProvider;
    if config.entry(DEMO).is_err_and(is_unknown) && has_account(nameplate, DEMO)? {
        output.quiet(&format!("{} {}", text("demo_not_running"), text("demo_not_running_next")));
    }
    config.problem.clone().map_or(Ok(()), Err)
}

fn has_account(nameplate: &Nameplate, provider: &str) -> Result<bool> {
    let users = nameplate.accounts().list()?;
    Ok(users.iter().flat_map(|user| &user.accounts).any(|account| account.provider == provider))
}

fn described(output: &Output, entry: &Entry) -> serde_json::Value {
    json!({
        "id": entry.oauth.id, "label": output.messages().label(entry), "kind": entry.oauth.provider.id, "issuer": entry.oauth.issuer,
        "ready": entry.is_ready(), "methods": methods(entry),
        "overrides": entry.overrides,
    })
}

/// Every value of `--method` that works with the provider.
pub fn methods(entry: &Entry) -> Vec<String> {
    let named =
        |method| serde_json::to_value(method).ok()?.as_str().map(|name| name.replace('_', "-"));
    entry.all_methods().into_iter().filter_map(named).collect()
}
