//! A vault in files that several processes share, for tests.

use std::io::ErrorKind;
use std::path::PathBuf;

use nameplate::vault::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

pub struct FileVault(PathBuf);

impl FileVault {
    pub fn new(dir: PathBuf) -> Self {
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('~')).collect();
        names.sort();
        names
    }
}

impl Vault for FileVault {
    fn ready(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        let written = self.0.join(format!("~{name}.{}", std::process::id()));
        std::fs::write(&written, secret.expose_secret()).unwrap();
        std::fs::rename(written, self.0.join(name)).unwrap();
        Ok(())
    }

    fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        match std::fs::read_to_string(self.0.join(name)) {
            Ok(text) => Ok(text.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(VaultError::NotFound),
            Err(error) => Err(VaultError::Failed(error.to_string())),
        }
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        let _ = std::fs::remove_file(self.0.join(name));
        Ok(())
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.names().iter().try_for_each(|name| self.delete(name))
    }
}
