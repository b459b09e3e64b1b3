//! Four processes that refresh one session at the same time.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]
#![allow(missing_docs, reason = "the names say it")]

#[path = "../processes/mod.rs"]
mod processes;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use demo_provider::{DemoProvider, Rotation};
use nameplate::{Intent, RefreshPolicy};
use processes::child::{self, ChildProcess};
use processes::{ask, home_of, open, sign_in};
use secrecy::ExposeSecret;

const PROCESSES: usize = 4;
const ROUNDS: u64 = 250;
/// Longer than the lifetime of a Discord token, in seconds.
const PAST_EXPIRY: i64 = 8 * 24 * 60 * 60;
const BEGIN: i64 = 1_800_000_000;

/// S40, S41, U18: 250 rounds; a refresh token is invalid once it was used.
#[tokio::test(flavor = "multi_thread")]
async fn four_processes_renew_once_where_the_old_token_dies_at_once() {
    rounds(Rotation::AtOnce).await;
}

/// S40: a refresh token is valid until the new one is used.
#[tokio::test(flavor = "multi_thread")]
async fn four_processes_renew_once_where_the_old_token_dies_on_use() {
    rounds(Rotation::OnUse).await;
}

/// S41: the refresh token never changes.
#[tokio::test(flavor = "multi_thread")]
async fn four_processes_renew_once_where_the_token_stays() {
    rounds(Rotation::Keep).await;
}

async fn rounds(rotation: Rotation) {
    let (demo, dir) = home_of(DemoProvider::providers_toml).await;
    demo.set_rotation("discord", rotation);
    let nameplate = open(dir.path(), &Arc::new(AtomicI64::new(BEGIN)));
    let user = sign_in(&nameplate, ask("discord", Intent::SignIn), "haneul").await.unwrap();
    let account = user.accounts[0].id.to_string();
    let folder = dir.path().to_owned();
    // The demo provider responds while this waits for the children.
    let counted = tokio::task::spawn_blocking(move || run_rounds(&folder, &account, &demo)).await;
    counted.unwrap();
}

fn run_rounds(folder: &Path, account: &str, demo: &DemoProvider) {
    let mut others: Vec<_> = (0..PROCESSES).map(|_| ChildProcess::start(folder, &[])).collect();
    others.iter_mut().for_each(|other| assert_eq!(other.hear().as_deref(), Some("ready")));
    let mut former = String::new();
    for round in 1..=ROUNDS {
        let now = BEGIN + PAST_EXPIRY * i64::try_from(round).unwrap();
        // All children are told before any result is read.
        others.iter_mut().for_each(|other| other.tell(&format!("{account} {now}")));
        let tokens: Vec<_> = others.iter_mut().map(|other| other.hear().unwrap()).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "round {round}: {tokens:?}");
        assert!(
            tokens[0].starts_with("token ") && tokens[0] != former,
            "round {round}: {tokens:?}"
        );
        assert_eq!(demo.request_log().grants["discord"].refresh_token, round);
        former.clone_from(&tokens[0]);
    }
}

/// The child process; otherwise does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(folder) = std::env::var_os(child::FOLDER).map(PathBuf::from) else { return };
    let clock = Arc::new(AtomicI64::new(BEGIN));
    let nameplate = open(&folder, &clock);
    child::say("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (account, now) = line.split_once(' ').unwrap();
        clock.store(now.parse().unwrap(), Ordering::SeqCst);
        match nameplate.sessions().access_token(account, RefreshPolicy::WhenNeeded).await {
            Ok(given) => child::say(&format!("token {}", given.token.expose_secret())),
            Err(error) => child::say(&format!("error {error}")),
        }
    }
}
