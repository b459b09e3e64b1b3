//! Diagnosis: checks of keychain, configuration, files and URL scheme.

mod repair;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use native_oauth::provider::{Grant, RedirectMethod};
use native_oauth::text;
use serde::{Serialize, Serializer};

use crate::config::{Config, Entry, KeychainKind, Warning};
use crate::context::Context;
use crate::home::Home;
use crate::provider_setup::ProviderSetup;
use crate::revocation::Revocations;
use crate::url_scheme::is_url_scheme_registered;

pub use repair::Repair;

/// Result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Key of its message.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// Severity.
    pub health: Health,
    /// Detail, such as a path, a provider's id, or a line and a reason.
    pub detail: Option<String>,
    /// Id of the provider, if it is about one.
    pub provider: Option<String>,
    /// How [`Doctor::repair`] repairs it. In JSON: whether it does, as `fixable`.
    #[serde(rename = "fixable", serialize_with = "is_some")]
    fix: Option<Fix>,
}

/// What [`Doctor::repair`] may change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fix {
    /// Replaces the damaged database.
    ReplaceStore,
    /// Removes the permissions of group and others (S53) from what is Nameplate's.
    CloseToOthers,
    /// Moves the client secret of this provider from `providers.toml` into the keychain.
    MoveSecret(String),
    /// Registers the program for links.
    RegisterUrlScheme,
}

/// What a [`Finding`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Where tokens are stored.
    Keychain,
    /// `providers.toml`, `.env` and the providers.
    Providers,
    /// Database and folders.
    Files,
    /// Deep links.
    Links,
}

impl Group {
    /// Every group, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Keychain, Self::Providers, Self::Files, Self::Links];

    /// Key of its title.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "group_keychain",
            Self::Providers => "group_providers",
            Self::Files => "group_files",
            Self::Links => "group_links",
        }
    }
}

/// Severity of a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No problem.
    Good,
    /// Works, but could be improved.
    Warning,
    /// Something does not work.
    Error,
}

/// Finds what does not work, and repairs it.
#[derive(Clone)]
pub struct Doctor {
    context: Arc<Context>,
    revocations: Revocations,
    setup: ProviderSetup,
}

impl Doctor {
    pub(crate) fn new(
        context: Arc<Context>,
        revocations: Revocations,
        setup: ProviderSetup,
    ) -> Self {
        Self { context, revocations, setup }
    }

    /// Checks keychain, configuration, files and URL scheme. Changes nothing and opens no keychain
    /// item.
    pub fn examine(&self) -> Vec<Finding> {
        examine(&self.context, &self.revocations)
    }

    /// Repairs the findings that are [fixable](Finding::is_fixable): registers `program` for links, replaces
    /// a damaged database, removes permissions of others, and moves client secrets from `providers.toml` into the keychain.
    pub async fn repair(&self, program: Option<&Path>) -> Vec<Repair> {
        repair::repair(&self.context, &self.setup, self.examine(), program).await
    }
}

fn is_some<S: Serializer>(fix: &Option<Fix>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(fix.is_some())
}

fn examine(context: &Context, revocations: &Revocations) -> Vec<Finding> {
    let (config, home) = (context.config(), &context.home);
    let mut findings = vec![keychain(context), configuration(&config)];
    if context.store.is_damaged() {
        findings.push(
            Finding::new("store_damaged", Group::Files, Health::Error).fixed_by(Fix::ReplaceStore),
        );
    }
    findings.extend(damaged_database(context));
    findings.extend(open_to_others(home));
    findings.extend(warnings(context, &config));
    findings.extend(overridden(&config));
    findings.extend(unsent(revocations));
    findings.extend(url_scheme(home, &config));
    findings
}

fn keychain(context: &Context) -> Finding {
    if !context.vaults.is_keychain_ready() {
        return Finding::new("keychain_absent", Group::Keychain, Health::Error);
    }
    match context.store.keychain(context.config().keychain) {
        KeychainKind::System => Finding::new("keychain_ready", Group::Keychain, Health::Good),
        #[cfg(target_os = "linux")]
        KeychainKind::Kernel => kernel_keyring(),
    }
}

/// How long the kernel keeps an unused keyring.
#[cfg(target_os = "linux")]
fn kernel_keyring() -> Finding {
    const EXPIRY: &str = "/proc/sys/kernel/keys/persistent_keyring_expiry";
    let expiry = std::fs::read_to_string(EXPIRY).unwrap_or_default();
    let finding = Finding::new("keychain_kernel", Group::Keychain, Health::Warning);
    finding.with_detail(&format!("{EXPIRY}: {} s", expiry.trim()))
}

fn configuration(config: &Config) -> Finding {
    let of = |name, health| Finding::new(name, Group::Providers, health);
    match &config.problem {
        Some(problem) => Finding {
            detail: problem.detail().map(str::to_owned),
            ..of("config_unreadable", Health::Error)
        },
        None if config.entries().iter().all(|entry| entry.oauth.client.is_none()) => {
            of("no_provider_set_up", Health::Warning)
        }
        None => of("config_ready", Health::Good),
    }
}

/// A damaged database that was set aside.
fn damaged_database(context: &Context) -> Option<Finding> {
    let detail = context.notices.damaged_database()?.detail().map(text::sanitized);
    Some(Finding { detail, ..Finding::new("store_set_aside", Group::Files, Health::Error) })
}

/// Folders and files that others can open (S53); folders that may be another program's apart.
fn open_to_others(home: &Home) -> Vec<Finding> {
    let open = home.open_to_others();
    let (ours, others): (Vec<_>, Vec<_>) = open.iter().partition(|path| home.owns(path));
    let finding = |name: &'static str, paths: &[&PathBuf]| {
        let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let finding = Finding::new(name, Group::Files, Health::Warning);
        (!paths.is_empty()).then(|| finding.with_detail(&paths.join(", ")))
    };
    let ours = finding("open_to_others", &ours).map(|finding| finding.fixed_by(Fix::CloseToOthers));
    ours.into_iter().chain(finding("folder_open_to_others", &others)).collect()
}

fn warnings(context: &Context, config: &Config) -> Vec<Finding> {
    let of_warning = |warning: &Warning| match warning {
        Warning::EnvFileIsOpen => {
            let finding = Finding::new("env_file_open", Group::Files, Health::Warning);
            finding
                .fixed_by(Fix::CloseToOthers)
                .with_detail(&context.sources.env_file(&context.home).display().to_string())
        }
        Warning::SecretInFile(entry) => {
            let finding = Finding::new("secret_in_file", Group::Providers, Health::Warning)
                .fixed_by(Fix::MoveSecret(entry.clone()));
            Finding { provider: Some(entry.clone()), ..finding.with_detail(entry) }
        }
    };
    config.warnings.iter().map(of_warning).collect()
}

fn overridden(config: &Config) -> Vec<Finding> {
    let entries = config.entries().iter().filter(|entry| !entry.overrides.is_empty());
    let finding = |entry: &Entry| {
        let id = &entry.oauth.id;
        let finding = Finding::new("overridden", Group::Providers, Health::Warning);
        let detail = format!("{id}: {}", entry.overrides.join(", "));
        Finding { provider: Some(id.clone()), ..finding.with_detail(&detail) }
    };
    entries.map(finding).collect()
}

/// Unsent revocations (S46).
fn unsent(revocations: &Revocations) -> Option<Finding> {
    let providers = revocations.unsent();
    let finding = Finding::new("revoking", Group::Providers, Health::Warning);
    (!providers.is_empty()).then(|| finding.with_detail(&providers.join(", ")))
}

fn url_scheme(home: &Home, config: &Config) -> Option<Finding> {
    let by_link = |method: &Grant| match method.redirect_method() {
        Some(RedirectMethod::DeepLink | RedirectMethod::HttpsPage) => true,
        Some(RedirectMethod::Loopback | RedirectMethod::Manual) | None => false,
    };
    let needed = config.entries().iter().any(|entry| entry.methods.iter().any(by_link));
    let finding = match is_url_scheme_registered(home) {
        true => Finding::new("handler_ready", Group::Links, Health::Good),
        false => Finding::new("handler_missing", Group::Links, Health::Warning)
            .fixed_by(Fix::RegisterUrlScheme),
    };
    needed.then(|| finding.with_detail(&home.scheme()))
}

impl Finding {
    fn new(name: &'static str, group: Group, health: Health) -> Self {
        Self { name, group, health, detail: None, provider: None, fix: None }
    }

    fn with_detail(self, detail: &str) -> Self {
        Self { detail: Some(text::sanitized(detail)), ..self }
    }

    fn fixed_by(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// Whether [`Doctor::repair`] may repair it.
    pub fn is_fixable(&self) -> bool {
        self.fix.is_some()
    }
}
