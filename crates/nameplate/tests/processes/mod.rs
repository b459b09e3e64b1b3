//! Several processes with one home: a vault in files, and children that run this test program.

#![allow(dead_code, reason = "each test program uses a part")]

#[path = "../engine/browser.rs"]
mod browser;
pub mod child;
pub mod vault;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use demo_provider::DemoProvider;
use nameplate::{
    AppIdentity, Home, Intent, Nameplate, RedirectMethod, SignInOutcome, SignInRequest, User,
};

use browser::Browser;
use vault::FileVault;

/// A demo provider, and a folder with a `home` that is set up for it.
pub async fn home_of(
    providers: impl FnOnce(&DemoProvider) -> String,
) -> (DemoProvider, tempfile::TempDir) {
    let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("home")).unwrap();
    std::fs::write(dir.path().join("home/providers.toml"), providers(&demo)).unwrap();
    (demo, dir)
}

/// The engine of a home, with a vault in a folder beside it.
pub fn open(dir: &Path, clock: &Arc<AtomicI64>) -> Nameplate {
    let clock = Arc::clone(clock);
    let identity = AppIdentity::new("app.nameplate.desktop", "Notes", "1.2.0");
    let home = Home::own(&identity, &dir.join("home")).unwrap();
    let vault = FileVault::new(dir.join("vault"));
    let now = move || clock.load(Ordering::SeqCst);
    Nameplate::builder(home).vault(vault).clock(now).open().unwrap()
}

/// A request by a method that needs no port.
pub fn ask(provider: &str, intent: Intent) -> SignInRequest {
    let method = Some(RedirectMethod::Manual.into());
    SignInRequest { intent, method, ..SignInRequest::new(provider) }
}

/// A complete sign-in.
pub async fn sign_in(
    nameplate: &Nameplate,
    ask: SignInRequest,
    person: &str,
) -> nameplate::Result<User> {
    let begun = nameplate.sign_ins().begin(ask).await?;
    let response = Browser::new().decide(&begun.url, person, "allow").await;
    complete(nameplate, &response).await
}

/// Completes a sign-in of a user.
pub async fn complete(nameplate: &Nameplate, url: &str) -> nameplate::Result<User> {
    match nameplate.sign_ins().complete(url).await? {
        SignInOutcome::SignedIn(user) => nameplate.accounts().user(user.as_str()),
        SignInOutcome::ExtraGranted(_) => panic!("no user is signed in"),
    }
}
