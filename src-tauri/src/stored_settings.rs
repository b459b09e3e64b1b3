//! The file with the settings of the app itself, besides those of the engine.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nameplate::Home;
use serde::{Deserialize, Serialize};

/// What is stored; the operating system knows the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// Whether the tray is asked for.
    pub tray: bool,
    /// How long a token stays on the clipboard, in seconds. The window does not show it.
    pub clipboard_seconds: u32,
}

impl Default for Stored {
    fn default() -> Self {
        Self { tray: false, clipboard_seconds: 60 }
    }
}

/// Whether the tray is asked for.
pub fn wants_tray(home: &Home) -> bool {
    read(home).tray
}

/// How long a token stays on the clipboard.
pub fn token_stays(home: &Home) -> Duration {
    Duration::from_secs(read(home).clipboard_seconds.into())
}

fn file(home: &Home) -> PathBuf {
    home.data_dir().join("desktop.json")
}

/// The stored settings; the defaults without a file that can be read.
pub fn read(home: &Home) -> Stored {
    let text = std::fs::read_to_string(file(home)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Stores the settings.
///
/// # Errors
/// If the file cannot be written.
pub fn write(home: &Home, stored: Stored) -> io::Result<()> {
    std::fs::write(file(home), serde_json::to_string(&stored)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tray is off until it is asked for, also where the file is damaged.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn the_tray_is_off_by_default() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::identity(), dir.path()).unwrap();
        assert!(!wants_tray(&home));
        write(&home, Stored { tray: true, ..Stored::default() }).unwrap();
        assert!(wants_tray(&home));
        std::fs::write(file(&home), "{").unwrap();
        assert!(!wants_tray(&home));
    }
}
