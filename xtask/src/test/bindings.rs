//! Checks that the TypeScript bindings, which tests write, are unchanged after the tests.

use crate::project;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The files before the tests ran.
#[derive(Debug)]
pub struct Snapshot(BTreeMap<PathBuf, Vec<u8>>);

impl Snapshot {
    /// Reads them.
    pub fn take() -> Result<Self> {
        let folder = project::root().join("ui/src/bindings");
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            files.insert(path.clone(), fs::read(path)?);
        }
        Ok(Self(files))
    }

    /// Compares them with the files now.
    pub fn check(self) -> Result<()> {
        let Self(now) = Self::take()?;
        let changed: Vec<_> =
            now.iter().filter(|(path, text)| self.0.get(*path) != Some(*text)).collect();
        let names: Vec<_> = changed.iter().map(|(path, _)| path.display().to_string()).collect();
        ensure!(
            names.is_empty(),
            "these were out of date and are written anew; look at them and commit: {}",
            names.join(", ")
        );
        Ok(())
    }
}
