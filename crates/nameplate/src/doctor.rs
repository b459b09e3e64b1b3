//! Diagnosis: checks of keychain, configuration, files and URL scheme.

use native_oauth::provider::Channel;
use native_oauth::text;
use serde::Serialize;

use crate::config::Warning;
use crate::login::Login;
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

impl Login {
    /// Runs every check. Changes nothing and opens no keychain item.
    pub fn examine(&self) -> Vec<Finding> {
        let mut findings = vec![self.keychain(), self.configuration()];
        findings.extend(self.damaged());
        findings.extend(self.open_to_others());
        findings.extend(self.weaknesses());
        findings.extend(self.overridden());
        findings.extend(self.unsent());
        findings.extend(self.handler());
        findings
    }

    fn keychain(&self) -> Finding {
        match self.keychain_ready() {
            Ok(()) => finding("keychain_ready", Health::Well, None),
            Err(_) => finding("keychain_absent", Health::Ill, None),
        }
    }

    fn configuration(&self) -> Finding {
        let config = self.config();
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
    fn damaged(&self) -> Option<Finding> {
        let file = self.set_aside()?.words().map(str::to_owned);
        Some(finding("store_set_aside", Health::Ill, file))
    }

    /// Folders and files that others can read (S53).
    fn open_to_others(&self) -> Option<Finding> {
        let open = self.home().open_to_others();
        let paths: Vec<_> = open.iter().map(|path| path.display().to_string()).collect();
        (!paths.is_empty()).then(|| finding("open_to_others", Health::Weak, Some(paths.join(", "))))
    }

    fn weaknesses(&self) -> Vec<Finding> {
        let config = self.config();
        let told = |warning: &Warning| match warning {
            Warning::EnvFileIsOpen => {
                let path = self.home().env_file().display().to_string();
                finding("env_file_open", Health::Weak, Some(path))
            }
            Warning::SecretInFile(entry) => {
                finding("secret_in_file", Health::Weak, Some(entry.clone()))
            }
        };
        config.warnings.iter().map(told).collect()
    }

    fn overridden(&self) -> Vec<Finding> {
        let config = self.config();
        let entries = config.entries().iter().filter(|entry| !entry.overrides.is_empty());
        let told =
            entries.map(|entry| format!("{}: {}", entry.oauth.id, entry.overrides.join(", ")));
        told.map(|detail| finding("overridden", Health::Weak, Some(detail))).collect()
    }

    /// Unsent revocations (S46).
    fn unsent(&self) -> Option<Finding> {
        let left = self.unsent_revocations();
        (!left.is_empty()).then(|| finding("revoking", Health::Weak, Some(left.join(", "))))
    }

    fn handler(&self) -> Option<Finding> {
        let config = self.config();
        let by_link = |channel: &Channel| matches!(channel, Channel::DeepLink | Channel::Bounce);
        let wanted = config.entries().iter().any(|entry| entry.channels.iter().any(by_link));
        let scheme = Some(self.home().scheme());
        wanted.then(|| match is_url_scheme_registered(self.home()) {
            true => finding("handler_ready", Health::Well, scheme),
            false => finding("handler_missing", Health::Weak, scheme),
        })
    }
}

fn finding(name: &'static str, health: Health, detail: Option<String>) -> Finding {
    Finding { name, health, detail: detail.map(|detail| text::sanitized(&detail)) }
}
