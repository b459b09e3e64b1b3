//! The settings of the app itself, besides those of the engine: the tray, and start at login.

use nameplate::Home;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime};

use crate::start_at_login;
use crate::stored_settings::{Stored, read, write};
use crate::tray::{Absence, Tray};

/// The settings; `None` for what this computer or this home does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether people and their tokens are in the desktop's tray.
    tray: Option<bool>,
    /// Whether the app starts when the user logs in.
    start_at_login: Option<bool>,
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

#[cfg(test)]
mod tests {
    use super::*;

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
