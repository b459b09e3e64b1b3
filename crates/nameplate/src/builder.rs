//! Options for opening a home.

use std::path::PathBuf;
use std::sync::Arc;

use native_oauth::clock::{Clock, system_clock};

use crate::config::Sources;
use crate::environment::Environment;
use crate::home::Home;
use crate::providers::ProviderOptions;
use crate::settings::ReturnTo;
use crate::vault::Vault;

/// Options of [`Nameplate::builder`](crate::Nameplate::builder).
pub struct Builder {
    pub(crate) home: Home,
    /// `None` for the one that `providers.toml` chooses.
    pub(crate) vault: Option<Arc<dyn Vault>>,
    pub(crate) clock: Clock,
    pub(crate) sources: Sources,
    pub(crate) return_to: ReturnTo,
}

impl Builder {
    pub(crate) fn new(home: Home) -> Self {
        Self {
            home,
            vault: None,
            clock: Arc::new(system_clock),
            sources: Sources::default(),
            return_to: ReturnTo::default(),
        }
    }

    /// Client ids and secrets may come from these variables, `<PROVIDER>_CLIENT_ID` and
    /// `<PROVIDER>_CLIENT_SECRET`. Not called: no variable is read.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.sources.environment = environment;
        self
    }

    /// Reads this file instead of [`Home::env_file`].
    #[must_use]
    pub fn env_file(mut self, file: impl Into<Option<PathBuf>>) -> Self {
        self.sources.env_file = file.into();
        self
    }

    /// Offers a provider; called once for each. Not called: the built-in providers.
    #[must_use]
    pub fn provider(mut self, provider: ProviderOptions) -> Self {
        self.sources.providers.push(provider);
        self
    }

    /// Offers these providers; see [`Builder::provider`].
    #[must_use]
    pub fn providers(mut self, providers: impl IntoIterator<Item = ProviderOptions>) -> Self {
        self.sources.providers.extend(providers);
        self
    }

    /// Stores secrets in another vault than the operating system's keychain.
    #[must_use]
    pub fn vault(mut self, vault: impl Vault + 'static) -> Self {
        self.vault = Some(Arc::new(vault));
        self
    }

    /// Uses another clock than the operating system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where the last page of a sign-in sends the user. Not called: to the app.
    #[must_use]
    pub fn return_to(mut self, return_to: ReturnTo) -> Self {
        self.return_to = return_to;
        self
    }
}
