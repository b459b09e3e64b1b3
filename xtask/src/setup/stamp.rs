//! Hashes of inputs, so that an output is built again only if an input has changed.

use crate::project;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// The stored and the current hash of the inputs of an output.
#[derive(Debug)]
pub struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// Hashes the inputs: files, or folders with their content.
    pub fn of(name: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut hash = Sha256::new();
        for input in inputs {
            add(&mut hash, input)?;
        }
        let now = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { file: project::target().join("stamps").join(name), now })
    }

    /// Whether the stored hash is the current one.
    pub fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|then| then == self.now)
    }

    /// Stores the current hash.
    pub fn set(&self) -> Result<()> {
        let folder = self.file.parent().context("a stamp lies in a folder")?;
        fs::create_dir_all(folder)?;
        Ok(fs::write(&self.file, &self.now)?)
    }
}

fn add(hash: &mut Sha256, path: &Path) -> Result<()> {
    hash.update(path.as_os_str().as_encoded_bytes());
    hash.update([0]);
    if path.is_dir() {
        let mut entries =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        for entry in entries {
            add(hash, &entry)?;
        }
    } else if path.exists() {
        let content = fs::read(path)?;
        hash.update(content.len().to_le_bytes());
        hash.update(content);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_deep_in_a_folder_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("deep/file"), "one").unwrap();
        let before = Stamp::of("test", &[folder.path().to_owned()]).unwrap().now;
        assert_eq!(before, Stamp::of("test", &[folder.path().to_owned()]).unwrap().now);
        fs::write(folder.path().join("deep/file"), "two").unwrap();
        assert_ne!(before, Stamp::of("test", &[folder.path().to_owned()]).unwrap().now);
    }
}
