//! Which providers there are on this device, and what each is set up with.
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
use file::Table;
use local::EMAIL;

/// What this device is set up with.
#[derive(Debug, Clone, Default)]
pub struct Config {
    entries: Vec<Entry>,
    /// What a person should know about how it is set up, such as a file that others can read.
    pub warnings: Vec<Warning>,
    /// Why `providers.toml` or `.env` was not read; the built-in providers are there all the same.
    pub problem: Option<Error>,
}

/// A weakness of the set-up that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// `.env` can be read by others.
    EnvFileIsOpen,
    /// The entry's secret stands in `providers.toml`.
    SecretInFile(String),
}

impl Config {
    /// Reads the configuration of a home. What cannot be read is told in [`Config::problem`].
    pub fn read(home: &Home) -> Self {
        Self::of_tables(home, file::read(&home.providers_file()))
    }

    /// The same, were this the text of `providers.toml`.
    ///
    /// # Errors
    /// Where the text cannot be read.
    pub(crate) fn of_text(home: &Home, text: &str) -> Result<Self> {
        Ok(Self::of_tables(home, Ok(file::parse(text)?)))
    }

    /// The same by the text alone, as of a program that is installed.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn of_text_alone(text: &str) -> Result<Self> {
        let mut config = Self::default();
        config.add_entries(file::parse(text)?, &env::Clients::default(), false);
        Ok(config)
    }

    fn of_tables(home: &Home, tables: Result<BTreeMap<String, Table>>) -> Self {
        let mut config = Self::default();
        let tables = config.keep_problem(tables);
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
        // How a client shows its secret is part of it, and goes where it comes from.
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

    /// Every entry, set up or not: the built-in ones first, the one of this device last.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that id.
    ///
    /// # Errors
    /// [`Code::UnknownProvider`], or what kept the configuration from being read.
    pub fn entry(&self, id: &str) -> Result<&Entry> {
        let found = self.entries.iter().find(|entry| entry.oauth.id == id);
        found.ok_or_else(|| match &self.problem {
            Some(problem) => problem.clone(),
            None => Error::new(Code::UnknownProvider).detail(id),
        })
    }

    /// The entry of that id, if it can be signed in with.
    ///
    /// # Errors
    /// As of [`Config::entry`]; [`Code::NotSetUp`] where the client id is missing.
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
mod tests {
    use native_oauth::provider::Channel;
    use native_oauth::provider::TokenEndpointAuthMethod;

    use super::*;

    fn home(providers: &str) -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("providers.toml"), providers).unwrap();
        let home = Home::own(dir.path()).unwrap();
        (dir, home)
    }

    fn problem(providers: &str) -> String {
        let (_dir, home) = home(providers);
        let problem = Config::read(&home).problem.expect("a problem");
        assert_eq!(problem.code(), Code::ConfigUnreadable);
        problem.words().unwrap().to_owned()
    }

    #[test]
    fn nothing_set_up_still_lists_the_built_in_providers() {
        let (_dir, home) = home("");
        let config = Config::read(&home);
        let ids: Vec<_> = config.entries().iter().map(|entry| entry.oauth.id.as_str()).collect();
        let built_in: Vec<_> = BUILT_IN.iter().chain([&&EMAIL]).map(|known| known.id).collect();
        assert_eq!(ids, built_in);
        assert_eq!(config.ready("discord").unwrap_err().code(), Code::NotSetUp);
        assert_eq!(config.entry("myspace").unwrap_err().code(), Code::UnknownProvider);
    }

    #[test]
    fn an_unreadable_file_names_line_and_reason() {
        assert!(problem("[discord]\nclient_id = 5\n").starts_with("line 2: "));
        assert!(problem("[discord\n").starts_with("line 1: "));
        assert!(problem("[discord]\n\nclient_idd = \"x\"\n").contains("client_idd"));
        assert!(problem("[company]\nissuer = \"https://x\"\n").contains("kind"));
        assert!(problem("[company]\nkind = \"saml\"\n").contains("saml"));
    }

    #[test]
    fn an_unreadable_file_keeps_no_one_from_reading_the_reason() {
        let (_dir, home) = home("[discord\n");
        let config = Config::read(&home);
        assert_eq!(config.entries().len(), BUILT_IN.len() + 1);
        assert_eq!(config.ready("discord").unwrap_err().code(), Code::ConfigUnreadable);
    }

    /// S9: http is for loopback hosts, and only in a run with a home of its own.
    #[test]
    fn endpoints_must_be_https() {
        let plain = "[discord]\nclient_id = \"x\"\ntoken_endpoint = \"http://discord.com/token\"\n";
        assert!(problem(plain).contains("token_endpoint"));
        let loopback =
            "[discord]\nclient_id = \"x\"\ntoken_endpoint = \"http://127.0.0.1:9400/token\"\n";
        let (_dir, home) = home(loopback);
        let config = Config::read(&home);
        assert_eq!(config.problem, None);
        assert_eq!(config.entry("discord").unwrap().overrides, ["token_endpoint"]);
        let tables = file::parse(loopback).unwrap();
        let mut installed = Config::default();
        installed.add_entries(tables, &env::Clients::default(), false);
        assert!(installed.problem.unwrap().words().unwrap().contains("token_endpoint"));
    }

    /// S10: a parameter of the protocol in the query of an endpoint is refused in whatever
    /// spelling; any other stays (RFC 6749, section 3.1).
    #[test]
    fn an_endpoints_query_holds_no_protocol_parameter() {
        let table = |key: &str, query: &str| {
            format!("[discord]\nclient_id = \"x\"\n{key} = \"https://id.example.com/x?{query}\"\n")
        };
        for query in [
            "response_type=token",
            "tenant=1&state=x",
            "state",
            "%73tate=x",
            "State=x",
            "client_id=other",
            "redirect_uri=https://evil.example",
            "request=eyJ",
            "code_challenge_method=plain",
        ] {
            for key in ["authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
                let words = problem(&table(key, query));
                assert!(words.contains(key) && words.contains("query"), "{query}: {words}");
            }
        }
        let (_dir, home) = home(&table("authorization_endpoint", "tenant=1&audience=api"));
        let config = Config::read(&home);
        assert_eq!(config.problem, None);
        let endpoint =
            config.entry("discord").unwrap().oauth.endpoints.authorization.clone().unwrap();
        assert_eq!(endpoint.query(), Some("tenant=1&audience=api"));
    }

    /// S9: a page of one's own is https, names its entry, and leaves the query to the answer; its
    /// channel goes first.
    #[test]
    fn a_page_of_ones_own_is_a_channel() {
        let table = |uri: &str| format!("[kakao]\nclient_id = \"x\"\nredirect_uri = \"{uri}\"\n");
        let (_dir, home) = home(&table("https://example.com/bounce/kakao"));
        let config = Config::read(&home);
        assert_eq!(config.problem, None);
        let channels = &config.ready("kakao").unwrap().channels;
        assert_eq!(channels, &[Channel::Bounce, Channel::Loopback]);
        for (uri, words) in [
            ("http://example.com/bounce/kakao", "https"),
            ("https://example.com/bounce/kakao?x=1", "query"),
            ("https://example.com/bounce/kakao#x", "fragment"),
            ("https://example.com/bounce", "must end with /kakao"),
            ("app.nameplate.desktop:/callback/kakao", "https"),
        ] {
            assert!(problem(&table(uri)).contains(words), "{uri}");
        }
        let chosen = "[kakao]\nclient_id = \"x\"\nchannel = \"bounce\"\n";
        assert!(problem(chosen).contains("does not allow it"));
    }

    /// Id, secret and the way to show it are one unit, from one source.
    #[test]
    fn the_files_way_to_show_a_secret_is_for_the_files_client() {
        let tables =
            file::parse("[discord]\nclient_id = \"theirs\"\nclient_auth = \"basic\"").unwrap();
        let read = |dotenv: &[(&str, &str)]| {
            let dotenv = dotenv.iter().map(|(name, id)| ((*name).into(), (*id).into())).collect();
            let mut config = Config::default();
            let tables = tables.clone();
            config.add_entries(tables, &env::Clients { dotenv }, true);
            let entry = config.entry("discord").unwrap();
            (entry.oauth.client().unwrap().id.clone(), entry.oauth.client_auth)
        };
        assert_eq!(read(&[]), ("theirs".into(), Some(TokenEndpointAuthMethod::ClientSecretBasic)));
        assert_eq!(read(&[("DISCORD_CLIENT_ID", "ours")]), ("ours".into(), None));
    }

    #[test]
    fn an_issuer_of_ones_own_is_an_entry() {
        let (_dir, home) = home(
            "[company]\nkind = \"oidc\"\nlabel = \"Company SSO\"\nissuer = \"https://id.example.com\"\nclient_id = \"desktop\"\nredirect_ports = [53682]\n",
        );
        let config = Config::read(&home);
        let entry = config.ready("company").unwrap();
        assert_eq!(
            (entry.label.as_str(), entry.oauth.issuer.as_str()),
            ("Company SSO", "https://id.example.com")
        );
        assert_eq!(entry.ports.as_deref(), Some(&[53682][..]));
    }
}
