//! Where a run keeps its things, and the names that the operating system knows it by.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::platform::private_dir;

/// The application's identifier and, in release builds, its URI scheme (RFC 8252, section 7.1).
/// A placeholder until the domain is confirmed to be ours.
pub const IDENTIFIER: &str = "app.nameplate.desktop";

/// The environment variable that gives a run a home of its own.
pub const HOME_VARIABLE: &str = "NAMEPLATE_HOME";

/// Where a run keeps its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    own: Option<PathBuf>,
    config: PathBuf,
    data: PathBuf,
    env_file: Option<PathBuf>,
}

impl Home {
    /// The home of an installed program, in the person's own folders.
    ///
    /// # Errors
    /// Where the operating system names no such folders.
    pub fn of_person() -> io::Result<Self> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no home folder");
        Ok(Self {
            own: None,
            config: dirs::config_dir().ok_or_else(missing)?.join(IDENTIFIER),
            data: dirs::data_dir().ok_or_else(missing)?.join(IDENTIFIER),
            env_file: None,
        })
    }

    /// A home of its own: everything of the run lies under `dir`, which is made if missing.
    ///
    /// # Errors
    /// Where `dir` cannot be made.
    pub fn own(dir: &Path) -> io::Result<Self> {
        private_dir(dir)?;
        let dir = dir.canonicalize()?;
        Ok(Self { own: Some(dir.clone()), config: dir.clone(), data: dir, env_file: None })
    }

    /// `dir` if given, else what [`HOME_VARIABLE`] says, else the person's own.
    ///
    /// # Errors
    /// As of [`Home::own`] and [`Home::of_person`].
    pub fn choose(dir: Option<&Path>) -> io::Result<Self> {
        let variable = std::env::var_os(HOME_VARIABLE).filter(|value| !value.is_empty());
        match dir.map(Path::to_owned).or(variable.map(PathBuf::from)) {
            Some(dir) => Self::own(&dir),
            None => Self::of_person(),
        }
    }

    /// The folder, for a run with a home of its own.
    pub fn own_dir(&self) -> Option<&Path> {
        self.own.as_deref()
    }

    /// `providers.toml`.
    pub fn providers_file(&self) -> PathBuf {
        self.config.join("providers.toml")
    }

    /// `.env`, or the file that stands in for it.
    pub fn env_file(&self) -> PathBuf {
        self.env_file.clone().unwrap_or_else(|| self.config.join(".env"))
    }

    /// Reads client ids and secrets from another file than `.env`.
    #[must_use]
    pub fn with_env_file(self, file: Option<PathBuf>) -> Self {
        Self { env_file: file, ..self }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join("nameplate.db")
    }

    /// The folder of everything but the configuration.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// The folder of the log files.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// The folder of the lock files.
    pub fn locks(&self) -> PathBuf {
        self.data.join("locks")
    }

    /// The identifier that the operating system knows this run by: one of its own for each home,
    /// so that runs of different homes share no window, handler or keychain entry.
    pub fn identifier(&self) -> String {
        let Some(dir) = &self.own else { return IDENTIFIER.to_owned() };
        let digest = Sha256::digest(dir.as_os_str().as_encoded_bytes());
        let name = hex(&digest[..6]);
        format!("{IDENTIFIER}.h{name}")
    }

    /// The service name of this run's keychain entries.
    pub fn service(&self) -> String {
        self.identifier()
    }

    /// The scheme of this run's deep links. Development never takes the installed program's (U4).
    pub fn scheme(&self) -> String {
        if self.own.is_some() || cfg!(debug_assertions) {
            format!("{IDENTIFIER}.dev")
        } else {
            IDENTIFIER.to_owned()
        }
    }

    /// Makes the folders, readable by nobody else.
    ///
    /// # Errors
    /// Where one cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        for dir in [&self.config, &self.data, &self.logs(), &self.locks()] {
            private_dir(dir)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_home_has_names_of_its_own() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (a, b) = (Home::own(a.path()).unwrap(), Home::own(b.path()).unwrap());
        assert_ne!(a.identifier(), b.identifier());
        assert!(a.identifier().starts_with("app.nameplate.desktop.h"));
        assert!(a.database().starts_with(a.own_dir().unwrap()));
        assert!(a.providers_file().starts_with(a.own_dir().unwrap()));
    }

    /// S8, U4: reverse-DNS, and a home of its own never answers to the installed program's scheme.
    #[test]
    fn the_scheme_is_reverse_dns() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Home::own(dir.path()).unwrap().scheme(), "app.nameplate.desktop.dev");
        assert!(IDENTIFIER.split('.').count() >= 3);
    }
}
