//! The Linux kernel's persistent keyring of the user, for computers without a desktop keychain.
//!
//! The kernel holds the keys in memory that is not swapped to a file of ours. They are lost when
//! the computer restarts, and when the keyring was not used for the time in
//! `/proc/sys/kernel/keys/persistent_keyring_expiry` (persistent-keyring(7)). They survive a
//! logout. A value is one key, so that a write is never torn.

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use secrecy::{ExposeSecret, SecretString};

use super::{Vault, VaultError};

/// Most keys that are looked through; a user may have 200 (keyrings(7)).
const MOST_KEYS: usize = 1 << 16;

/// The keys of one home, whose descriptions begin with its service name.
pub struct KernelKeyring {
    service: String,
}

impl KernelKeyring {
    /// The keys with this service name.
    pub fn new(service: String) -> Self {
        Self { service }
    }

    fn description(&self, name: &str) -> String {
        format!("{}:{name}", self.service)
    }

    fn find(&self, name: &str) -> Result<Key, VaultError> {
        keyring()?.search(&self.description(name)).map_err(told)
    }
}

/// The persistent keyring, whose expiry this renews. The session keyring gets a link to it, which
/// is needed to read its keys.
fn keyring() -> Result<KeyRing, VaultError> {
    KeyRing::get_persistent(KeyRingIdentifier::Session).map_err(|_| VaultError::Absent)
}

impl Vault for KernelKeyring {
    fn ready(&self) -> Result<(), VaultError> {
        keyring().map(drop)
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        let written =
            keyring()?.add_key(&self.description(name), secret.expose_secret().as_bytes());
        written.map(drop).map_err(told)
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        let secret = self.find(name)?.read_to_vec().map_err(told)?;
        String::from_utf8(secret).map(SecretString::from).map_err(|_| VaultError::NotFound)
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        let removed = self.find(name).and_then(|key| keyring()?.unlink_key(key).map_err(told));
        match removed {
            Err(VaultError::NotFound) => Ok(()),
            removed => removed,
        }
    }

    fn clear(&self) -> Result<(), VaultError> {
        let keyring = keyring()?;
        let prefix = self.description("");
        let links = keyring.get_links(MOST_KEYS).map_err(told)?;
        let keys = links.iter().filter_map(|link| link.as_key());
        // A key without metadata has just expired.
        let is_ours = |key: &Key| {
            key.metadata().is_ok_and(|metadata| metadata.get_description().starts_with(&prefix))
        };
        let removed: Vec<_> = keys.filter(is_ours).map(|key| keyring.unlink_key(key)).collect();
        removed.into_iter().try_for_each(|removed| match removed.map_err(told) {
            Ok(()) | Err(VaultError::NotFound) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// Maps the kernel's errors (S52).
fn told(error: KeyError) -> VaultError {
    match error {
        KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked => {
            VaultError::NotFound
        }
        KeyError::OperationNotSupported => VaultError::Absent,
        KeyError::QuotaExceeded => {
            VaultError::Failed("the key quota is used up: /proc/sys/kernel/keys/maxbytes".into())
        }
        other => VaultError::Failed(other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
mod tests {
    use super::*;

    /// A vault whose keys are removed at the end; `None` where the kernel has no persistent
    /// keyrings, or a container may not use them.
    struct Own(KernelKeyring);

    impl Own {
        fn new() -> Option<Self> {
            let vault = KernelKeyring::new(format!("nameplate-test-{}", uuid::Uuid::new_v4()));
            vault.ready().is_ok().then_some(Self(vault))
        }
    }

    impl Drop for Own {
        fn drop(&mut self) {
            let _ = self.0.clear();
        }
    }

    /// S51: a write replaces the former value, whatever its length.
    #[test]
    fn a_write_replaces_the_former_value() {
        let Some(Own(ref vault)) = Own::new() else { return };
        assert_eq!(vault.get("a").unwrap_err(), VaultError::NotFound);
        for value in ["one".to_owned(), "x".repeat(5000), "two".to_owned()] {
            vault.put("a", &value.clone().into()).unwrap();
            assert_eq!(vault.get("a").unwrap().expose_secret(), value);
        }
        vault.delete("a").unwrap();
        vault.delete("a").unwrap();
        assert_eq!(vault.get("a").unwrap_err(), VaultError::NotFound);
    }

    /// Another home's keys stay.
    #[test]
    fn clearing_is_for_one_home() {
        let (Some(Own(ref one)), Some(Own(ref other))) = (Own::new(), Own::new()) else { return };
        for name in ["a", "b"] {
            one.put(name, &"secret".to_owned().into()).unwrap();
        }
        other.put("a", &"other".to_owned().into()).unwrap();
        one.clear().unwrap();
        assert_eq!(one.get("b").unwrap_err(), VaultError::NotFound);
        assert_eq!(other.get("a").unwrap().expose_secret(), "other");
    }

    /// S52: each error has its own [`VaultError`].
    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(told(KeyError::KeyDoesNotExist), VaultError::NotFound);
        assert_eq!(told(KeyError::OperationNotSupported), VaultError::Absent);
        assert!(
            matches!(told(KeyError::QuotaExceeded), VaultError::Failed(text) if text.contains("quota"))
        );
    }
}
