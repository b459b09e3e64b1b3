//! The folders and files of an installation, and its names in the operating system.

mod files;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use native_oauth::hex::hex;
use sha2::{Digest, Sha256};

use crate::environment::Environment;
use crate::identity::{AppIdentity, is_one_line};
use crate::lock::FileLock;
pub(crate) use files::log_files;
use files::new_folder;

/// The folders of an installation: the user's own, or one separate folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    identity: Arc<AppIdentity>,
    own: Option<PathBuf>,
    config: PathBuf,
    data: PathBuf,
}

impl Home {
    /// The user's configuration and data folders.
    ///
    /// # Errors
    /// If the operating system names no such folders, or a name of the identity cannot be used.
    pub fn of_user(identity: &AppIdentity) -> io::Result<Self> {
        identity.check()?;
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no home folder");
        Ok(Self {
            own: None,
            config: dirs::config_dir().ok_or_else(missing)?.join(&identity.id),
            data: dirs::data_dir().ok_or_else(missing)?.join(&identity.id),
            identity: Arc::new(identity.clone()),
        })
    }

    /// A separate home with everything under `dir`, which is created if missing.
    ///
    /// # Errors
    /// If `dir` cannot be created, its path has a control character, since it is written into files
    /// of lines, or a name of the identity cannot be used.
    pub fn own(identity: &AppIdentity, dir: &Path) -> io::Result<Self> {
        identity.check()?;
        refuse_line_breaks(dir)?;
        new_folder(dir)?;
        let dir = dir.canonicalize()?;
        refuse_line_breaks(&dir)?;
        let identity = Arc::new(identity.clone());
        Ok(Self { identity, own: Some(dir.clone()), config: dir.clone(), data: dir })
    }

    /// `dir`, else the folder in [`AppIdentity::home_variable`], else the user's own folders.
    ///
    /// # Errors
    /// As [`Home::own`] and [`Home::of_user`].
    pub fn choose(
        identity: &AppIdentity,
        dir: Option<&Path>,
        environment: &Environment,
    ) -> io::Result<Self> {
        let variable = environment.get(&identity.home_variable()).map(Path::new);
        match dir.or(variable) {
            Some(dir) => Self::own(identity, dir),
            None => Self::of_user(identity),
        }
    }

    /// The names of the embedding program.
    pub fn identity(&self) -> &AppIdentity {
        &self.identity
    }

    /// The folder of a separate home.
    pub fn own_dir(&self) -> Option<&Path> {
        self.own.as_deref()
    }

    /// `providers.toml`.
    pub fn providers_file(&self) -> PathBuf {
        self.config.join("providers.toml")
    }

    /// `.env`, with client ids and secrets.
    pub fn env_file(&self) -> PathBuf {
        self.config.join(".env")
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.data.join("nameplate.db")
    }

    /// The icon that the desktop entry of the URL scheme names, if the app has written one.
    pub fn icon_file(&self) -> PathBuf {
        self.data.join("icon.png")
    }

    /// The folder with everything but the configuration.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// The folder of the log files.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// Whether a process updates the database now; to open the home takes until that is done.
    pub fn is_being_updated(&self) -> bool {
        FileLock::is_held(&self.migration_lock())
    }

    pub(crate) fn migration_lock(&self) -> PathBuf {
        self.locks().join("migrate.lock")
    }

    /// The folder of the lock files.
    pub(crate) fn locks(&self) -> PathBuf {
        self.data.join("locks")
    }

    /// The identifier of this home in the operating system. It differs for each home, so that two
    /// homes share no window, URL scheme handler or keychain item.
    pub fn identifier(&self) -> String {
        self.own_name(&self.identity.id)
    }

    /// The service name of this home's keychain items.
    pub(crate) fn service(&self) -> String {
        self.own_name(&self.identity.keychain_service)
    }

    fn own_name(&self, name: &str) -> String {
        let Some(dir) = &self.own else { return name.to_owned() };
        let digest = Sha256::digest(dir.as_os_str().as_encoded_bytes());
        format!("{name}.h{}", hex(&digest[..6]))
    }

    /// The scheme of this home's deep links; a development build never uses that of the installed
    /// program (U4).
    pub fn scheme(&self) -> String {
        let scheme = &self.identity.url_scheme;
        match self.own.is_some() || cfg!(debug_assertions) {
            true => format!("{scheme}.dev"),
            false => scheme.clone(),
        }
    }
}

fn refuse_line_breaks(dir: &Path) -> io::Result<()> {
    match is_one_line(&dir.to_string_lossy()) {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, LINE_BREAK)),
    }
}

const LINE_BREAK: &str = "its path has a control character, such as a line break";

#[cfg(test)]
mod tests;
