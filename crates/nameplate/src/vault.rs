//! Where secrets are kept: a small port, and the operating system's keychain behind it.

mod chunked;
mod keychain;

use std::collections::HashMap;
use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

pub use chunked::LIMIT;
pub use keychain::Keychain;

/// A place for secrets, by name. Values are UTF-8, as KWallet wants them.
///
/// A write replaces what was there. A value that cannot be kept whole is not kept at all: a torn
/// write reads as [`VaultError::NotFound`], never as garbage (S51). Calls may block for as long
/// as the operating system asks the person to unlock, so they belong on a blocking thread.
pub trait Vault: Send + Sync {
    /// Whether there is a store at all; opens no entry.
    ///
    /// # Errors
    /// [`VaultError::Absent`].
    fn ready(&self) -> Result<(), VaultError>;
    /// Keeps a secret.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`].
    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError>;
    /// The secret of that name.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where there is none, else any other.
    fn get(&self, name: &str) -> Result<SecretString, VaultError>;
    /// Forgets a secret; one that is not there is forgotten already.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`].
    fn delete(&self, name: &str) -> Result<(), VaultError>;
    /// Forgets every secret of this home, also those whose names are not known any more.
    ///
    /// # Errors
    /// Any but [`VaultError::NotFound`]. What can be forgotten is forgotten all the same.
    fn clear(&self) -> Result<(), VaultError>;
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
    /// As it stands in the database.
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

/// Why a vault refused (S52).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No such entry.
    #[error("no such entry")]
    NotFound,
    /// The store is locked, and unlocking was refused or did not happen.
    #[error("the keychain is locked")]
    Locked,
    /// The device has no store.
    #[error("there is no keychain")]
    Absent,
    /// Several entries match.
    #[error("more than one entry matches")]
    Ambiguous,
    /// The store takes no value of that size.
    #[error("the entry is too long for the keychain")]
    TooLong,
    /// Anything else, in the platform's words.
    #[error("{0}")]
    Failed(String),
}

/// Secrets of this run alone: what a person chooses where there is no keychain. They end with
/// the process, which the person is told beforehand (S50).
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
