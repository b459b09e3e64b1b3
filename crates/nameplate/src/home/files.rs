//! The folders and files of a home, and who may read them (S53).

use std::io;
use std::path::{Path, PathBuf};

use super::Home;
use crate::lock;
use crate::private_fs::{is_open, narrow, private_dir};

/// Creates a private folder; an existing one keeps its mode, which `doctor` reports.
pub(super) fn new_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() { Ok(()) } else { private_dir(dir) }
}

/// The log files in a folder: `NAME.DATE.log`.
pub(crate) fn log_files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let start = format!("{name}.");
    let mut files = files_in(folder);
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(start.as_bytes()) && name.ends_with(b".log")
    });
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).collect()
}

impl Home {
    /// Creates the folders, and removes the permissions of group and others from Nameplate's files in
    /// them (S53) and from the user's own folders of Nameplate. An existing folder of a separate home
    /// keeps its mode: it may be there for something else.
    ///
    /// # Errors
    /// If a folder cannot be created.
    pub fn prepare(&self) -> io::Result<()> {
        for dir in self.folders() {
            match self.own_dir() {
                Some(_) => new_folder(&dir)?,
                None => private_dir(&dir)?,
            }
        }
        for file in self.files() {
            if let Err(error) = narrow(&file) {
                tracing::warn!(%error, "a file can be read by others");
            }
        }
        Ok(())
    }

    /// Folders and files that group or others have permissions for: those of another user, on a
    /// file system without modes, or in a folder that was there for something else.
    pub(crate) fn open_to_others(&self) -> Vec<PathBuf> {
        let all = self.folders().into_iter().chain(self.files());
        let mut open: Vec<_> = all.filter(|path| is_open(path)).collect();
        open.dedup();
        open
    }

    /// Whether a file or folder of this home is Nameplate's: a folder of a separate home may be there
    /// for something else.
    pub(crate) fn owns(&self, path: &Path) -> bool {
        self.own.is_none() || !self.folders().iter().any(|folder| folder == path)
    }

    fn folders(&self) -> [PathBuf; 4] {
        [self.config.clone(), self.data.clone(), self.logs(), self.locks()]
    }

    /// The files that Nameplate writes, without symbolic links and `.env`.
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
        files.extend(self.log_files());
        files.extend(files_in(&self.locks()).into_iter().filter(|file| lock::is_lock(file)));
        files
    }

    /// The log files. The folder of a separate home may have others.
    pub(crate) fn log_files(&self) -> Vec<PathBuf> {
        log_files(&self.logs(), &self.identity.log_file)
    }
}
