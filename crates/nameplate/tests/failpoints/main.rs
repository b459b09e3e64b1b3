//! The process ends between any two steps, and the next one finds a home that is whole.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
#![allow(missing_docs, reason = "the names say it")]

#[allow(dead_code)]
#[path = "../engine/browser.rs"]
mod browser;
#[allow(dead_code)]
#[path = "../processes/mod.rs"]
mod processes;
mod soak;
mod sound;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use demo_provider::{DemoProvider, Rotation};
use nameplate::{AccountState, Intent, Login, NewProfile, RefreshPolicy, SignOutScope};
use processes::other::{self, Other};
use processes::vault::FileVault;
use processes::{ask, open, sign_in};

const SCENE: &str = "NAMEPLATE_TEST_SCENE";
const ACCOUNT: &str = "NAMEPLATE_TEST_ACCOUNT";
const CRASH: &str = "NAMEPLATE_FAIL_AT";
const PASSWORD: &str = "correct horse battery";
/// More points than any scene has.
const MOST: usize = 200;

/// What the process is at when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    SignIn,
    SignInAgain,
    Refresh,
    SignOut,
    SignOutThere,
    Disconnect,
    Join,
    CreateProfile,
}

/// S42: a sign-in that ends anywhere is there or not, never half.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_there_or_not() {
    crash_everywhere(Scene::SignIn).await;
}

/// S42: signing in again never loses the account.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_never_loses_the_account() {
    crash_everywhere(Scene::SignInAgain).await;
}

/// S42: only between the provider's commit and our write is a sign-in needed afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_needs_a_sign_in_only_where_the_old_token_died() {
    crash_everywhere(Scene::Refresh).await;
}

/// S46: a sign-out that ends anywhere is finished later.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_is_finished_later() {
    crash_everywhere(Scene::SignOut).await;
}

/// S46: also at a provider that can be told of this one session.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_still_tells_the_provider() {
    crash_everywhere(Scene::SignOutThere).await;
}

/// S46: and so is one that ends everything there: the provider is told in any case.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_is_finished_later() {
    crash_everywhere(Scene::Disconnect).await;
}

/// S39: two accounts are joined, or they are not.
#[tokio::test(flavor = "multi_thread")]
async fn a_join_is_done_or_not() {
    crash_everywhere(Scene::Join).await;
}

/// S42: a profile of this device is there or not, and its password with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_there_or_not() {
    crash_everywhere(Scene::CreateProfile).await;
}

/// Google's proof of who signed in is dated by the demo provider's clock.
fn clock() -> Arc<AtomicI64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Arc::new(AtomicI64::new(i64::try_from(now).unwrap()))
}

/// Ends the process at its first point, at its second, and so on until it comes to its own end.
async fn crash_everywhere(scene: Scene) {
    for at in 1..=MOST {
        if crash_at(scene, at).await {
            assert!(at > 1, "{scene:?} has no points to end at");
            return;
        }
    }
    panic!("{scene:?} does not come to an end");
}

/// Whether the scene came to its end before the point.
async fn crash_at(scene: Scene, at: usize) -> bool {
    let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
    demo.set_rotation("discord", Rotation::AtOnce);
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("home")).unwrap();
    std::fs::write(dir.path().join("home/providers.toml"), providers(&demo)).unwrap();
    let account = prepare(scene, dir.path()).await;
    let variables = [
        (SCENE, format!("{scene:?}")),
        (ACCOUNT, account.unwrap_or_default()),
        (CRASH, at.to_string()),
    ];
    let folder = dir.path().to_owned();
    let ended = tokio::task::spawn_blocking(move || {
        let mut other = Other::start(&folder, &variables);
        while other.hear().is_some() {}
        other.ended_well()
    });
    let ended = ended.await.unwrap();
    check(scene, at, ended, dir.path()).await;
    check_provider(scene, at, dir.path(), &demo).await;
    ended
}

/// What was there before; the account that the scene is about.
async fn prepare(scene: Scene, folder: &Path) -> Option<String> {
    if scene == Scene::SignIn || scene == Scene::CreateProfile {
        return None;
    }
    let login = open(folder, &clock());
    let user = sign_in(&login, ask(provider(scene), Intent::SignIn), "haneul").await.unwrap();
    if scene == Scene::Join {
        let second = sign_in(&login, ask("partner", Intent::SignIn), "haneul").await.unwrap();
        offer(folder, second.accounts[0].id.as_str(), user.id.as_str());
        return Some(second.accounts[0].id.to_string());
    }
    Some(user.accounts[0].id.to_string())
}

fn provider(scene: Scene) -> &'static str {
    match scene {
        Scene::SignOutThere => "kakao",
        Scene::SignIn
        | Scene::SignInAgain
        | Scene::Refresh
        | Scene::SignOut
        | Scene::Disconnect
        | Scene::CreateProfile => "discord",
        Scene::Join => "company",
    }
}

/// The demo's providers. Its built-in ones are overridden, so that their addresses are not trusted;
/// those of its two issuers are.
fn providers(demo: &DemoProvider) -> String {
    let (base, client) = (demo.base(), demo_provider::clients::OIDC);
    let partner = format!(
        "[partner]\nkind = \"oidc\"\nissuer = \"{base}/oidc/rp/idtoken-sig-rs256\"\nclient_id = \"{client}\"\nemail_trusted = true\n"
    );
    let providers = demo.providers_toml();
    let company = "label = \"Company SSO\"\n";
    assert!(providers.contains(company));
    providers.replacen(company, &format!("{company}email_trusted = true\n"), 1) + "\n" + &partner
}

/// An offer as the engine writes it between trusted addresses.
fn offer(folder: &Path, account: &str, user: &str) {
    let database = rusqlite::Connection::open(folder.join("home/nameplate.db")).unwrap();
    database
        .execute(
            "INSERT OR REPLACE INTO link_offers (account, user) VALUES (?1, ?2)",
            [account, user],
        )
        .unwrap();
}

/// What the next process makes of it.
async fn check(scene: Scene, at: usize, ended: bool, folder: &Path) {
    let place = format!("{scene:?} at {at}");
    let login = open(folder, &clock());
    // The keychain is used for something else, which settles what was left.
    login.begin(ask("discord", Intent::SignIn)).await.unwrap();
    login.cancel().await.unwrap();
    sound::check(folder, &place);
    check_accounts(scene, &place, ended, &login).await;
}

/// Whoever is not here any more has left the provider as well, as far as was wanted.
async fn check_provider(scene: Scene, at: usize, folder: &Path, demo: &DemoProvider) {
    if !matches!(scene, Scene::SignOutThere | Scene::Disconnect) {
        return;
    }
    let place = format!("{scene:?} at {at}");
    let login = open(folder, &clock());
    if !login.users().unwrap().is_empty() {
        return assert_eq!(at, 1, "{place}: only before anything was written");
    }
    let database = rusqlite::Connection::open(folder.join("home/nameplate.db")).unwrap();
    let left = || -> i64 {
        database.query_row("SELECT count(*) FROM revocations", [], |row| row.get(0)).unwrap()
    };
    // Sent on the side, by the process that settled.
    while left() > 0 {
        tokio::task::yield_now().await;
    }
    // Twice where the process ended between the provider's answer and the end of the session.
    let told = demo.ledger().grants[provider(scene)].revocations;
    assert!((1..=2).contains(&told), "{place}: {told}");
    assert_eq!(FileVault::new(folder.join("vault")).names(), Vec::<String>::new(), "{place}");
}

async fn check_accounts(scene: Scene, place: &str, ended: bool, login: &Login) {
    let users = login.users().unwrap();
    let accounts: Vec<_> = users.iter().flat_map(|user| &user.accounts).collect();
    let expected = match scene {
        Scene::SignIn
        | Scene::CreateProfile
        | Scene::SignOut
        | Scene::SignOutThere
        | Scene::Disconnect => 0..=1,
        Scene::SignInAgain | Scene::Refresh => 1..=1,
        Scene::Join => 2..=2,
    };
    assert!(expected.contains(&accounts.len()), "{place}: {} accounts", accounts.len());
    if scene == Scene::Join {
        assert!((1..=2).contains(&users.len()) && (!ended || users.len() == 1), "{place}");
    }
    for account in accounts {
        if scene == Scene::CreateProfile {
            let entered =
                login.enter_profile(account.id.as_str(), PASSWORD.to_owned().into()).await;
            assert!(entered.is_ok(), "{place}: {:?}", entered.err());
            continue;
        }
        // The old token is dead only once the provider has answered a refresh; whoever asks then
        // is told to sign in, and keeps name and picture.
        let given = login.access_token(account.id.as_str(), RefreshPolicy::Always).await;
        let lost = scene == Scene::Refresh;
        assert!(given.is_ok() || (lost && !ended), "{place}: {:?}", given.err());
        assert_eq!(account.state, AccountState::Active, "{place}");
    }
}

/// What the other process is; in this one, nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(folder) = std::env::var_os(other::FOLDER).map(PathBuf::from) else { return };
    let login = open(&folder, &clock());
    let account = std::env::var(ACCOUNT).unwrap();
    other::say("begins");
    let begun = Instant::now();
    match std::env::var(SCENE).unwrap().as_str() {
        "SignIn" | "SignInAgain" => {
            sign_in(&login, ask("discord", Intent::SignIn), "haneul").await.map(drop).unwrap();
        }
        "Refresh" => login.access_token(&account, RefreshPolicy::Always).await.map(drop).unwrap(),
        "SignOut" | "SignOutThere" => login.sign_out(&account, SignOutScope::Here).await.unwrap(),
        "Disconnect" => login.sign_out(&account, SignOutScope::Everywhere).await.unwrap(),
        "CreateProfile" => {
            let (address, password) = ("nari@example.com".to_owned(), PASSWORD.to_owned().into());
            let new = NewProfile { address, password, nickname: String::new(), user: None };
            login.create_profile(new).await.map(drop).unwrap();
        }
        "Join" => login.link(&account).unwrap(),
        other => panic!("no scene {other}"),
    }
    other::say(&format!("done {}", begun.elapsed().as_micros()));
}
