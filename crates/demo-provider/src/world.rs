//! The world of one running demo provider: its book, its ledger, its switches, its clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::book::{Book, Grant};
use crate::clients::Client;
use crate::faults::Fault;
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::people::{self, Person};

/// The world as handlers share it.
pub type Shared = Arc<World>;

/// What refreshing does to the old refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// A new one comes, the old one is dead at once.
    AtOnce,
    /// A new one comes, the old one lives until the new one is used.
    OnUse,
    /// None comes, the old one stays (Google; Kakao until its last month).
    Keep,
}

/// Everything a running demo provider knows.
#[derive(Debug)]
pub struct World {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub base: String,
    /// `https://localhost:PORT`, where the bounce page is hosted.
    pub bounce: String,
    /// The signing keys.
    pub keys: &'static Keys,
    /// How often the key set of the key rotation module was read.
    pub rotated_reads: AtomicU64,
    book: Mutex<Book>,
    ledger: Mutex<Ledger>,
    faults: Mutex<BTreeMap<String, BTreeSet<Fault>>>,
    rotation: Mutex<BTreeMap<String, Rotation>>,
    ahead: AtomicI64,
    changed: Mutex<BTreeMap<&'static str, &'static Person>>,
}

impl World {
    /// A new world at `base`.
    pub fn new(base: String, bounce: String, keys: &'static Keys) -> Self {
        Self {
            base,
            bounce,
            keys,
            rotated_reads: AtomicU64::new(0),
            book: Mutex::default(),
            ledger: Mutex::default(),
            faults: Mutex::default(),
            rotation: Mutex::default(),
            ahead: AtomicI64::new(0),
            changed: Mutex::default(),
        }
    }

    /// Unix seconds, by the clock that tests can put forward.
    pub fn now(&self) -> i64 {
        crate::date::now() + self.ahead.load(Ordering::SeqCst)
    }

    /// Puts the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Whether an answer to this application may go to `uri`; where the bounce page is depends on its port.
    pub fn allows(&self, client: &Client, uri: &str) -> bool {
        let bounces =
            client.bounces() && uri == format!("{}/bounce/{}", self.bounce, client.provider);
        bounces || client.allows(uri)
    }

    /// The book of grants. Hold it for a whole step, so that two requests cannot both win.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// The ledger.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// Whether this provider shall misbehave so. Test modules have their own fault and take no others.
    pub fn has(&self, realm: &str, fault: Fault) -> bool {
        lock(&self.faults).get(realm).is_some_and(|faults| faults.contains(&fault))
    }

    /// Replaces the faults of a provider.
    pub fn set_faults(&self, provider: &str, faults: BTreeSet<Fault>) {
        lock(&self.faults).insert(provider.to_owned(), faults);
    }

    /// The faults that are set.
    pub fn faults(&self) -> BTreeMap<String, BTreeSet<Fault>> {
        lock(&self.faults).clone()
    }

    /// How this provider treats refresh tokens, if a test chose.
    pub fn rotation(&self, realm: &str) -> Option<Rotation> {
        lock(&self.rotation).get(realm).copied()
    }

    /// Chooses how a provider treats refresh tokens.
    pub fn set_rotation(&self, provider: &str, rotation: Rotation) {
        lock(&self.rotation).insert(provider.to_owned(), rotation);
    }

    /// The person with this key, as every provider knows them now.
    pub fn person(&self, key: &str) -> Option<&'static Person> {
        lock(&self.changed).get(key).copied().or_else(|| people::find(key))
    }

    /// Whom a grant is about, as every provider knows them now.
    pub fn person_of(&self, grant: &Grant) -> &'static Person {
        self.person(grant.person.key).unwrap_or(grant.person)
    }

    /// A person gets another name or picture. Whoever was changed is never freed: tests change few.
    pub fn change(&self, person: Person) {
        let person: &'static Person = Box::leak(Box::new(person));
        lock(&self.changed).insert(person.key, person);
    }

    /// Counts a refusal.
    pub fn refused(&self, realm: &str) {
        self.ledger().counts(realm).refusals += 1;
    }
}

/// A panic elsewhere does not make the data wrong: every step under a lock is complete in itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
