//! A report for the user who is asked for help: versions, system and states, and nothing personal.

use std::fmt::Write;

use nameplate::{AccountState, Nameplate};
use tauri::{AppHandle, Runtime};
use tauri_plugin_nameplate::NameplateExt;

/// The report, as lines.
pub fn report<R: Runtime>(app: &AppHandle<R>) -> String {
    let mut report = system();
    match app.nameplate() {
        Ok(nameplate) => report.push_str(&states(nameplate)),
        Err(error) => line(&mut report, "Cannot start", &error.code()),
    }
    report
}

fn system() -> String {
    let mut report = String::new();
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    line(&mut report, "Nameplate", &format!("{} ({build})", env!("CARGO_PKG_VERSION")));
    line(&mut report, "System", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    let webview = tauri::webview_version().unwrap_or_else(|_| "unknown".to_owned());
    line(&mut report, "WebView", &webview);
    for variable in ["XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"] {
        if let Ok(value) = std::env::var(variable) {
            line(&mut report, variable, &nameplate::text::line(&value, 40));
        }
    }
    report
}

fn states(nameplate: &Nameplate) -> String {
    let mut report = String::new();
    let Ok(state) = nameplate.state() else {
        line(&mut report, "Database", &"cannot be read");
        return report;
    };
    line(&mut report, "Language", &format!("{:?}", state.language));
    line(&mut report, "Separate data folder", &state.app.home.is_some());
    line(&mut report, "Offline", &state.offline);
    for provider in state.providers.iter().filter(|provider| provider.ready) {
        // The names of own issuers may say whose they are.
        let custom = if provider.overrides.is_empty() { "" } else { ", custom endpoints" };
        line(&mut report, "Provider", &format!("{}{custom}", provider.kind));
    }
    line(&mut report, "People", &state.users.len());
    for account in state.users.iter().flat_map(|user| &user.accounts) {
        let kind = state.providers.iter().find(|provider| provider.id == account.provider);
        let kind = kind.map_or("unknown", |provider| &provider.kind);
        let notes = if account.notes.is_empty() { "" } else { ", with notes" };
        line(&mut report, "Account", &format!("{kind}: {}{notes}", name(account.state)));
    }
    if let Some(sign_in) = &state.signing_in {
        line(&mut report, "Sign-in", &format!("{:?} {:?}", sign_in.method, sign_in.phase));
    }
    if let Some(problem) = &state.problem {
        line(&mut report, "Problem", &problem.code);
    }
    for finding in nameplate.doctor().examine() {
        line(&mut report, "Check", &format!("{} {:?}", finding.name, finding.health));
    }
    report
}

fn name(state: AccountState) -> &'static str {
    state.as_str()
}

fn line(report: &mut String, name: &str, value: &dyn std::fmt::Display) {
    let _ = writeln!(report, "{name}: {value}");
}
