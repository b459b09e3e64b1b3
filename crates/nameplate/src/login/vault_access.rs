//! Access to the vault from asynchronous code, with a time limit.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::Login;
use crate::error::{Code, Error};
use crate::failpoint;
use crate::vault::{TokenStorage, Vault, VaultError};

/// How long the user may take to unlock the keychain.
const UNLOCKING: Duration = Duration::from_secs(120);

impl Login {
    /// Runs `work` on a blocking thread.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if the user does not unlock the keychain in [`UNLOCKING`].
    pub(super) async fn vault<T, F>(&self, storage: TokenStorage, work: F) -> Result<T, VaultError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    {
        let mut opening = self.open_vault(storage, work);
        let opened = self.reporting(Code::KeychainWaiting, opening.in_time()).await;
        opened.unwrap_or(Err(VaultError::Locked))
    }

    /// Writes a secret under a new name. If the keychain opens only after the time limit, the item
    /// is deleted again, because no row has its name.
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

/// A running vault operation.
struct Opening<T>(tokio::task::JoinHandle<Result<T, VaultError>>);

impl<T> Opening<T> {
    /// Its result; `None` after the time limit.
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
