//! The state of one running server: grants, request log, faults, clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::date;
use crate::faults::Fault;
use crate::grants::{Grants, Rotation};
use crate::keys::Keys;
use crate::registered::Registered;
use crate::request_log::RequestLog;
use crate::users::{self, User};

/// Whom it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Tests: every provider, the control endpoints, and a log of what was issued and received.
    Tests,
    /// A user who tries sign-in, beside other users of the machine: the OpenID Connect issuer alone. Nothing is logged.
    Person,
}

/// Everything that the handlers share.
#[derive(Debug)]
pub struct ServerState {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// `https://localhost:PORT`, the origin of the https redirect page.
    pub https_redirect: String,
    pub keys: &'static Keys,
    /// How often the key set of the key rotation module was read.
    pub rotated_reads: AtomicU64,
    pub registered: Registered,
    grants: Mutex<Grants>,
    /// None where nothing may be logged.
    request_log: Option<Mutex<RequestLog>>,
    faults: Mutex<BTreeMap<String, BTreeSet<Fault>>>,
    rotations: Mutex<BTreeMap<String, Rotation>>,
    clock_offset: AtomicI64,
    delay: AtomicU64,
    changed_users: Mutex<BTreeMap<&'static str, &'static User>>,
}

impl ServerState {
    pub fn new(
        base: String,
        https_redirect: String,
        keys: &'static Keys,
        audience: Audience,
    ) -> Self {
        let request_log = match audience {
            Audience::Tests => Some(Mutex::default()),
            Audience::Person => None,
        };
        Self {
            base,
            https_redirect,
            keys,
            rotated_reads: AtomicU64::new(0),
            registered: Registered::default(),
            grants: Mutex::default(),
            request_log,
            faults: Mutex::default(),
            rotations: Mutex::default(),
            clock_offset: AtomicI64::new(0),
            delay: AtomicU64::new(0),
            changed_users: Mutex::default(),
        }
    }

    /// Unix seconds, by the clock that tests can advance.
    pub fn now(&self) -> i64 {
        date::now() + self.clock_offset.load(Ordering::SeqCst)
    }

    pub fn advance(&self, seconds: u32) {
        self.clock_offset.fetch_add(i64::from(seconds), Ordering::SeqCst);
    }

    /// How long each response is held back.
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay.load(Ordering::SeqCst))
    }

    /// Sets [`ServerState::delay`].
    pub fn set_delay(&self, milliseconds: u64) {
        self.delay.store(milliseconds, Ordering::SeqCst);
    }

    /// The grants, locked. Hold the lock for a whole step, so that of two requests one wins.
    pub fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.grants)
    }

    /// Adds to the request log, if there is one.
    pub fn log(&self, add: impl FnOnce(&mut RequestLog)) {
        if let Some(log) = &self.request_log {
            add(&mut lock(log));
        }
    }

    /// A copy of the request log; empty if there is none.
    pub fn request_log(&self) -> RequestLog {
        self.request_log.as_ref().map(|log| lock(log).clone()).unwrap_or_default()
    }

    pub fn has(&self, realm: &str, fault: Fault) -> bool {
        lock(&self.faults).get(realm).is_some_and(|faults| faults.contains(&fault))
    }

    /// Replaces the faults of a provider.
    pub fn set_faults(&self, provider: &str, faults: BTreeSet<Fault>) {
        lock(&self.faults).insert(provider.to_owned(), faults);
    }

    pub fn faults(&self) -> BTreeMap<String, BTreeSet<Fault>> {
        lock(&self.faults).clone()
    }

    /// How a provider rotates refresh tokens, if a test has set it.
    pub fn rotation(&self, provider: &str) -> Option<Rotation> {
        lock(&self.rotations).get(provider).copied()
    }

    pub fn set_rotation(&self, provider: &str, rotation: Rotation) {
        lock(&self.rotations).insert(provider.to_owned(), rotation);
    }

    /// The user with this key, with the changes that tests made.
    pub fn user(&self, key: &str) -> Option<&'static User> {
        lock(&self.changed_users).get(key).copied().or_else(|| users::find(key))
    }

    /// Changes a user at all providers. The memory is never freed; tests change few.
    pub fn change_user(&self, user: User) {
        let user: &'static User = Box::leak(Box::new(user));
        lock(&self.changed_users).insert(user.key, user);
    }
}

/// A panic elsewhere leaves the data valid: every step under a lock is complete in itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
