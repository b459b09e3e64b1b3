//! The operating system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.

use std::collections::HashMap;
use std::sync::Mutex;

use keyring::{Entry, Error as KeyringError};
use secrecy::{ExposeSecret, SecretString};

use super::chunked::{self, Items};
use super::{Vault, VaultError};

/// The keychain items of one home, which all have its service name.
pub struct Keychain {
    service: String,
    /// Serializes writes: two items of one name would stay [`VaultError::Ambiguous`].
    writing: Mutex<()>,
}

impl Keychain {
    /// The keychain items with this service name.
    pub fn new(service: String) -> Self {
        Self { service, writing: Mutex::new(()) }
    }

    /// The search for all items of the service. The Windows store takes a regular expression for
    /// `name.service`, the others take the attribute.
    fn search(&self) -> HashMap<&'static str, String> {
        match cfg!(windows) {
            true => {
                HashMap::from([("pattern", format!(r"\.{}$", self.service.replace('.', r"\.")))])
            }
            false => HashMap::from([("service", self.service.clone())]),
        }
    }

    fn entry(&self, name: &str) -> Result<Entry, VaultError> {
        self.ready()?;
        Entry::new(&self.service, name).map_err(told)
    }
}

impl Items for Keychain {
    fn read(&self, name: &str) -> Result<String, VaultError> {
        let secret = self.entry(name)?.get_secret().map_err(told)?;
        String::from_utf8(secret).map_err(|_| VaultError::NotFound)
    }

    fn write(&self, name: &str, value: &str) -> Result<(), VaultError> {
        self.entry(name)?.set_secret(value.as_bytes()).map_err(told)
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        match self.entry(name)?.delete_credential().map_err(told) {
            Err(VaultError::NotFound) => Ok(()),
            result => result,
        }
    }
}

impl Vault for Keychain {
    fn ready(&self) -> Result<(), VaultError> {
        match Entry::store_status() {
            Ok(()) => Ok(()),
            Err(_) => Err(VaultError::Absent),
        }
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        let _one = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        chunked::put(self, name, secret.expose_secret())
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        let read = match chunked::get(self, name) {
            // Another process may have replaced the value between the head and the parts.
            Err(VaultError::NotFound) => chunked::get(self, name),
            read => read,
        };
        read.map(SecretString::from)
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        let _one = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        chunked::delete(self, name)
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.ready()?;
        let _one = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let search = self.search();
        let search = search.iter().map(|(&key, value)| (key, value.as_str())).collect();
        let found = keyring_core::Entry::search(&search).map_err(told)?;
        let deleted: Vec<_> = found.iter().map(|entry| entry.delete_credential()).collect();
        deleted.into_iter().try_for_each(|deleted| match deleted.map_err(told) {
            Ok(()) | Err(VaultError::NotFound) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// Maps the platform's errors (S52). The messages that are passed on never contain the secret.
fn told(error: KeyringError) -> VaultError {
    match error {
        KeyringError::NoEntry => VaultError::NotFound,
        KeyringError::NoStorageAccess(_) => VaultError::Locked,
        KeyringError::Ambiguous(_) => VaultError::Ambiguous,
        KeyringError::TooLong(..) => VaultError::TooLong,
        KeyringError::NoDefaultStore | KeyringError::NotSupportedByStore(_) => VaultError::Absent,
        KeyringError::PlatformFailure(error) if is_locked(&error.to_string()) => VaultError::Locked,
        // Their `Display` may quote the bytes of the item.
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => VaultError::NotFound,
        other => VaultError::Failed(other.to_string()),
    }
}

/// Secret Service reports a locked collection at item creation by the message alone.
fn is_locked(text: &str) -> bool {
    text.contains("IsLocked") || text.to_lowercase().contains("locked")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S52: each error of the platform has its own [`VaultError`].
    #[test]
    fn refusals_are_told_apart() {
        let platform =
            |text: &str| -> keyring_core::error::PlatformError { text.to_owned().into() };
        assert_eq!(told(KeyringError::NoEntry), VaultError::NotFound);
        assert_eq!(told(KeyringError::NoStorageAccess(platform("x"))), VaultError::Locked);
        assert_eq!(told(KeyringError::Ambiguous(Vec::new())), VaultError::Ambiguous);
        assert_eq!(told(KeyringError::TooLong("password".into(), 2560)), VaultError::TooLong);
        assert_eq!(told(KeyringError::NoDefaultStore), VaultError::Absent);
        let locked = platform(
            "org.freedesktop.Secret.Error.IsLocked: Cannot create an item in a locked collection",
        );
        assert_eq!(told(KeyringError::PlatformFailure(locked)), VaultError::Locked);
        assert!(matches!(
            told(KeyringError::PlatformFailure(platform("x"))),
            VaultError::Failed(_)
        ));
    }

    /// S48: an item that is not UTF-8 is never quoted.
    #[test]
    fn a_refusal_never_quotes_the_entry() {
        assert_eq!(told(KeyringError::BadEncoding(b"secret".to_vec())), VaultError::NotFound);
    }
}
