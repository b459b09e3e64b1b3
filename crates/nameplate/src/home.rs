//! Where a run keeps its things, and the names that the operating system knows it by.

use std::io;
use std::path::{Path, PathBuf};

use native_oauth::hex::hex;
use sha2::{Digest, Sha256};

use crate::private_fs::{is_open, narrow, private_dir};

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
    /// Where `dir` cannot be made, or has a control character in its path: the path is written
    /// into files of lines.
    pub fn own(dir: &Path) -> io::Result<Self> {
        refuse_line_breaks(dir)?;
        own_folder(dir)?;
        let dir = dir.canonicalize()?;
        refuse_line_breaks(&dir)?;
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

    /// Makes the folders, and takes the permissions of group and others from them and from the
    /// files in them (S53). A folder that `--home` names and that has nothing of Nameplate in it
    /// keeps its mode.
    ///
    /// # Errors
    /// Where a folder cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        for dir in self.folders() {
            match self.own_dir() == Some(&dir) {
                true => own_folder(&dir)?,
                false => private_dir(&dir)?,
            }
        }
        for file in self.files() {
            if let Err(error) = narrow(&file) {
                tracing::warn!(%error, "a file can be read by others");
            }
        }
        Ok(())
    }

    /// The folders and files that group or others have permissions for, because they belong to
    /// another user, the file system knows no modes, or the folder was there for something else.
    pub(crate) fn open_to_others(&self) -> Vec<PathBuf> {
        let all = self.folders().into_iter().chain(self.files());
        let mut open: Vec<_> = all.filter(|path| is_open(path)).collect();
        open.dedup();
        open
    }

    fn folders(&self) -> [PathBuf; 4] {
        [self.config.clone(), self.data.clone(), self.logs(), self.locks()]
    }

    /// The files that Nameplate writes. What a symbolic link leads to is left alone, as is `.env`.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = files_in(&self.data);
        let database = self.database();
        let database = database.file_name().unwrap_or_default().as_encoded_bytes();
        files.retain(|file| {
            file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(database))
        });
        files.extend(
            files_in(&self.config).into_iter().filter(|file| *file == self.providers_file()),
        );
        files.extend([self.logs(), self.locks()].iter().flat_map(|folder| files_in(folder)));
        files
    }
}

/// Makes the folder of a home of its own. One that was there for something else keeps its mode.
fn own_folder(dir: &Path) -> io::Result<()> {
    let is_ours = || OURS.iter().any(|name| dir.join(name).exists());
    match dir.is_dir() && !is_ours() {
        true => Ok(()),
        false => private_dir(dir),
    }
}

/// What only a home of Nameplate has.
const OURS: [&str; 3] = ["nameplate.db", "locks", "providers.toml"];

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).collect()
}

fn refuse_line_breaks(dir: &Path) -> io::Result<()> {
    match is_one_line(&dir.to_string_lossy()) {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, LINE_BREAK)),
    }
}

const LINE_BREAK: &str = "its path has a control character, such as a line break";

/// Whether a text has neither control characters nor the line separators of Unicode.
pub(crate) fn is_one_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
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

    /// S53: a home that is there already is made private when it is opened, with the files that
    /// Nameplate writes; other files and what a link leads to are left alone.
    #[cfg(unix)]
    #[test]
    fn an_existing_home_is_made_private() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let set = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let outside = tempfile::tempdir().unwrap();
        let dir = outside.path().join("home");
        for folder in ["logs", "locks"] {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
            set(&dir.join(folder), 0o777);
        }
        set(&dir, 0o775);
        let ours = [
            "providers.toml",
            "nameplate.db",
            "nameplate.db-wal",
            "nameplate.db.damaged-1",
            "logs/nameplate.2026-01-01.log",
            "locks/account-1.lock",
        ];
        let others = ["notes.txt", ".env"];
        for name in ours.iter().chain(&others) {
            std::fs::write(dir.join(name), "").unwrap();
            set(&dir.join(name), 0o664);
        }
        let linked = outside.path().join("linked");
        std::fs::write(&linked, "").unwrap();
        set(&linked, 0o644);
        std::os::unix::fs::symlink(&linked, dir.join("logs/link.log")).unwrap();

        let home = Home::own(&dir).unwrap();
        home.prepare().unwrap();
        for folder in ["", "logs", "locks"] {
            assert_eq!(mode(&dir.join(folder)), 0o700, "{folder}");
        }
        ours.iter().for_each(|name| assert_eq!(mode(&dir.join(name)), 0o600, "{name}"));
        others.iter().for_each(|name| assert_eq!(mode(&dir.join(name)), 0o664, "{name}"));
        assert_eq!(mode(&linked), 0o644);
        assert!(home.open_to_others().is_empty());
        set(&dir.join("logs"), 0o755);
        set(&dir.join("nameplate.db"), 0o644);
        assert_eq!(home.open_to_others(), [home.logs(), home.database()]);
    }

    /// A folder that was there for something else, such as the person's own, keeps its mode, and
    /// is reported.
    #[cfg(unix)]
    #[test]
    fn a_folder_of_others_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("notes.txt"), "").unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(dir.path(), open).unwrap();
        let home = Home::own(dir.path()).unwrap();
        home.prepare().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(dir.path()), 0o755);
        assert_eq!(mode(&home.logs()), 0o700);
        assert_eq!(home.open_to_others(), [home.data_dir()]);
    }

    /// A folder with a sticky bit, such as /tmp, is shared on purpose and keeps its mode.
    #[cfg(unix)]
    #[test]
    fn a_shared_folder_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let shared = std::fs::Permissions::from_mode(0o1777);
        std::fs::set_permissions(dir.path(), shared).unwrap();
        let home = Home::own(dir.path()).unwrap();
        home.prepare().unwrap();
        assert_eq!(dir.path().metadata().unwrap().permissions().mode() & 0o7777, 0o1777);
        assert!(home.open_to_others().contains(&home.data_dir().to_owned()));
    }

    /// No character in the path adds a line to a file that the path is written into, also where a
    /// link leads to such a folder.
    #[cfg(unix)]
    #[test]
    fn a_path_with_a_control_character_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a\nExec=evil", "a\rb", "a\tb", "\u{7f}", "\u{85}", "a\u{2028}b"] {
            let refused = Home::own(&dir.path().join(name)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{name:?}");
            assert!(!dir.path().join(name).exists());
        }
        let hidden = dir.path().join("a\nb");
        std::fs::create_dir(&hidden).unwrap();
        std::os::unix::fs::symlink(&hidden, dir.path().join("link")).unwrap();
        assert!(Home::own(&dir.path().join("link")).is_err());
    }

    /// S8, U4: reverse-DNS, and a home of its own never answers to the installed program's scheme.
    #[test]
    fn the_scheme_is_reverse_dns() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Home::own(dir.path()).unwrap().scheme(), "app.nameplate.desktop.dev");
        assert!(IDENTIFIER.split('.').count() >= 3);
    }
}
