//! The settings of the app itself, besides those of the engine: the tray, and start at login.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nameplate::Home;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime};

use crate::start_at_login;
use crate::tray::{Absence, Tray};

/// The argument of a start at login, which shows no window where there is a tray.
pub const IN_BACKGROUND: &str = "--background";

/// The settings; `None` for what this computer or this home does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether people and their tokens are in the desktop's tray.
    tray: Option<bool>,
    /// Whether the app starts when the person logs in.
    start_at_login: Option<bool>,
}

/// What is stored; the operating system knows the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    tray: bool,
    /// How long a token stays on the clipboard, in seconds. The window does not show it.
    clipboard_seconds: u32,
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

/// The present settings.
pub async fn present<R: Runtime>(app: &AppHandle<R>, home: &Home) -> Settings {
    let tray = Tray::is_available().await.then(|| app.state::<Tray>().is_on());
    // The entry for the login names no folder.
    let own = home.own_dir().is_some();
    let start_at_login = if own { None } else { start_at_login::is_on(app) };
    Settings { tray, start_at_login }
}

/// Applies and stores those that are given; the others stay.
///
/// # Errors
/// If a file cannot be written, or the desktop takes no item for its tray.
pub async fn apply<R: Runtime>(
    app: &AppHandle<R>,
    home: &Home,
    settings: Settings,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let now = present(app, home).await;
    let stored = read(home);
    match settings.tray {
        Some(true) if now.tray == Some(false) => {
            app.state::<Tray>().show(app, Absence::Refuse).await?;
            write(home, Stored { tray: true, ..stored })?;
        }
        // Also where the desktop has no tray any more.
        Some(false) if stored.tray || now.tray == Some(true) => {
            app.state::<Tray>().hide().await;
            write(home, Stored { tray: false, ..stored })?;
        }
        Some(_) | None => {}
    }
    if let Some(wanted) = settings.start_at_login
        && now.start_at_login.is_some_and(|now| now != wanted)
    {
        start_at_login::set(app, wanted)?;
    }
    Ok(())
}

fn file(home: &Home) -> PathBuf {
    home.data_dir().join("desktop.json")
}

fn read(home: &Home) -> Stored {
    let text = std::fs::read_to_string(file(home)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn write(home: &Home, stored: Stored) -> io::Result<()> {
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

    /// It is turned off also after the desktop's tray has gone, so that it does not come back with that.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn the_tray_is_turned_off_without_a_tray() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::identity(), dir.path()).unwrap();
        write(&home, Stored { tray: true, clipboard_seconds: 5 }).unwrap();
        let app = tauri::test::mock_app();
        app.manage(Tray::default());
        let off = Settings { tray: Some(false), start_at_login: None };
        tauri::async_runtime::block_on(apply(app.handle(), &home, off)).unwrap();
        assert_eq!(read(&home), Stored { tray: false, clipboard_seconds: 5 });
    }
}
