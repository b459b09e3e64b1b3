//! The configured providers.
//!
//! Precedence: environment, then `.env`, then `providers.toml`, then what the program gives
//! ([`providers`](crate::providers)). Client id and secret are one unit and come from one source.

mod device;
pub(crate) mod edit;
mod entry;
pub(crate) mod env;
mod file;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use native_oauth::provider::{BUILT_IN, OIDC, Provider};

use crate::account::LOCAL_PROVIDER;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::provider_table::Table;
use crate::providers::ProviderOptions;
pub use entry::Entry;
use file::File;
pub use file::KeychainKind;

/// The configuration of this device.
#[derive(Debug, Clone, Default)]
pub struct Config {
    entries: Vec<Entry>,
    /// The chosen keychain, read when a home is opened; `None` if the file cannot be read.
    pub keychain: Option<KeychainKind>,
    /// Weaknesses, such as a file that others can read.
    pub warnings: Vec<Warning>,
    /// The first mistake of `providers.toml` or `.env`. Shown by a window (the problem of the
    /// [`State`](crate::State), the cards of providers), `doctor` and `nameplate providers`, and returned
    /// by [`Config::ready`] for a provider without a client. The built-in providers stay listed, except one whose
    /// own table does not fit; those work whose client is configured elsewhere, and those that need none.
    pub problem: Option<Error>,
}

/// What the embedding program adds to the files of a home.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) environment: Environment,
    /// Replaces `.env` of the home.
    pub(crate) env_file: Option<PathBuf>,
    /// The program's providers; the built-in ones if it names none.
    pub(crate) providers: Vec<ProviderOptions>,
    /// The provider that the program runs itself, while it runs.
    loopback: RwLock<Option<ProviderOptions>>,
}

impl Sources {
    /// False where one is offered already.
    pub(crate) fn offer_loopback(&self, provider: ProviderOptions) -> bool {
        let mut offered = self.loopback.write().unwrap_or_else(PoisonError::into_inner);
        let is_free = offered.is_none();
        if is_free {
            *offered = Some(provider);
        }
        is_free
    }

    pub(crate) fn withdraw_loopback(&self) {
        *self.loopback.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn loopback(&self) -> Option<ProviderOptions> {
        self.loopback.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file with client ids and secrets.
    pub(crate) fn env_file(&self, home: &Home) -> PathBuf {
        self.env_file.clone().unwrap_or_else(|| home.env_file())
    }
}

/// A weakness of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Others can read `.env`.
    EnvFileIsOpen,
    /// `providers.toml` has the client secret of this provider.
    SecretInFile(String),
}

impl Config {
    /// Reads the configuration of a home. An error is in [`Config::problem`].
    pub(crate) fn read(home: &Home, sources: &Sources) -> Self {
        Self::of_file(home, sources, file::read(&home.providers_file()))
    }

    /// The configuration if `providers.toml` had this text.
    ///
    /// # Errors
    /// If the text cannot be read.
    pub(crate) fn of_text(home: &Home, sources: &Sources, text: &str) -> Result<Self> {
        Ok(Self::of_file(home, sources, Ok(file::parse(text)?)))
    }

    /// The configuration of the text alone, as for an installed program.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn of_text_alone(text: &str) -> Result<Self> {
        let mut config = Self::default();
        config.add_entries(file::parse(text)?.tables, &[], &env::Clients::default(), false);
        Ok(config)
    }

    fn of_file(home: &Home, sources: &Sources, file: Result<File>) -> Self {
        let keychain = file.as_ref().ok().map(|file| file.keychain);
        let mut config = Self { keychain, ..Self::default() };
        let File { tables, .. } = config.keep_problem(file);
        let (dotenv, open) = config.keep_problem(env::read(&sources.env_file(home)));
        if open {
            config.warnings.push(Warning::EnvFileIsOpen);
        }
        let clients = env::Clients { environment: sources.environment.clone(), dotenv };
        config.add_entries(tables, &sources.providers, &clients, home.own_dir().is_some());
        config.add_loopback(sources.loopback());
        config
    }

    /// Nothing that is written changes it. A written provider of its id takes its place.
    fn add_loopback(&mut self, provider: Option<ProviderOptions>) {
        let Some(ProviderOptions { id, provider, table }) = provider else { return };
        if self.entries.iter().any(|entry| entry.oauth.id == id) {
            return;
        }
        let client = table.client();
        match Entry::new(&id, provider, table, client, true) {
            Ok(entry) => self.entries.push(Entry { is_loopback_provider: true, ..entry }),
            Err(problem) => self.refuse(&id, problem),
        }
    }

    fn keep_problem<T: Default>(&mut self, read: Result<T>) -> T {
        read.unwrap_or_else(|problem| {
            self.problem.get_or_insert(problem);
            T::default()
        })
    }

    fn add_entries(
        &mut self,
        mut tables: BTreeMap<String, Table>,
        given: &[ProviderOptions],
        clients: &env::Clients,
        own_home: bool,
    ) {
        let built_in = BUILT_IN.iter().copied().chain([&OIDC]);
        let built_in = || built_in.map(ProviderOptions::new);
        let given = if given.is_empty() { built_in().collect() } else { given.to_vec() };
        let (any_issuer, given): (Vec<_>, _) =
            given.into_iter().partition(|options: &ProviderOptions| options.id == OIDC.id);
        for ProviderOptions { id, provider, table } in given {
            let written = tables.remove(&id).unwrap_or_default();
            self.add(&id, provider, written, table, clients, own_home);
        }
        for (id, table) in tables {
            match table.kind.as_deref() {
                _ if id == LOCAL_PROVIDER => {
                    self.refuse(&id, format!("[{id}] is the name of profiles on this device"))
                }
                Some("oidc") => {
                    self.add(&id, &OIDC, table, Table::default(), clients, own_home);
                }
                Some(kind) => {
                    self.refuse(&id, format!("[{id}] kind = \"{kind}\": only \"oidc\" is known"))
                }
                // A provider that the program does not offer, as the file of the demo provider has.
                None if native_oauth::provider::built_in(&id).is_some() => {}
                None => self.refuse(&id, format!("[{id}] has no kind; write kind = \"oidc\"")),
            }
        }
        // A table of that name is an issuer like any other.
        let is_taken = self.entries.iter().any(|entry| entry.oauth.id == OIDC.id);
        for ProviderOptions { id, provider, table } in any_issuer {
            if !is_taken {
                self.add(&id, provider, Table::default(), table, clients, own_home);
            }
        }
    }

    fn add(
        &mut self,
        id: &str,
        provider: &'static Provider,
        mut table: Table,
        given: Table,
        clients: &env::Clients,
        own_home: bool,
    ) {
        if table.client_secret.is_some() {
            self.warnings.push(Warning::SecretInFile(id.to_owned()));
        }
        let from_env = clients.of(id);
        let fixed_by = from_env.as_ref().map(|_| env::id_variable(id));
        // The authentication method belongs to the client, and comes from the same source.
        if table.client().is_none() {
            table.client_auth = None;
        }
        table = table.or(given);
        if from_env.is_some() {
            table.client_auth = None;
        }
        let client = from_env.or_else(|| table.client());
        match Entry::new(id, provider, table, client, own_home) {
            Ok(entry) => self.entries.push(Entry { fixed_by, ..entry }),
            Err(problem) => self.refuse(id, problem),
        }
    }

    /// Whether a problem of an earlier configuration is none with this one, which has no error.
    #[cfg(feature = "watch")]
    pub(crate) fn solves(&self, problem: &Error) -> bool {
        let provider = problem.provider().or(problem.detail());
        match problem.code() {
            Code::ConfigUnreadable => true,
            Code::NotSetUp | Code::UnknownProvider => {
                provider.is_some_and(|id| self.ready(id).is_ok())
            }
            _ => false,
        }
    }

    fn refuse(&mut self, id: &str, problem: String) {
        let detail = format!("providers.toml, {problem}");
        self.problem.get_or_insert(Error::new(Code::ConfigUnreadable).at(id).with_detail(detail));
    }

    /// Every provider, set up or not: those of the program first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The provider with this id.
    ///
    /// # Errors
    /// [`Code::UnknownProvider`], or the error of the configuration.
    pub fn entry(&self, id: &str) -> Result<&Entry> {
        let found = self.entries.iter().find(|entry| entry.oauth.id == id);
        found.ok_or_else(|| match &self.problem {
            Some(problem) => problem.clone(),
            None => Error::new(Code::UnknownProvider).with_detail(id),
        })
    }

    /// The provider with this id, if it is set up.
    ///
    /// # Errors
    /// As [`Config::entry`]; [`Code::NotSetUp`] without a client id.
    pub fn ready(&self, id: &str) -> Result<&Entry> {
        let entry = self.entry(id)?;
        match (entry.is_ready(), &self.problem) {
            (true, _) => Ok(entry),
            (false, Some(problem)) => Err(problem.clone()),
            (false, None) => Err(Error::new(Code::NotSetUp).at(id)),
        }
    }
}

#[cfg(test)]
mod tests;
