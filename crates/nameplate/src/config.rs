//! The configured providers.
//!
//! Precedence: environment, then `.env`, then `providers.toml`, then what was baked in at build
//! time. Client id and secret are one unit and come from one source.

mod device;
pub(crate) mod edit;
mod entry;
pub(crate) mod env;
mod file;
pub(crate) mod local;

use std::collections::BTreeMap;

use native_oauth::provider::{BUILT_IN, OIDC, Provider};

use crate::error::{Code, Error, Result};
use crate::home::Home;
pub use entry::Entry;
pub use file::KeychainKind;
use file::{File, Table};
use local::EMAIL;

/// The configuration of this device.
#[derive(Debug, Clone, Default)]
pub struct Config {
    entries: Vec<Entry>,
    /// The chosen keychain; read when a home is opened.
    pub keychain: KeychainKind,
    /// Weaknesses, such as a file that others can read.
    pub warnings: Vec<Warning>,
    /// Why `providers.toml` or `.env` could not be read; the built-in providers are available all
    /// the same.
    pub problem: Option<Error>,
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
    pub fn read(home: &Home) -> Self {
        Self::of_file(home, file::read(&home.providers_file()))
    }

    /// The configuration if `providers.toml` had this text.
    ///
    /// # Errors
    /// If the text cannot be read.
    pub(crate) fn of_text(home: &Home, text: &str) -> Result<Self> {
        Ok(Self::of_file(home, Ok(file::parse(text)?)))
    }

    /// The configuration of the text alone, as for an installed program.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn of_text_alone(text: &str) -> Result<Self> {
        let mut config = Self::default();
        config.add_entries(file::parse(text)?.tables, &env::Clients::default(), false);
        Ok(config)
    }

    fn of_file(home: &Home, file: Result<File>) -> Self {
        let mut config = Self::default();
        let File { keychain, tables } = config.keep_problem(file);
        config.keychain = keychain;
        let (dotenv, open) = config.keep_problem(env::read(&home.env_file()));
        if open {
            config.warnings.push(Warning::EnvFileIsOpen);
        }
        let clients = env::Clients { dotenv };
        config.add_entries(tables, &clients, home.own_dir().is_some());
        config
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
        clients: &env::Clients,
        own_home: bool,
    ) {
        for provider in BUILT_IN {
            let table = tables.remove(provider.id).unwrap_or_default();
            self.add(provider.id, provider, table, clients, own_home);
        }
        for (id, table) in tables {
            match table.kind.as_deref() {
                _ if id == EMAIL.id => {
                    self.refuse(&id, format!("[{id}] is the name of profiles on this device"))
                }
                Some("oidc") => self.add(&id, &OIDC, table, clients, own_home),
                Some(kind) => {
                    self.refuse(&id, format!("[{id}] kind = \"{kind}\": only \"oidc\" is known"))
                }
                None => self.refuse(&id, format!("[{id}] has no kind; write kind = \"oidc\"")),
            }
        }
        // A table of that name is an issuer like any other.
        if !self.entries.iter().any(|entry| entry.oauth.id == OIDC.id) {
            self.add(OIDC.id, &OIDC, Table::default(), &env::Clients::default(), own_home);
        }
        match Entry::new(EMAIL.id, &EMAIL, Table::default(), None, own_home) {
            Ok(entry) => self.entries.push(entry),
            Err(problem) => self.refuse(EMAIL.id, problem),
        }
    }

    fn add(
        &mut self,
        id: &str,
        provider: &'static Provider,
        mut table: Table,
        clients: &env::Clients,
        own_home: bool,
    ) {
        if table.client_secret.is_some() {
            self.warnings.push(Warning::SecretInFile(id.to_owned()));
        }
        let given = clients.of(id);
        let fixed_by = given.as_ref().map(|_| env::id_variable(id));
        // The authentication method belongs to the client, and comes from the same source.
        if given.is_some() || table.client().is_none() {
            table.client_auth = None;
        }
        let client = given.or_else(|| table.client()).or_else(|| env::baked(id));
        match Entry::new(id, provider, table, client, own_home) {
            Ok(entry) => self.entries.push(Entry { fixed_by, ..entry }),
            Err(problem) => self.refuse(id, problem),
        }
    }

    fn refuse(&mut self, id: &str, problem: String) {
        self.problem.get_or_insert(Error::new(Code::ConfigUnreadable).at(id).detail(problem));
    }

    /// Every provider, set up or not: built-in ones first, the local one last.
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
            None => Error::new(Code::UnknownProvider).detail(id),
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
