//! The settings of the app itself, besides those of the engine: the tray, and start at login.

use std::io;
use std::path::PathBuf;

use nameplate::Home;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime};

use crate::start_at_login;
use crate::tray::Tray;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    tray: bool,
}

/// Whether the tray is asked for.
pub fn wants_tray(home: &Home) -> bool {
    read(home).tray
}

/// The present settings.
pub async fn present<R: Runtime>(app: &AppHandle<R>, home: &Home) -> Settings {
    let tray = Tray::is_available().await.then(|| app.state::<Tray>().is_on());
    // The entry for the login names no folder.
    let own = home.own_dir().is_some();
    let start_at_login = if own { None } else { start_at_login::is_on(app) };
    Settings { tray, start_at_login }
}

/// Applies and stores them.
///
/// # Errors
/// If a file cannot be written, or the desktop takes no item for its tray.
pub async fn apply<R: Runtime>(
    app: &AppHandle<R>,
    home: &Home,
    settings: Settings,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let now = present(app, home).await;
    if let Some(wanted) = settings.tray
        && now.tray.is_some_and(|now| now != wanted)
    {
        match wanted {
            true => app.state::<Tray>().show(app).await?,
            false => app.state::<Tray>().hide().await,
        }
        write(home, Stored { tray: wanted })?;
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
        write(&home, Stored { tray: true }).unwrap();
        assert!(wants_tray(&home));
        std::fs::write(file(&home), "{").unwrap();
        assert!(!wants_tray(&home));
    }
}
