//! Secret storage: the trait [`Vault`], the operating system's keychain, the kernel
//! keyring of Linux, and memory.

#[cfg(feature = "keychain")]
mod chunked;
#[cfg(all(feature = "keychain", target_os = "linux"))]
mod kernel;
#[cfg(feature = "keychain")]
mod keychain;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::config::KeychainKind;

#[cfg(all(feature = "keychain", target_os = "linux"))]
pub use kernel::KernelKeyring;
#[cfg(feature = "keychain")]
pub use keychain::Keychain;

/// Secrets by name. Values are UTF-8, because KWallet stores nothing else.
///
/// A write replaces the former value. A torn write reads as [`VaultError::NotFound`], never as part
/// of a value (S51). Calls block while the operating system asks the user to unlock the keychain:
/// call them on a blocking thread.
pub trait Vault: Send + Sync {
    /// Checks that the store exists; opens no item.
    ///
    /// # Errors
    /// [`VaultError::Absent`].
    fn ready(&self) -> Result<(), VaultError>;
    /// Writes a secret.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`].
    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError>;
    /// Reads a secret.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where there is none, else any other.
    fn get(&self, name: &str) -> Result<SecretString, VaultError>;
    /// Deletes a secret; succeeds where there is none.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`].
    fn delete(&self, name: &str) -> Result<(), VaultError>;
    /// Deletes every secret of this home, also those whose names are not known.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`], after everything else was deleted.
    fn clear(&self) -> Result<(), VaultError>;
}

/// The keychain that the configuration chooses.
#[cfg(feature = "keychain")]
pub(crate) fn chosen(kind: KeychainKind, service: String) -> Arc<dyn Vault> {
    match kind {
        KeychainKind::System => Arc::new(Keychain::new(service)),
        #[cfg(target_os = "linux")]
        KeychainKind::Kernel => Arc::new(KernelKeyring::new(service)),
    }
}

/// Without the feature `keychain` there is none.
#[cfg(not(feature = "keychain"))]
pub(crate) fn chosen(_: KeychainKind, _: String) -> Arc<dyn Vault> {
    Arc::new(NoKeychain)
}

impl<V: Vault + ?Sized> Vault for Arc<V> {
    fn ready(&self) -> Result<(), VaultError> {
        (**self).ready()
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        (**self).put(name, secret)
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        (**self).get(name)
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        (**self).delete(name)
    }

    fn clear(&self) -> Result<(), VaultError> {
        (**self).clear()
    }
}

/// Where the tokens of a sign-in are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum TokenStorage {
    /// In the operating system's keychain.
    #[default]
    Keychain,
    /// In this process's memory, by the user's choice (S50).
    Memory,
}

impl TokenStorage {
    /// The value in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Memory => "memory",
        }
    }

    /// Reads what [`TokenStorage::as_str`] wrote.
    pub fn parse(text: &str) -> Self {
        if text == Self::Memory.as_str() { Self::Memory } else { Self::Keychain }
    }
}

/// Error of a [`Vault`] (S52).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No item of that name.
    #[error("no such entry")]
    NotFound,
    /// The keychain is locked, and the user did not unlock it.
    #[error("the keychain is locked")]
    Locked,
    /// The device has no keychain.
    #[error("there is no keychain")]
    Absent,
    /// Several items have the name.
    #[error("more than one entry matches")]
    Ambiguous,
    /// The value is longer than the keychain allows.
    #[error("the entry is too long for the keychain")]
    TooLong,
    /// Any other error, with the platform's message.
    #[error("{0}")]
    Failed(String),
}

/// Secrets in memory, for a device without a keychain. They are lost when the process ends, which
/// the user is told before choosing it (S50).
#[derive(Default)]
pub struct MemoryVault {
    secrets: Mutex<HashMap<String, SecretString>>,
}

impl Vault for MemoryVault {
    fn ready(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        self.secrets().insert(name.to_owned(), secret.expose_secret().to_owned().into());
        Ok(())
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        self.secrets().get(name).cloned().ok_or(VaultError::NotFound)
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        self.secrets().remove(name);
        Ok(())
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.secrets().clear();
        Ok(())
    }
}

impl MemoryVault {
    fn secrets(&self) -> std::sync::MutexGuard<'_, HashMap<String, SecretString>> {
        self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Used without the feature `keychain`: as on a device that has none.
#[cfg(not(feature = "keychain"))]
pub(crate) struct NoKeychain;

#[cfg(not(feature = "keychain"))]
impl Vault for NoKeychain {
    fn ready(&self) -> Result<(), VaultError> {
        Err(VaultError::Absent)
    }

    fn put(&self, _: &str, _: &SecretString) -> Result<(), VaultError> {
        Err(VaultError::Absent)
    }

    fn get(&self, _: &str) -> Result<SecretString, VaultError> {
        Err(VaultError::Absent)
    }

    fn delete(&self, _: &str) -> Result<(), VaultError> {
        Err(VaultError::Absent)
    }

    fn clear(&self) -> Result<(), VaultError> {
        Err(VaultError::Absent)
    }
}
