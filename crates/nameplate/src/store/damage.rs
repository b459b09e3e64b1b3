//! Damaged databases, which are renamed and not deleted. Every process reports the newest such file
//! until the user moves or deletes it, or dismisses the message.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Store;
use crate::error::Result;
use crate::home::Home;

/// Between the database's name and the time in nanoseconds.
const MARK: &str = ".damaged-";

/// Setting: name of the file whose message was dismissed.
const DISMISSED: &str = "set_aside_dismissed";

/// Renames the database and its WAL files.
pub(super) fn rename_damaged(path: &Path) -> std::io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    for suffix in ["-wal", "-shm", ""] {
        let file = PathBuf::from(format!("{}{suffix}", path.display()));
        if file.exists() {
            std::fs::rename(file, format!("{}{MARK}{now}{suffix}", path.display()))?;
        }
    }
    Ok(())
}

impl Store {
    /// The newest damaged database, unless its message was dismissed.
    pub fn damaged_file(&self, home: &Home) -> Result<Option<PathBuf>> {
        let Some(last) = newest_damaged_file(&home.database()) else { return Ok(None) };
        let dismissed = self.setting(DISMISSED)?;
        Ok(Some(last).filter(|last| name(last) != dismissed.unwrap_or_default()))
    }

    /// Dismisses the message about the newest damaged database.
    pub fn dismiss_damaged_file(&self, home: &Home) -> Result<()> {
        match self.damaged_file(home)? {
            Some(last) => self.set(DISMISSED, &name(&last)),
            None => Ok(()),
        }
    }
}

fn newest_damaged_file(database: &Path) -> Option<PathBuf> {
    let begin = format!("{}{MARK}", name(database));
    let time = |path: &PathBuf| name(path).strip_prefix(&begin)?.parse::<u128>().ok();
    let entries = std::fs::read_dir(database.parent()?).ok()?.flatten();
    let aside = entries.map(|entry| entry.path()).filter(|path| time(path).is_some());
    aside.max_by_key(time)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    /// Every process reports a damaged database until it is dismissed or the file is gone; the next
    /// damaged one is reported again.
    #[test]
    fn what_was_set_aside_is_known_until_it_is_dismissed() {
        let (_dir, home, store) = store();
        assert_eq!(store.damaged_file(&home).unwrap(), None);
        drop(store);
        std::fs::write(home.database(), "no database at all").unwrap();
        drop(Store::open(&home).unwrap());
        let store = Store::open(&home).unwrap();
        let first = store.damaged_file(&home).unwrap().unwrap();
        store.dismiss_damaged_file(&home).unwrap();
        assert_eq!(Store::open(&home).unwrap().damaged_file(&home).unwrap(), None);
        drop(store);
        std::fs::write(home.database(), "no database either").unwrap();
        let store = Store::open(&home).unwrap();
        let second = store.damaged_file(&home).unwrap().unwrap();
        assert_ne!(first, second);
        std::fs::remove_file(second).unwrap();
        std::fs::remove_file(first).unwrap();
        assert_eq!(store.damaged_file(&home).unwrap(), None);
    }

    /// A process that has the damaged database open continues with the new one.
    #[cfg(all(unix, feature = "watch"))]
    #[tokio::test]
    async fn a_database_that_was_replaced_is_opened_anew() {
        use crate::store::{Change, Watch};
        let (_dir, home, store) = store();
        let mut watch = Watch::new(&home.database()).unwrap();
        rename_damaged(&home.database()).unwrap();
        let other = Store::open(&home).unwrap();
        other.save_settings(crate::settings::Settings::default()).unwrap();
        while watch.changed().await != Change::Replaced {}
        store.open_again().unwrap();
        other.note_client_secret("client.x").unwrap();
        assert_eq!(store.client_secrets().unwrap(), ["client.x"]);
        watch.changed().await;
    }
}
