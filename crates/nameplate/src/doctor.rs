//! Diagnosis: checks of keychain, configuration, files and URL scheme.

use native_oauth::provider::Channel;
use native_oauth::text;
use serde::Serialize;

use crate::config::{Config, Warning};
use crate::context::Context;
use crate::home::Home;
use crate::revocation::Revocations;
use crate::url_scheme::is_url_scheme_registered;

/// Result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Key of its message.
    pub name: &'static str,
    /// Severity.
    pub health: Health,
    /// Detail, such as a path, a provider's id, or a line and a reason.
    pub detail: Option<String>,
}

/// Severity of a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No problem.
    Well,
    /// Works, but could be improved.
    Weak,
    /// Something does not work.
    Ill,
}

/// Runs every check.
pub(crate) fn examine(context: &Context, revocations: &Revocations) -> Vec<Finding> {
    let (config, home) = (context.config(), &context.home);
    let mut findings = vec![keychain(context), configuration(&config)];
    findings.extend(damaged_database(context));
    findings.extend(open_to_others(home));
    findings.extend(warnings(home, &config));
    findings.extend(overridden(&config));
    findings.extend(unsent(revocations));
    findings.extend(url_scheme(home, &config));
    findings
}

fn keychain(context: &Context) -> Finding {
    match context.vaults.is_keychain_ready() {
        true => finding("keychain_ready", Health::Well, None),
        false => finding("keychain_absent", Health::Ill, None),
    }
}

fn configuration(config: &Config) -> Finding {
    match &config.problem {
        Some(problem) => {
            finding("config_unreadable", Health::Ill, problem.words().map(str::to_owned))
        }
        None if config.entries().iter().all(|entry| entry.oauth.client.is_none()) => {
            finding("nobody_set_up", Health::Weak, None)
        }
        None => finding("config_ready", Health::Well, None),
    }
}

/// A damaged database that was set aside.
fn damaged_database(context: &Context) -> Option<Finding> {
    let file = context.notices.damaged_database()?.words().map(str::to_owned);
    Some(finding("store_set_aside", Health::Ill, file))
}

/// Folders and files that others can read (S53).
fn open_to_others(home: &Home) -> Option<Finding> {
    let open = home.open_to_others();
    let paths: Vec<_> = open.iter().map(|path| path.display().to_string()).collect();
    (!paths.is_empty()).then(|| finding("open_to_others", Health::Weak, Some(paths.join(", "))))
}

fn warnings(home: &Home, config: &Config) -> Vec<Finding> {
    let of_warning = |warning: &Warning| match warning {
        Warning::EnvFileIsOpen => {
            let path = home.env_file().display().to_string();
            finding("env_file_open", Health::Weak, Some(path))
        }
        Warning::SecretInFile(entry) => {
            finding("secret_in_file", Health::Weak, Some(entry.clone()))
        }
    };
    config.warnings.iter().map(of_warning).collect()
}

fn overridden(config: &Config) -> Vec<Finding> {
    let entries = config.entries().iter().filter(|entry| !entry.overrides.is_empty());
    let details =
        entries.map(|entry| format!("{}: {}", entry.oauth.id, entry.overrides.join(", ")));
    details.map(|detail| finding("overridden", Health::Weak, Some(detail))).collect()
}

/// Unsent revocations (S46).
fn unsent(revocations: &Revocations) -> Option<Finding> {
    let providers = revocations.unsent();
    (!providers.is_empty()).then(|| finding("revoking", Health::Weak, Some(providers.join(", "))))
}

fn url_scheme(home: &Home, config: &Config) -> Option<Finding> {
    let by_link = |channel: &Channel| matches!(channel, Channel::DeepLink | Channel::Bounce);
    let needed = config.entries().iter().any(|entry| entry.channels.iter().any(by_link));
    let scheme = Some(home.scheme());
    needed.then(|| match is_url_scheme_registered(home) {
        true => finding("handler_ready", Health::Well, scheme),
        false => finding("handler_missing", Health::Weak, scheme),
    })
}

fn finding(name: &'static str, health: Health, detail: Option<String>) -> Finding {
    Finding { name, health, detail: detail.map(|detail| text::sanitized(&detail)) }
}
