//! How the vault is opened: off the asynchronous threads, and for no longer than a person takes.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::Login;
use crate::error::{Code, Error};
use crate::failpoint;
use crate::vault::{TokenStorage, Vault, VaultError};

/// How long a keychain may ask the person to unlock it.
const UNLOCKING: Duration = Duration::from_secs(120);

impl Login {
    /// Opens the vault off the asynchronous threads: it may ask the person to unlock it.
    pub(super) async fn vault<T, F>(&self, storage: TokenStorage, work: F) -> Result<T, VaultError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    {
        let mut opening = self.open_vault(storage, work);
        let opened = self.reporting(Code::KeychainWaiting, opening.in_time()).await;
        opened.unwrap_or(Err(VaultError::Locked))
    }

    /// Keeps a secret under a name that is new. Where the keychain opens only after nobody waits
    /// for it any more, what it keeps then is taken back, since no row knows it.
    pub(super) async fn put_new(
        &self,
        storage: TokenStorage,
        name: String,
        secret: SecretString,
    ) -> Result<(), VaultError> {
        let written = name.clone();
        let mut opened = self.open_vault(storage, move |vault| vault.put(&written, &secret));
        let kept = self.reporting(Code::KeychainWaiting, opened.in_time()).await;
        if let Some(kept) = kept {
            return kept;
        }
        let login = self.clone();
        tokio::spawn(async move {
            if let Ok(Ok(())) = opened.0.await {
                let _ = login.vault(storage, move |vault| vault.delete(&name)).await;
            }
        });
        Err(VaultError::Locked)
    }

    fn open_vault<T, F>(&self, storage: TokenStorage, work: F) -> Opening<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    {
        let vault = Arc::clone(match storage {
            TokenStorage::Keychain => &self.0.keychain,
            TokenStorage::Memory => &self.0.memory,
        });
        let opened = move || work(vault.as_ref()).inspect(|_| failpoint::hit());
        Opening(tokio::task::spawn_blocking(opened))
    }
}

/// A vault that is being opened, perhaps while the person is asked to unlock it.
struct Opening<T>(tokio::task::JoinHandle<Result<T, VaultError>>);

impl<T> Opening<T> {
    /// What came of it; `None` where nobody unlocked it in time.
    async fn in_time(&mut self) -> Option<Result<T, VaultError>> {
        let opened = tokio::time::timeout(UNLOCKING, &mut self.0).await.ok()?;
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
            VaultError::Failed(words) => Self::new(Code::KeychainFailed).detail(words),
        }
    }
}
