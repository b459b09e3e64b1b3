//! Aborts a process at each failpoint, and checks what the next process recovers.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]
#![allow(missing_docs, reason = "the names say it")]

#[path = "../processes/mod.rs"]
mod processes;
mod soak;
mod sound;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use demo_provider::{DemoProvider, Rotation};
use nameplate::{AccountState, Intent, Nameplate, NewProfile, RefreshPolicy, SignOutScope};
use processes::child::{self, ChildProcess};
use processes::vault::FileVault;
use processes::{ask, home_of, open, sign_in};

const SCENE: &str = "NAMEPLATE_TEST_SCENE";
const ACCOUNT: &str = "NAMEPLATE_TEST_ACCOUNT";
const CRASH: &str = "NAMEPLATE_FAIL_AT";
const PASSWORD: &str = "correct horse battery";
/// More failpoints than any scene has.
const MOST: usize = 200;

/// What the process does when it is aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    SignIn,
    SignInAgain,
    Refresh,
    SignOut,
    SignOutThere,
    Disconnect,
    Link,
    CreateProfile,
}

/// S42: an aborted sign-in is complete or absent.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_there_or_not() {
    crash_everywhere(Scene::SignIn).await;
}

/// S42: an aborted second sign-in keeps the account.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_never_loses_the_account() {
    crash_everywhere(Scene::SignInAgain).await;
}

/// S42: an aborted refresh needs a sign-in only if the provider had rotated the token.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_needs_a_sign_in_only_where_the_old_token_died() {
    crash_everywhere(Scene::Refresh).await;
}

/// S46: an aborted sign-out is finished by recovery.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_is_finished_later() {
    crash_everywhere(Scene::SignOut).await;
}

/// S46: the same at a provider that revokes this session alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_still_tells_the_provider() {
    crash_everywhere(Scene::SignOutThere).await;
}

/// S46: an aborted disconnect is finished, and revoked in any case.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_is_finished_later() {
    crash_everywhere(Scene::Disconnect).await;
}

/// S39: an aborted link is done or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_done_or_not() {
    crash_everywhere(Scene::Link).await;
}

/// S42: an aborted local profile is complete with its password, or absent.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_there_or_not() {
    crash_everywhere(Scene::CreateProfile).await;
}

/// The present time, because the demo provider's clock dates id_tokens.
fn clock() -> Arc<AtomicI64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Arc::new(AtomicI64::new(i64::try_from(now).unwrap()))
}

/// Aborts the process at each failpoint in turn.
async fn crash_everywhere(scene: Scene) {
    for at in 1..=MOST {
        if crash_at(scene, at).await {
            assert!(at > 1, "{scene:?} has no failpoints");
            return;
        }
    }
    panic!("{scene:?} does not come to an end");
}

/// Whether the scene finished before the failpoint.
async fn crash_at(scene: Scene, at: usize) -> bool {
    let (demo, dir) = home_of(providers).await;
    demo.set_rotation("discord", Rotation::AtOnce);
    let account = prepare(scene, dir.path()).await;
    let variables = [
        (SCENE, format!("{scene:?}")),
        (ACCOUNT, account.unwrap_or_default()),
        (CRASH, at.to_string()),
    ];
    let folder = dir.path().to_owned();
    let ended = tokio::task::spawn_blocking(move || {
        let mut other = ChildProcess::start(&folder, &variables);
        while other.hear().is_some() {}
        other.ended_well()
    });
    let ended = ended.await.unwrap();
    check(scene, at, ended, dir.path()).await;
    check_provider(scene, at, dir.path(), &demo).await;
    ended
}

/// Prepares the home; the account that the scene is about.
async fn prepare(scene: Scene, folder: &Path) -> Option<String> {
    if scene == Scene::SignIn || scene == Scene::CreateProfile {
        return None;
    }
    let nameplate = open(folder, &clock());
    let user = sign_in(&nameplate, ask(provider(scene), Intent::SignIn), "haneul").await.unwrap();
    if scene == Scene::Link {
        let second = sign_in(&nameplate, ask("partner", Intent::SignIn), "haneul").await.unwrap();
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
        Scene::Link => "company",
    }
}

/// The demo's providers. The addresses of its two issuers are trusted; those of the built-in
/// providers are not, because their endpoints are overridden.
fn providers(demo: &DemoProvider) -> String {
    let (base, client) = (demo.base(), demo_provider::providers::oidc::CLIENT_ID);
    let partner = format!(
        "[partner]\nkind = \"oidc\"\nissuer = \"{base}/oidc/rp/idtoken-sig-rs256\"\nclient_id = \"{client}\"\nemail_trusted = true\n"
    );
    let providers = demo.providers_toml();
    let company = "label = \"Company SSO\"\n";
    assert!(providers.contains(company));
    providers.replacen(company, &format!("{company}email_trusted = true\n"), 1) + "\n" + &partner
}

/// Offers a link, as the engine does between trusted addresses.
fn offer(folder: &Path, account: &str, user: &str) {
    let database = rusqlite::Connection::open(folder.join("home/nameplate.db")).unwrap();
    database
        .execute(
            "INSERT OR REPLACE INTO link_offers (account, user) VALUES (?1, ?2)",
            [account, user],
        )
        .unwrap();
}

/// Checks the home after the next process has recovered it.
async fn check(scene: Scene, at: usize, ended: bool, folder: &Path) {
    let place = format!("{scene:?} at {at}");
    let nameplate = open(folder, &clock());
    // Recovery runs when the keychain is used for something else.
    nameplate.sign_ins().begin(ask("discord", Intent::SignIn)).await.unwrap();
    nameplate.sign_ins().cancel().await.unwrap();
    sound::check(folder, &place);
    check_accounts(scene, &place, ended, &nameplate).await;
}

/// Checks that the provider revoked the grant of an account that is gone.
async fn check_provider(scene: Scene, at: usize, folder: &Path, demo: &DemoProvider) {
    if !matches!(scene, Scene::SignOutThere | Scene::Disconnect) {
        return;
    }
    let place = format!("{scene:?} at {at}");
    let nameplate = open(folder, &clock());
    if !nameplate.accounts().list().unwrap().is_empty() {
        return assert_eq!(at, 1, "{place}: only before anything was written");
    }
    let database = rusqlite::Connection::open(folder.join("home/nameplate.db")).unwrap();
    let left = || -> i64 {
        database.query_row("SELECT count(*) FROM revocations", [], |row| row.get(0)).unwrap()
    };
    // Sent in the background by the process that recovered.
    while left() > 0 {
        tokio::task::yield_now().await;
    }
    // Twice where the process ended between the provider's response and the end of the session.
    let told = demo.request_log().grants[provider(scene)].revocations;
    assert!((1..=2).contains(&told), "{place}: {told}");
    assert_eq!(FileVault::new(folder.join("vault")).names(), Vec::<String>::new(), "{place}");
}

async fn check_accounts(scene: Scene, place: &str, ended: bool, nameplate: &Nameplate) {
    let users = nameplate.accounts().list().unwrap();
    let accounts: Vec<_> = users.iter().flat_map(|user| &user.accounts).collect();
    let expected = match scene {
        Scene::SignIn
        | Scene::CreateProfile
        | Scene::SignOut
        | Scene::SignOutThere
        | Scene::Disconnect => 0..=1,
        Scene::SignInAgain | Scene::Refresh => 1..=1,
        Scene::Link => 2..=2,
    };
    assert!(expected.contains(&accounts.len()), "{place}: {} accounts", accounts.len());
    if scene == Scene::Link {
        assert!((1..=2).contains(&users.len()) && (!ended || users.len() == 1), "{place}");
    }
    for account in accounts {
        if scene == Scene::CreateProfile {
            let entered = nameplate
                .local_profiles()
                .unlock(account.id.as_str(), PASSWORD.to_owned().into())
                .await;
            assert!(entered.is_ok(), "{place}: {:?}", entered.err());
            continue;
        }
        // The old refresh token is invalid only after the provider has answered a refresh.
        let given =
            nameplate.sessions().access_token(account.id.as_str(), RefreshPolicy::Always).await;
        let lost = scene == Scene::Refresh;
        assert!(given.is_ok() || (lost && !ended), "{place}: {:?}", given.err());
        assert_eq!(account.state, AccountState::Active, "{place}");
    }
}

/// The child process; otherwise does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(folder) = std::env::var_os(child::FOLDER).map(PathBuf::from) else { return };
    let nameplate = open(&folder, &clock());
    let account = std::env::var(ACCOUNT).unwrap();
    child::say("begins");
    let begun = Instant::now();
    match std::env::var(SCENE).unwrap().as_str() {
        "SignIn" | "SignInAgain" => {
            sign_in(&nameplate, ask("discord", Intent::SignIn), "haneul").await.map(drop).unwrap();
        }
        "Refresh" => nameplate
            .sessions()
            .access_token(&account, RefreshPolicy::Always)
            .await
            .map(drop)
            .unwrap(),
        "SignOut" | "SignOutThere" => {
            nameplate.accounts().sign_out(&account, SignOutScope::Here).await.unwrap()
        }
        "Disconnect" => {
            nameplate.accounts().sign_out(&account, SignOutScope::Everywhere).await.unwrap()
        }
        "CreateProfile" => {
            let (address, password) = ("nari@example.com".to_owned(), PASSWORD.to_owned().into());
            let new = NewProfile { address, password, nickname: String::new(), user: None };
            nameplate.local_profiles().create(new).await.map(drop).unwrap();
        }
        "Link" => nameplate.accounts().link(&account).unwrap(),
        other => panic!("no scene {other}"),
    }
    child::say(&format!("done {}", begun.elapsed().as_micros()));
}
