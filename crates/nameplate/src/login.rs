//! What a person can want: sign in, answer, cancel, sign out, forget. [`Login`] files what the
//! flow returns; it is the only place where store and vault meet.

mod access;
mod account_lock;
mod begin;
mod bot;
mod device;
pub(crate) mod finish;
mod local;
mod people;
mod persist;
mod picture;
mod process_lock;
mod recovery;
mod refresh_profile;
mod reporting;
mod revoke;
mod set_up;
mod sign_out;
mod signing_in;
mod vault_access;
mod waiting;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub use native_oauth::clock::Clock;
use native_oauth::clock::system_clock;
use native_oauth::http::Http;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::home::Home;
use crate::lock;
use crate::settings::{Language, Settings};
use crate::store::Store;
#[cfg(feature = "watch")]
use crate::store::{Change, Watch};
use crate::user::{EmailTrust, User};
use crate::vault::{MemoryVault, Vault, VaultError};
pub use access::{AccessToken, RefreshPolicy};
pub use begin::{Ask, Begun};
pub(crate) use bot::offered;
pub use finish::Done;
pub use local::NewProfile;
use process_lock::ProcessLock;
pub use set_up::{Check, Checked, SetUpReport, SetUpRequest};
pub use signing_in::{Phase, SigningIn};
use waiting::Waiting;

/// The engine. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Login(Arc<Inner>);

struct Inner {
    home: Home,
    store: Store,
    keychain: Arc<dyn Vault>,
    memory: Arc<dyn Vault>,
    http: Http,
    clock: Clock,
    config: RwLock<Arc<Config>>,
    owner: ProcessLock,
    waiting: Mutex<Waiting>,
    beginning: tokio::sync::Mutex<()>,
    revoking: tokio::sync::Mutex<()>,
    offline: AtomicBool,
    /// What is waited for, where it takes long.
    reports: Mutex<Vec<Code>>,
    /// The pictures that are being fetched.
    pictures: Mutex<JoinSet<()>>,
    news: broadcast::Sender<Event>,
}

impl Login {
    /// Opens a home with the operating system's keychain and clock.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub fn open(home: Home) -> Result<Self> {
        #[cfg(feature = "keychain")]
        let keychain = crate::vault::Keychain::new(home.service());
        #[cfg(not(feature = "keychain"))]
        let keychain = crate::vault::NoKeychain;
        Self::with(home, Arc::new(keychain), Arc::new(system_clock))
    }

    /// Opens a home with another vault or clock.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub fn with(home: Home, keychain: Arc<dyn Vault>, clock: Clock) -> Result<Self> {
        let failed = |error: std::io::Error| Error::new(Code::StoreFailed).detail(error);
        home.prepare().map_err(failed)?;
        lock::sweep(&home.locks());
        let inner = Inner {
            store: Store::open(&home)?,
            config: RwLock::new(Arc::new(Config::read(&home))),
            owner: ProcessLock::new(&home).map_err(failed)?,
            http: Http::new(Arc::clone(&clock))?,
            memory: Arc::new(MemoryVault::default()),
            waiting: Mutex::new(Waiting::default()),
            beginning: tokio::sync::Mutex::new(()),
            revoking: tokio::sync::Mutex::new(()),
            offline: AtomicBool::new(false),
            reports: Mutex::default(),
            pictures: Mutex::default(),
            news: broadcast::channel(64).0,
            home,
            keychain,
            clock,
        };
        let login = Self(Arc::new(inner));
        login.waiting().problem = login.config().problem.clone();
        login.end_sessions_of_dead_runs()?;
        Ok(login)
    }

    /// Where this engine keeps its things.
    pub fn home(&self) -> &Home {
        &self.0.home
    }

    /// News from now on. News that nobody took in time is dropped: it says only "look again".
    pub fn news(&self) -> broadcast::Receiver<Event> {
        self.0.news.subscribe()
    }

    /// Everybody on this device.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn users(&self) -> Result<Vec<User>> {
        let mut users = self.0.store.users()?;
        let config = self.config();
        for account in users.iter_mut().flat_map(|user| &mut user.accounts) {
            let overridden =
                || config.entry(&account.provider).is_ok_and(|entry| !entry.overrides.is_empty());
            if account.email_trust == EmailTrust::NoProof && overridden() {
                account.email_trust = EmailTrust::Overridden;
            }
        }
        Ok(users)
    }

    /// The picture of a user, as PNG.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn avatar(&self, user: &str) -> Result<Option<Vec<u8>>> {
        self.0.store.avatar(user)
    }

    /// What this device is set up with.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the configuration again.
    pub fn read_config(&self) {
        self.follow_config();
        self.waiting().problem = self.config().problem.clone();
        self.tell(Event::Changed);
    }

    /// Reads it again without a word about what is wrong with it.
    pub(crate) fn follow_config(&self) {
        let config = Arc::new(Config::read(&self.0.home));
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// Where a client is registered at a provider: a constant of the program, never a configured
    /// address (S57).
    ///
    /// # Errors
    /// [`Code::UnknownProvider`] where the provider has no such page.
    pub fn register_url(&self, provider: &str) -> Result<&'static str> {
        let config = self.config();
        let url = config.entry(provider)?.oauth.provider.set_up.register_url;
        url.ok_or_else(|| Error::new(Code::UnknownProvider).detail(provider))
    }

    /// What the person chose.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn settings(&self) -> Result<Settings> {
        self.0.store.settings()
    }

    /// Keeps what the person chose.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn save_settings(&self, settings: Settings) -> Result<()> {
        self.0.store.save_settings(settings)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// The language to speak.
    pub fn language(&self) -> Language {
        let chosen = self.0.store.settings().unwrap_or_default().language;
        chosen.resolve(sys_locale::get_locale().as_deref())
    }

    /// Watches the database from now on: the returned future turns every change, whoever made
    /// it, into news, for as long as it is polled. Nothing polls the database.
    ///
    /// # Errors
    /// Where the database cannot be watched.
    #[cfg(feature = "watch")]
    pub fn watch(&self) -> Result<impl Future<Output = ()> + Send + use<>> {
        let mut watch = Watch::new(&self.0.home.database())?;
        let login = self.clone();
        Ok(async move {
            loop {
                match watch.changed().await {
                    Change::Replaced => login.open_store_again(),
                    Change::Committed => login.look_at_waiting(),
                }
                login.tell(Event::Changed);
            }
        })
    }

    #[cfg(feature = "watch")]
    fn open_store_again(&self) {
        if let Err(error) = self.0.store.open_again(&self.0.home) {
            self.report(error);
        }
        self.look_at_waiting();
    }

    /// The damaged database that was set aside last, by whatever process, until the message is
    /// dismissed or the file is moved or deleted.
    pub fn set_aside(&self) -> Option<Error> {
        let file = self.0.store.set_aside(&self.0.home).ok()??;
        Some(Error::new(Code::StoreSetAside).detail(file.display()))
    }

    /// Finds out whether the provider of the user shown can be reached, without a token.
    pub async fn look_outside(&self) {
        let offline = match self.place_to_reach() {
            Some(url) => !self.0.http.reaches(&url).await,
            None => false,
        };
        self.set_offline(offline);
    }

    /// A provider that has just answered is within reach.
    fn set_offline(&self, offline: bool) {
        if self.0.offline.swap(offline, Ordering::Relaxed) != offline {
            self.tell(Event::Changed);
        }
    }

    fn place_to_reach(&self) -> Option<url::Url> {
        let user = self.shown_user().ok()??;
        let config = self.config();
        // A profile of this device alone has nobody to reach.
        user.accounts.iter().find_map(|account| {
            let entry = config.entry(&account.provider).ok()?;
            entry.oauth.endpoints.token.clone().or_else(|| entry.oauth.issuer.parse().ok())
        })
    }

    /// The user to show: the one shown last, else the first.
    pub(crate) fn shown_user(&self) -> Result<Option<User>> {
        let shown = self.0.store.shown()?;
        let mut users = self.users()?;
        let at = users.iter().position(|user| Some(&user.id) == shown.as_ref()).unwrap_or(0);
        Ok((at < users.len()).then(|| users.swap_remove(at)))
    }

    /// Whether there is a keychain; opens no entry.
    pub(crate) fn keychain_ready(&self) -> Result<(), VaultError> {
        self.0.keychain.ready()
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.0.offline.load(Ordering::Relaxed)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.0.clock)()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no fault.
        let _ = self.0.news.send(event);
    }
}
