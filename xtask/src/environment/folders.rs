//! The temporary folders of an environment: home, XDG folders, logs.

use anyhow::{Context, Result};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Deleted on drop.
#[derive(Debug)]
pub struct Folders {
    top: TempDir,
}

impl Folders {
    /// Creates them. The paths are short, because sockets are in them.
    pub fn create() -> Result<Self> {
        let top = tempfile::Builder::new()
            .prefix("nameplate-")
            .tempdir()
            .context("no temporary folder")?;
        let folders = Self { top };
        for name in
            ["bin", "home", "data/applications", "config", "cache", "state", "run", "logs", "tmp"]
        {
            let path = folders.path(name);
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o700))?;
        }
        Ok(folders)
    }

    /// A path inside.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.top.path().join(name)
    }

    /// The folder of the logs of the child processes.
    pub fn logs(&self) -> PathBuf {
        self.path("logs")
    }
}
