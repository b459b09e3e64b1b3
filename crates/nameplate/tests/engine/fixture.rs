//! The engine with a home of its own, set up for a demo provider in the same process.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use demo_provider::DemoProvider;
use nameplate::{
    AccessToken, AppIdentity, Code, Error, Grant, Home, Nameplate, PendingSignIn, RedirectMethod,
    RefreshPolicy, SignInOutcome, SignInRequest, State, User,
};

use crate::browser::{Browser, parameters};
use crate::vault::TestVault;

pub struct Fixture {
    pub nameplate: Nameplate,
    pub demo: DemoProvider,
    pub vault: TestVault,
    pub browser: Browser,
    pub home: Home,
    clock: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

impl Fixture {
    /// Set up for every provider of the demo.
    pub async fn new() -> Self {
        Self::with(DemoProvider::providers_toml).await
    }

    /// Set up with this `providers.toml`.
    pub async fn with(providers: impl FnOnce(&DemoProvider) -> String) -> Self {
        let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&identity(), &dir.path().join("home")).unwrap();
        std::fs::write(home.providers_file(), providers(&demo)).unwrap();
        let (vault, clock) = (TestVault::new(), Arc::new(AtomicI64::new(now())));
        let nameplate = open(&home, &vault, &clock);
        Self { nameplate, demo, vault, browser: Browser::new(), home, clock, _dir: dir }
    }

    /// The same home in another process.
    pub fn another(&self) -> Nameplate {
        open(&self.home, &self.vault, &self.clock)
    }

    /// Opens the same home in another thread.
    pub fn opener(&self) -> impl Fn() -> Nameplate + Send + 'static {
        let (home, vault, clock) = (self.home.clone(), self.vault.clone(), self.clock.clone());
        move || open(&home, &vault, &clock)
    }

    pub fn write_providers(&self, text: &str) {
        std::fs::write(self.home.providers_file(), text).unwrap();
        self.nameplate.provider_setup().reload();
    }

    /// Makes the providers unreachable.
    pub async fn unplug(&mut self) {
        let elsewhere = DemoProvider::start("127.0.0.1:0").await.unwrap();
        std::mem::replace(&mut self.demo, elsewhere).stop().await;
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Advances the clocks of engine and provider, and the timers.
    pub async fn pass(&self, seconds: u32) {
        self.advance(i64::from(seconds));
        self.demo.advance_clock(seconds);
        // Lets tasks reach their timers.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds.into())).await;
        tokio::time::resume();
    }

    pub fn users(&self) -> Vec<User> {
        self.nameplate.accounts().list().unwrap()
    }

    pub fn state(&self) -> State {
        self.nameplate.state().unwrap()
    }

    pub async fn access_token(
        &self,
        account: &str,
        policy: RefreshPolicy,
    ) -> nameplate::Result<AccessToken> {
        self.nameplate.sessions().access_token(account, policy).await
    }

    pub async fn begin(&self, provider: &str, method: impl Into<Grant>) -> PendingSignIn {
        self.nameplate.sign_ins().begin(ask(provider, method)).await.unwrap()
    }

    /// The authorization response of a user who allows.
    pub async fn grant(&self, begun: &PendingSignIn) -> String {
        self.browser.decide(&begun.url, "haneul", "allow").await
    }

    /// A complete sign-in of `haneul`, by a method that needs no port.
    pub async fn sign_in(&self, provider: &str) -> nameplate::Result<User> {
        self.sign_in_as(provider, "haneul").await
    }

    pub async fn sign_in_as(&self, provider: &str, person: &str) -> nameplate::Result<User> {
        let begun = self.nameplate.sign_ins().begin(ask(provider, quiet(provider))).await?;
        let response = self.browser.decide(&begun.url, person, "allow").await;
        let user = complete(&self.nameplate, &response).await?;
        Ok(self.with_picture(user).await)
    }

    /// The user after the pictures were downloaded.
    pub async fn with_picture(&self, user: User) -> User {
        self.nameplate.profiles().pictures_downloaded().await;
        self.users().into_iter().find(|known| known.id == user.id).unwrap()
    }

    /// The error of a sign-in, which must leave nothing.
    pub async fn refusal(&self, provider: &str) -> Code {
        let code = self.sign_in(provider).await.unwrap_err().code();
        self.assert_nothing_kept();
        code
    }

    /// Asserts that there are no users, accounts and vault items.
    pub fn assert_nothing_kept(&self) {
        assert_eq!(self.rows("SELECT count(*) FROM users"), 0, "people");
        assert_eq!(self.rows("SELECT count(*) FROM accounts"), 0, "accounts");
        assert_eq!(self.vault.names(), Vec::<String>::new(), "vault entries");
    }

    /// The same, after the secrets of attempts were deleted.
    pub async fn assert_nothing_kept_once_cleared(&self) {
        self.vault.until(|entries| entries.is_empty()).await;
        self.assert_nothing_kept();
    }

    pub fn rows(&self, count: &str) -> i64 {
        let database = rusqlite::Connection::open(self.home.database()).unwrap();
        database.query_row(count, [], |row| row.get(0)).unwrap()
    }

    /// Every file of the home except `providers.toml`, as text.
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.home.data_dir().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path != self.home.providers_file() {
                    let bytes = std::fs::read(&path).unwrap();
                    found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        found
    }
}

/// The names of a program that embeds the library; the demo provider knows its URL scheme.
pub fn identity() -> AppIdentity {
    AppIdentity::new("app.nameplate.desktop", "Notes", "1.2.0")
}

/// `[company]` with an issuer under the demo's `/oidc`.
pub fn company(demo: &DemoProvider, path: &str) -> String {
    let (base, client) = (demo.base(), demo_provider::providers::oidc::CLIENT_ID);
    format!("[company]\nkind = \"oidc\"\nissuer = \"{base}/{path}\"\nclient_id = \"{client}\"\n")
}

pub fn ask(provider: &str, method: impl Into<Grant>) -> SignInRequest {
    SignInRequest { method: Some(method.into()), ..SignInRequest::new(provider) }
}

/// A method that needs no port, if the provider has one.
pub fn quiet(provider: &str) -> RedirectMethod {
    match provider {
        "discord" => RedirectMethod::DeepLink,
        // The page's URL is the response as well.
        "facebook" => RedirectMethod::HttpsPage,
        _ => RedirectMethod::Manual,
    }
}

/// The demo's name of a provider.
pub fn realm(provider: &str) -> &str {
    if provider == "company" { "oidc" } else { provider }
}

/// A response to `begun`, with `query` after the state.
pub fn response_of(begun: &PendingSignIn, query: &str) -> String {
    format!("{}?state={}&{query}", begun.redirect_uri, state_of(begun))
}

/// Completes a sign-in of a user.
pub async fn complete(nameplate: &Nameplate, url: &str) -> nameplate::Result<User> {
    user(nameplate, nameplate.sign_ins().complete(url).await?)
}

/// Waits for the end of a sign-in of a user.
pub async fn outcome(nameplate: &Nameplate, begun: &PendingSignIn) -> nameplate::Result<User> {
    user(nameplate, nameplate.sign_ins().outcome(&begun.id).await?)
}

fn user(nameplate: &Nameplate, outcome: SignInOutcome) -> nameplate::Result<User> {
    let SignInOutcome::SignedIn(user) = outcome else { panic!("no user is signed in") };
    nameplate.accounts().user(user.as_str())
}

/// URL of the pending attempt.
pub fn waiting_url(nameplate: &Nameplate) -> Option<String> {
    nameplate.sign_ins().current().and_then(|current| current.url)
}

/// Notice of the pending sign-in.
pub fn notice(nameplate: &Nameplate) -> Option<Error> {
    nameplate.sign_ins().current().and_then(|current| current.notice)
}

pub fn state_of(begun: &PendingSignIn) -> String {
    parameters(&begun.url)["state"].clone()
}

fn open(home: &Home, vault: &TestVault, clock: &Arc<AtomicI64>) -> Nameplate {
    let clock = Arc::clone(clock);
    let now = move || clock.load(Ordering::SeqCst);
    Nameplate::builder(home.clone()).vault(vault.clone()).clock(now).open().unwrap()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
