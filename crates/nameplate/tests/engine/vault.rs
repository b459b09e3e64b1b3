//! A vault for tests that shows its items and fails on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};

use nameplate::vault::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

/// How the vault responds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    Willing,
    /// There is no keychain.
    Absent,
    /// Every operation fails with this error.
    Refusing(VaultError),
    /// Succeeds for this many writes, then fails with this error.
    Tiring(usize, VaultError),
}

/// Clones share the items.
#[derive(Clone)]
pub struct TestVault {
    inner: Arc<Mutex<Inner>>,
    changes: Arc<watch::Sender<()>>,
}

struct Inner {
    mood: Mood,
    entries: BTreeMap<String, String>,
    /// The operations, in order.
    done: Vec<String>,
    /// Delays the next write.
    held: Option<mpsc::Receiver<()>>,
}

impl TestVault {
    pub fn new() -> Self {
        let inner =
            Inner { mood: Mood::Willing, entries: BTreeMap::new(), done: Vec::new(), held: None };
        Self { inner: Arc::new(Mutex::new(inner)), changes: Arc::new(watch::channel(()).0) }
    }

    pub fn set(&self, mood: Mood) {
        self.inner().mood = mood;
    }

    /// All items, by name.
    pub fn entries(&self) -> BTreeMap<String, String> {
        self.inner().entries.clone()
    }

    pub fn names(&self) -> Vec<String> {
        self.inner().entries.keys().cloned().collect()
    }

    /// The operations, such as `get attempt.0a1b`.
    pub fn done(&self) -> Vec<String> {
        self.inner().done.clone()
    }

    /// Waits until the items satisfy a condition.
    pub async fn until(&self, so: impl Fn(&BTreeMap<String, String>) -> bool) {
        let mut changes = self.changes.subscribe();
        while !so(&self.inner().entries) {
            changes.changed().await.unwrap();
        }
    }

    /// Delays the next write until the returned value is dropped, as a keychain that is being
    /// unlocked.
    pub fn hold_next_put(&self) -> mpsc::Sender<()> {
        let (hold, held) = mpsc::channel();
        self.inner().held = Some(held);
        hold
    }

    /// Waits until a write is delayed.
    pub async fn until_held(&self) {
        let mut changes = self.changes.subscribe();
        while self.inner().held.is_some() {
            changes.changed().await.unwrap();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn open(&self, what: &str, name: &str) -> Result<MutexGuard<'_, Inner>, VaultError> {
        let mut inner = self.inner();
        inner.done.push(format!("{what} {name}"));
        let refusal = match &mut inner.mood {
            Mood::Willing => None,
            Mood::Absent => Some(VaultError::Absent),
            Mood::Refusing(error) => Some(error.clone()),
            Mood::Tiring(0, error) if what == "put" => Some(error.clone()),
            Mood::Tiring(left, _) => {
                *left -= usize::from(what == "put");
                None
            }
        };
        refusal.map_or(Ok(inner), Err)
    }
}

impl Vault for TestVault {
    fn ready(&self) -> Result<(), VaultError> {
        if self.inner().mood == Mood::Absent { Err(VaultError::Absent) } else { Ok(()) }
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        let value = secret.expose_secret().to_owned();
        let held = self.inner().held.take();
        if let Some(held) = held {
            self.changes.send_replace(());
            let _ = held.recv();
        }
        self.open("put", name)?.entries.insert(name.to_owned(), value);
        self.changes.send_replace(());
        Ok(())
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        let inner = self.open("get", name)?;
        inner.entries.get(name).map(|value| value.clone().into()).ok_or(VaultError::NotFound)
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        self.open("delete", name)?.entries.remove(name);
        self.changes.send_replace(());
        Ok(())
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.open("clear", "")?.entries.clear();
        self.changes.send_replace(());
        Ok(())
    }
}
