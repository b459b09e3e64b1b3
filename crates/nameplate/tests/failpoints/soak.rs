//! Kills at random: round after round in one home, a process is at work and ends at any moment, and
//! the next one finds a home that is whole. `cargo xtask soak` runs it for longer.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use demo_provider::{DemoProvider, Rotation};
use nameplate::{AccountId, Code, Intent, Login, RefreshPolicy, SignOutScope, User};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use crate::processes::child::ChildProcess;
use crate::processes::{ask, home_of, open, sign_in};
use crate::{ACCOUNT, PASSWORD, SCENE, Scene, clock, offer, provider, providers, sound};

const ROUNDS: &str = "NAMEPLATE_SOAK_ROUNDS";
const SEED: &str = "NAMEPLATE_SOAK_SEED";
/// The file that what was counted is written to.
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
/// How long a scene may take before it is known how long it does.
const AT_FIRST: Duration = Duration::from_millis(200);

/// S42, S46: killed at any moment, everybody is there or gone, nothing is half done, and a sign-in
/// is needed only where the provider had answered a refresh that was never written.
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

/// What was seen.
#[derive(Debug, Default, Serialize)]
struct Counts {
    seed: u64,
    rounds: u64,
    /// By what the process was at.
    kills: BTreeMap<String, u64>,
    /// Processes that came to their end first.
    ended: u64,
    half_done_and_settled: u64,
    /// The provider had answered, and its answer was never written (S42).
    needs_sign_in: u64,
}

struct Soak {
    demo: DemoProvider,
    dir: tempfile::TempDir,
    random: StdRng,
    /// How long each scene took at most.
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
        // Counted now: what a process has sent may be carried out a moment after its end.
        let answered = self.refreshes() > answered;
        let may_be_lost = scene == Scene::Refresh && rotation == Rotation::AtOnce && answered;
        assert!(lost == 0 || (lost == 1 && may_be_lost && took.is_none()), "{place}: {lost} lost");
        self.counts.needs_sign_in += lost;
    }

    /// Refresh grants that the provider has carried out at Discord.
    fn refreshes(&self) -> u64 {
        self.demo.ledger().grants.get("discord").map_or(0, |counts| counts.refresh_token)
    }

    /// Starts a process and ends it so long after it begins; how long it took if it came to its end
    /// first.
    async fn kill(&self, scene: &str, account: String, after: Duration) -> Option<Duration> {
        let variables = [(SCENE, scene.to_owned()), (ACCOUNT, account)];
        let folder = self.dir.path().to_owned();
        let said = tokio::task::spawn_blocking(move || {
            let mut other = ChildProcess::start(&folder, &variables);
            assert_eq!(other.hear().as_deref(), Some("begins"));
            // Nothing is awaited here: the moment is the point.
            std::thread::sleep(after);
            other.kill()
        });
        let said = said.await.unwrap();
        let micros = said.first()?.strip_prefix("done ")?.parse().unwrap();
        Some(Duration::from_micros(micros))
    }

    /// The keychain is used for something else, and the providers are told what they are to be
    /// told.
    async fn settle(&self) {
        let login = open(self.dir.path(), &clock());
        login.begin(ask("discord", Intent::SignIn)).await.unwrap();
        login.cancel().await.unwrap();
        while sound::untold(self.dir.path()) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Brings about what the scene begins with; the account that it is about.
async fn prepare(scene: Scene, folder: &Path) -> String {
    let login = open(folder, &clock());
    match scene {
        Scene::SignIn => leave(&login, "discord").await,
        Scene::CreateProfile => leave(&login, "email").await,
        Scene::SignInAgain
        | Scene::Refresh
        | Scene::SignOut
        | Scene::SignOutThere
        | Scene::Disconnect => here(&login, provider(scene)).await.1.to_string(),
        Scene::Link => {
            here(&login, "company").await;
            if here(&login, "partner").await.0.accounts.len() > 1 {
                let partner = here(&login, "partner").await.1;
                login.unlink(partner.as_str()).unwrap();
            }
            let (user, _) = here(&login, "company").await;
            let (_, partner) = here(&login, "partner").await;
            offer(folder, partner.as_str(), user.id.as_str());
            partner.to_string()
        }
    }
}

/// The account at a provider and its person, who signs in where they are not here.
async fn here(login: &Login, provider: &str) -> (User, AccountId) {
    let found = || {
        let user =
            login.users().unwrap().into_iter().find(|user| account(user, provider).is_some());
        user.map(|user| (account(&user, provider).unwrap(), user))
    };
    if found().is_none() {
        sign_in(login, ask(provider, Intent::SignIn), "haneul").await.unwrap();
    }
    let (account, user) = found().unwrap();
    (user, account)
}

/// Nobody is there at that provider.
async fn leave(login: &Login, provider: &str) -> String {
    let there: Vec<_> =
        login.users().unwrap().iter().filter_map(|user| account(user, provider)).collect();
    for account in there {
        login.sign_out(account.as_str(), SignOutScope::Everywhere).await.unwrap();
    }
    String::new()
}

fn account(user: &User, provider: &str) -> Option<AccountId> {
    let account = user.accounts.iter().find(|account| account.provider == provider);
    account.map(|account| account.id.clone())
}

/// Everybody who is here is let in; how many need a sign-in, which they get.
async fn check_sessions(folder: &Path, place: &str) -> u64 {
    let login = open(folder, &clock());
    let users = login.users().unwrap();
    let mut lost = 0;
    for account in users.iter().flat_map(|user| &user.accounts) {
        let id = account.id.as_str();
        if account.provider == "email" {
            let entered = login.enter_profile(id, PASSWORD.to_owned().into()).await;
            assert!(entered.is_ok(), "{place}: {:?}", entered.err());
            continue;
        }
        let Err(error) = login.access_token(id, RefreshPolicy::Always).await else { continue };
        assert_eq!(error.code(), Code::NeedsSignIn, "{place}: {}", account.provider);
        let back = sign_in(&login, ask(&account.provider, Intent::SignIn), "haneul").await.unwrap();
        assert!(back.accounts.iter().any(|again| again.id == account.id), "{place}");
        lost += 1;
    }
    lost
}
