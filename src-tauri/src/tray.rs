//! The people and their tokens in the desktop's tray, where it has one and the user wants it.
//!
//! On Linux it is an item of the StatusNotifierItem specification, by D-Bus: no library of the desktop is loaded, and
//! nothing runs while it is off.

#[cfg(target_os = "linux")]
mod item;
#[cfg(target_os = "linux")]
mod watcher;

use tauri::{AppHandle, Runtime};

/// The item in the tray, or none.
#[derive(Default)]
pub struct Tray {
    #[cfg(target_os = "linux")]
    shown: std::sync::Mutex<Option<item::Shown>>,
}

/// What is done while the desktop has no tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// No item is made.
    Refuse,
    /// The item appears once there is a tray.
    Wait,
}

/// Why the desktop takes no item.
type Result = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[cfg(target_os = "linux")]
impl Tray {
    /// Whether the desktop has a tray.
    pub async fn is_available() -> bool {
        tauri::async_runtime::spawn_blocking(watcher::is_there).await.unwrap_or(false)
    }

    /// Whether there is an item.
    pub fn is_on(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether the desktop shows the item now.
    pub fn is_online(&self) -> bool {
        self.lock().as_ref().is_some_and(item::Shown::is_online)
    }

    /// Shows the item until [`Tray::hide`].
    ///
    /// # Errors
    /// Where the desktop has no tray and that is no reason to wait, or no session bus.
    pub async fn show<R: Runtime>(&self, app: &AppHandle<R>, absence: Absence) -> Result {
        let shown = item::Shown::new(app, absence).await?;
        *self.lock() = Some(shown);
        Ok(())
    }

    /// Removes the item.
    pub async fn hide(&self) {
        let shown = self.lock().take();
        if let Some(shown) = shown {
            shown.end().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<item::Shown>> {
        self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Other systems: not built yet.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unused_async, reason = "as on Linux")]
impl Tray {
    pub async fn is_available() -> bool {
        false
    }

    pub fn is_on(&self) -> bool {
        false
    }

    pub fn is_online(&self) -> bool {
        false
    }

    pub async fn show<R: Runtime>(&self, _: &AppHandle<R>, _: Absence) -> Result {
        Err("there is no tray".into())
    }

    pub async fn hide(&self) {}
}
