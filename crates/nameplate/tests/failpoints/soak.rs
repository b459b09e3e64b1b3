//! Kills a process at a random moment, round after round in one home, and checks what the next
//! process recovers. `cargo xtask soak` runs more rounds.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use demo_provider::{DemoProvider, Rotation};
use nameplate::{AccountId, Code, Intent, Nameplate, RefreshPolicy, SignOutScope, User};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use crate::processes::child::ChildProcess;
use crate::processes::{ask, home_of, open, sign_in};
use crate::{ACCOUNT, PASSWORD, SCENE, Scene, clock, offer, provider, providers, sound};

const ROUNDS: &str = "NAMEPLATE_SOAK_ROUNDS";
const SEED: &str = "NAMEPLATE_SOAK_SEED";
/// Variable with the file for the counts.
const COUNTS: &str = "NAMEPLATE_SOAK_COUNTS";

const SCENES: [Scene; 8] = [
    Scene::SignIn,
    Scene::SignInAgain,
    Scene::Refresh,
    Scene::SignOut,
    Scene::SignOutThere,
    Scene::Disconnect,
    Scene::Link,
    Scene::CreateProfile,
];
const ROTATIONS: [Rotation; 3] = [Rotation::AtOnce, Rotation::OnUse, Rotation::Keep];
/// Assumed duration of a scene until it is measured.
const AT_FIRST: Duration = Duration::from_millis(200);

/// S42, S46: after a kill every account is complete or absent, and a sign-in is needed only after a
/// refresh whose response was not stored.
#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random() {
    let number = |name: &str| std::env::var(name).ok().map(|number| number.parse().unwrap());
    let (rounds, seed) = (number(ROUNDS).unwrap_or(15), number(SEED).unwrap_or(1));
    let mut soak = Soak::new(seed).await;
    for round in 1..=rounds {
        soak.round(round).await;
    }
    if let Some(file) = std::env::var_os(COUNTS) {
        std::fs::write(file, serde_json::to_string(&soak.counts).unwrap()).unwrap();
    }
}

/// Counts of all rounds.
#[derive(Debug, Default, Serialize)]
struct Counts {
    seed: u64,
    rounds: u64,
    /// By scene.
    kills: BTreeMap<String, u64>,
    /// Processes that finished before the kill.
    ended: u64,
    half_done_and_settled: u64,
    /// The response to a refresh was not stored (S42).
    needs_sign_in: u64,
}

struct Soak {
    demo: DemoProvider,
    dir: tempfile::TempDir,
    random: StdRng,
    /// Longest duration of each scene.
    lasts: BTreeMap<String, Duration>,
    counts: Counts,
}

impl Soak {
    async fn new(seed: u64) -> Self {
        let (demo, dir) = home_of(providers).await;
        let random = StdRng::seed_from_u64(seed);
        let counts = Counts { seed, ..Counts::default() };
        Self { demo, dir, random, lasts: BTreeMap::new(), counts }
    }

    async fn round(&mut self, round: u64) {
        let scene = *SCENES.choose(&mut self.random).unwrap();
        let rotation = *ROTATIONS.choose(&mut self.random).unwrap();
        let name = format!("{scene:?}");
        let lasts = self.lasts.get(&name).copied().unwrap_or(AT_FIRST);
        let after = lasts.mul_f64(self.random.random_range(0.0..1.05));
        let seed = self.counts.seed;
        let place = format!("seed {seed}, round {round}, {name} after {after:?} ({rotation:?})");
        self.demo.set_rotation("discord", rotation);
        let account = prepare(scene, self.dir.path()).await;
        let answered = self.refreshes();
        let took = self.kill(&name, account, after).await;
        self.counts.rounds += 1;
        match took {
            Some(took) => {
                self.counts.ended += 1;
                let known = self.lasts.entry(name).or_default();
                *known = took.max(*known);
            }
            None => *self.counts.kills.entry(name).or_default() += 1,
        }
        self.counts.half_done_and_settled += u64::from(sound::is_half_done(self.dir.path()));
        self.settle().await;
        sound::check(self.dir.path(), &place);
        let lost = check_sessions(self.dir.path(), &place).await;
        // Counted after the check, because the provider may process a request after the kill.
        let answered = self.refreshes() > answered;
        let may_be_lost = scene == Scene::Refresh && rotation == Rotation::AtOnce && answered;
        assert!(lost == 0 || (lost == 1 && may_be_lost && took.is_none()), "{place}: {lost} lost");
        self.counts.needs_sign_in += lost;
    }

    /// Refresh requests that Discord has answered.
    fn refreshes(&self) -> u64 {
        self.demo.request_log().grants.get("discord").map_or(0, |counts| counts.refresh_token)
    }

    /// Starts a process and kills it after a time; its duration if it finished before.
    async fn kill(&self, scene: &str, account: String, after: Duration) -> Option<Duration> {
        let variables = [(SCENE, scene.to_owned()), (ACCOUNT, account)];
        let folder = self.dir.path().to_owned();
        let said = tokio::task::spawn_blocking(move || {
            let mut other = ChildProcess::start(&folder, &variables);
            assert_eq!(other.hear().as_deref(), Some("begins"));
            // A blocking thread, so that the time is exact.
            std::thread::sleep(after);
            other.kill()
        });
        let said = said.await.unwrap();
        let micros = said.first()?.strip_prefix("done ")?.parse().unwrap();
        Some(Duration::from_micros(micros))
    }

    /// Recovers, and waits until the revocations are sent.
    async fn settle(&self) {
        let nameplate = open(self.dir.path(), &clock());
        nameplate.sign_ins().begin(ask("discord", Intent::SignIn)).await.unwrap();
        nameplate.sign_ins().cancel().await.unwrap();
        while sound::untold(self.dir.path()) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Prepares a scene; the account that it is about.
async fn prepare(scene: Scene, folder: &Path) -> String {
    let nameplate = open(folder, &clock());
    match scene {
        Scene::SignIn => leave(&nameplate, "discord").await,
        Scene::CreateProfile => leave(&nameplate, "email").await,
        Scene::SignInAgain
        | Scene::Refresh
        | Scene::SignOut
        | Scene::SignOutThere
        | Scene::Disconnect => here(&nameplate, provider(scene)).await.1.to_string(),
        Scene::Link => {
            here(&nameplate, "company").await;
            if here(&nameplate, "partner").await.0.accounts.len() > 1 {
                let partner = here(&nameplate, "partner").await.1;
                nameplate.accounts().unlink(partner.as_str()).unwrap();
            }
            let (user, _) = here(&nameplate, "company").await;
            let (_, partner) = here(&nameplate, "partner").await;
            offer(folder, partner.as_str(), user.id.as_str());
            partner.to_string()
        }
    }
}

/// The account at a provider and its user, signed in if necessary.
async fn here(nameplate: &Nameplate, provider: &str) -> (User, AccountId) {
    let found = || {
        let user = nameplate
            .accounts()
            .list()
            .unwrap()
            .into_iter()
            .find(|user| account(user, provider).is_some());
        user.map(|user| (account(&user, provider).unwrap(), user))
    };
    if found().is_none() {
        sign_in(nameplate, ask(provider, Intent::SignIn), "haneul").await.unwrap();
    }
    let (account, user) = found().unwrap();
    (user, account)
}

/// Signs out every account at a provider.
async fn leave(nameplate: &Nameplate, provider: &str) -> String {
    let there: Vec<_> = nameplate
        .accounts()
        .list()
        .unwrap()
        .iter()
        .filter_map(|user| account(user, provider))
        .collect();
    for account in there {
        nameplate.accounts().sign_out(account.as_str(), SignOutScope::Everywhere).await.unwrap();
    }
    String::new()
}

fn account(user: &User, provider: &str) -> Option<AccountId> {
    let account = user.accounts.iter().find(|account| account.provider == provider);
    account.map(|account| account.id.clone())
}

/// Checks every session; the number of sign-ins that were needed.
async fn check_sessions(folder: &Path, place: &str) -> u64 {
    let nameplate = open(folder, &clock());
    let users = nameplate.accounts().list().unwrap();
    let mut lost = 0;
    for account in users.iter().flat_map(|user| &user.accounts) {
        let id = account.id.as_str();
        if account.provider == "email" {
            let entered = nameplate.local_profiles().unlock(id, PASSWORD.to_owned().into()).await;
            assert!(entered.is_ok(), "{place}: {:?}", entered.err());
            continue;
        }
        let Err(error) = nameplate.sessions().access_token(id, RefreshPolicy::Always).await else {
            continue;
        };
        assert_eq!(error.code(), Code::NeedsSignIn, "{place}: {}", account.provider);
        let back =
            sign_in(&nameplate, ask(&account.provider, Intent::SignIn), "haneul").await.unwrap();
        assert!(back.accounts.iter().any(|again| again.id == account.id), "{place}");
        lost += 1;
    }
    lost
}
