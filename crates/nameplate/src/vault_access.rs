//! Access to the vaults from asynchronous code: on blocking threads and with a time limit, since
//! a keychain may ask the user to unlock it.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::error::{Code, Error};
use crate::failpoint;
use crate::vault::{MemoryVault, TokenStorage, Vault, VaultError};
use crate::waits::Waits;

/// How long the user has to unlock the keychain.
const UNLOCK_TIMEOUT: Duration = Duration::from_secs(120);

/// The keychain, and the vault in memory.
#[derive(Clone)]
pub(crate) struct Vaults {
    keychain: Arc<dyn Vault>,
    memory: Arc<dyn Vault>,
    waits: Waits,
}

impl Vaults {
    pub(crate) fn new(keychain: Arc<dyn Vault>, waits: Waits) -> Self {
        Self { keychain, memory: Arc::new(MemoryVault::default()), waits }
    }

    /// Whether a vault can be used; opens no item.
    pub(crate) async fn ready(&self, storage: TokenStorage) -> Result<(), VaultError> {
        self.run(storage, |vault| vault.ready()).await
    }

    /// As [`Vaults::ready`] for the keychain, on this thread.
    pub(crate) fn is_keychain_ready(&self) -> bool {
        self.keychain.ready().is_ok()
    }

    pub(crate) async fn get(
        &self,
        storage: TokenStorage,
        name: &str,
    ) -> Result<SecretString, VaultError> {
        let name = name.to_owned();
        self.run(storage, move |vault| vault.get(&name)).await
    }

    /// As [`Vaults::get`]; `None` if there is no such item.
    pub(crate) async fn find(
        &self,
        storage: TokenStorage,
        name: &str,
    ) -> Result<Option<SecretString>, VaultError> {
        match self.get(storage, name).await {
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn put(
        &self,
        storage: TokenStorage,
        name: &str,
        secret: SecretString,
    ) -> Result<(), VaultError> {
        let name = name.to_owned();
        self.run(storage, move |vault| vault.put(&name, &secret)).await
    }

    /// Stores a new item. If the keychain is unlocked only after the timeout, the item is deleted
    /// again: no row of the database names it.
    pub(crate) async fn put_new(
        &self,
        storage: TokenStorage,
        name: &str,
        secret: SecretString,
    ) -> Result<(), VaultError> {
        let written = name.to_owned();
        let mut opening = self.open(storage, move |vault| vault.put(&written, &secret));
        if let Some(stored) = self.waits.during(Code::KeychainWaiting, opening.in_time()).await {
            return stored;
        }
        let (vaults, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            if let Ok(Ok(())) = opening.0.await {
                let _ = vaults.delete(storage, &name).await;
            }
        });
        Err(VaultError::Locked)
    }

    pub(crate) async fn delete(&self, storage: TokenStorage, name: &str) -> Result<(), VaultError> {
        let name = name.to_owned();
        self.run(storage, move |vault| vault.delete(&name)).await
    }

    pub(crate) async fn clear(&self, storage: TokenStorage) -> Result<(), VaultError> {
        self.run(storage, |vault| vault.clear()).await
    }

    async fn run<T, F>(&self, storage: TokenStorage, work: F) -> Result<T, VaultError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    {
        let mut opening = self.open(storage, work);
        let opened = self.waits.during(Code::KeychainWaiting, opening.in_time()).await;
        opened.unwrap_or(Err(VaultError::Locked))
    }

    fn open<T, F>(&self, storage: TokenStorage, work: F) -> Opening<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    {
        let vault = Arc::clone(match storage {
            TokenStorage::Keychain => &self.keychain,
            TokenStorage::Memory => &self.memory,
        });
        let opened = move || work(vault.as_ref()).inspect(|_| failpoint::hit());
        Opening(tokio::task::spawn_blocking(opened))
    }
}

/// A vault that is being opened.
struct Opening<T>(tokio::task::JoinHandle<Result<T, VaultError>>);

impl<T> Opening<T> {
    /// The result; `None` after [`UNLOCK_TIMEOUT`].
    async fn in_time(&mut self) -> Option<Result<T, VaultError>> {
        let opened = tokio::time::timeout(UNLOCK_TIMEOUT, &mut self.0).await.ok()?;
        Some(opened.unwrap_or_else(|panicked| Err(VaultError::Failed(panicked.to_string()))))
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Absent => Self::new(Code::KeychainAbsent),
            VaultError::Locked => Self::new(Code::KeychainLocked),
            VaultError::Ambiguous => Self::new(Code::KeychainAmbiguous),
            VaultError::TooLong => Self::new(Code::KeychainTooLong),
            VaultError::NotFound => Self::new(Code::KeychainFailed),
            VaultError::Failed(words) => Self::new(Code::KeychainFailed).with_detail(words),
        }
    }
}
