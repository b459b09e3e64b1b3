//! The dependencies that the services share.

use std::cell::LazyCell;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use native_oauth::clock::Clock;
use native_oauth::http::Http;
use native_oauth::provider::{ServerInput, built_in};

use crate::account::{EmailTrust, LOCAL_PROVIDER};
use crate::builder::Builder;
use crate::config::{Config, Entry, Sources};
use crate::error::{Code, Error, Result};
use crate::event::Events;
use crate::home::Home;
use crate::messages::messages;
use crate::notices::Notices;
use crate::process_lock::ProcessLock;
use crate::settings::{Language, ReturnTo};
use crate::store::Store;
use crate::user::User;
use crate::vault_access::Vaults;
use crate::waits::Waits;
use crate::{lock, server_entry, vault};

/// The dependencies of the services of one home.
pub(crate) struct Context {
    pub(crate) home: Home,
    pub(crate) store: Store,
    pub(crate) vaults: Vaults,
    pub(crate) http: Http,
    /// For servers that a user named.
    public_http: Http,
    pub(crate) events: Events,
    pub(crate) waits: Waits,
    pub(crate) notices: Notices,
    pub(crate) process: ProcessLock,
    pub(crate) sources: Sources,
    pub(crate) return_to: ReturnTo,
    clock: Clock,
    config: RwLock<Arc<Config>>,
    pub(crate) offline: AtomicBool,
}

impl Context {
    /// # Errors
    /// [`Code::StoreFailed`] and [`Code::StoreNewer`] if the home or its database cannot be used.
    pub(crate) fn open(builder: Builder) -> Result<Self> {
        let Builder { home, vault, clock, sources, return_to } = builder;
        let failed = |error: std::io::Error| Error::caused(Code::StoreFailed, error);
        home.prepare().map_err(failed)?;
        lock::sweep(&home.locks());
        let events = Events::new();
        let waits = Waits::new(events.clone());
        let store = Store::open(&home)?;
        let config = Config::read(&home, &sources);
        let keychain = match vault {
            Some(vault) => vault,
            None => vault::chosen(store.keychain(config.keychain), home.service()),
        };
        let notices = Notices::new(home.clone(), store.clone(), events.clone(), waits.clone());
        notices.set_problem(config.problem.clone());
        Ok(Self {
            process: ProcessLock::new(&home).map_err(failed)?,
            http: Http::new(&home.identity().user_agent, Arc::clone(&clock))?,
            public_http: Http::to_public_addresses(
                &home.identity().user_agent,
                Arc::clone(&clock),
            )?,
            vaults: Vaults::new(keychain, waits.clone()),
            config: RwLock::new(Arc::new(config)),
            offline: AtomicBool::new(false),
            sources,
            return_to,
            home,
            store,
            events,
            waits,
            notices,
            clock,
        })
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The provider of an account, an attempt or a session, at their issuer: a provider whose server
    /// a user names has a client for each.
    ///
    /// # Errors
    /// As [`Config::entry`].
    pub(crate) fn entry(&self, provider: &str, issuer: &str) -> Result<Entry> {
        let config = self.config();
        let entry = config.entry(provider)?;
        match entry.server_input() {
            ServerInput::None => Ok(entry.clone()),
            ServerInput::Issuer | ServerInput::Server | ServerInput::Handle => {
                server_entry::known(&self.store, entry, issuer)
            }
        }
    }

    /// The same, if it is set up.
    ///
    /// # Errors
    /// As [`Config::ready`].
    pub(crate) fn ready(&self, provider: &str, issuer: &str) -> Result<Entry> {
        self.config().ready(provider)?;
        let entry = self.entry(provider, issuer)?;
        match entry.is_ready() {
            true => Ok(entry),
            false => Err(Error::new(Code::NotSetUp).at(provider)),
        }
    }

    /// The HTTP client for a provider. A server that a user named is not trusted, and neither is
    /// what it names: only public addresses are connected to.
    pub(crate) fn http_for(&self, entry: &Entry) -> &Http {
        match entry.is_untrusted() {
            true => &self.public_http,
            false => &self.http,
        }
    }

    /// Reads the configuration again, without reporting its problem.
    pub(crate) fn reload_config(&self) {
        let config = Arc::new(Config::read(&self.home, &self.sources));
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// Reads the configuration again after a write by another process, and reports its problem. A
    /// problem that the new configuration solves is not shown any more.
    #[cfg(feature = "watch")]
    pub(crate) fn config_written(&self) {
        self.reload_config();
        let config = self.config();
        match &config.problem {
            Some(problem) => self.notices.set_problem(Some(problem.clone())),
            None => self.notices.solve(|problem| config.solves(problem)),
        }
    }

    /// The language of messages: the chosen one, else the system's.
    pub(crate) fn language(&self) -> Language {
        self.store.settings().unwrap_or_default().language.language()
    }

    pub(crate) fn users(&self) -> Result<Vec<User>> {
        let mut users = self.store.users()?;
        let config = self.config();
        // In the language of now, not of when an account was stored.
        let texts = LazyCell::new(|| messages(self.language()));
        for account in users.iter_mut().flat_map(|user| &mut user.accounts) {
            if account.provider == LOCAL_PROVIDER {
                account.label.clone_from(&texts.local_profile);
            }
            let entry = config.entry(&account.provider).ok();
            let provider = entry.map(|entry| entry.oauth.provider);
            if let Some(provider) = provider.or_else(|| built_in(&account.provider)) {
                let label = texts.label_of(&account.label, provider);
                if label != account.label {
                    account.label = label.to_owned();
                }
            }
            // As configured now, not as when the account signed in.
            if let Some(entry) = entry
                && !entry.links_by_email
                && matches!(account.email_trust, EmailTrust::Trusted | EmailTrust::NoProof)
            {
                account.email_trust = match entry.overrides.is_empty() {
                    true => EmailTrust::NoProof,
                    false => EmailTrust::Overridden,
                };
            }
        }
        Ok(users)
    }

    /// # Errors
    /// [`Code::UnknownAccount`].
    pub(crate) fn user(&self, id: &str) -> Result<User> {
        let user = self.users()?.into_iter().find(|user| user.id.as_str() == id);
        user.ok_or_else(|| Error::new(Code::UnknownAccount).with_detail(id))
    }

    /// The user that was shown last, else the first.
    pub(crate) fn current_user(&self) -> Result<Option<User>> {
        let shown = self.store.shown()?;
        let mut users = self.users()?;
        let at = users.iter().position(|user| Some(&user.id) == shown.as_ref()).unwrap_or(0);
        Ok((at < users.len()).then(|| users.swap_remove(at)))
    }
}
