//! The desktop's part of a tray, the StatusNotifierWatcher: whether it is there, and what happens while it is not.

use std::time::Duration;

use gtk::gio::prelude::*;
use gtk::gio::{self, BusType, Cancellable, DBusCallFlags};
use tauri::{AppHandle, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::window;

/// How long the panel may take at login, and when it starts again.
const START: Duration = Duration::from_secs(15);

/// Whether it is on the session bus. Blocks for a second at most.
pub fn is_there() -> bool {
    let Ok(bus) = gio::bus_get_sync(BusType::Session, Cancellable::NONE) else { return false };
    let name = ("org.kde.StatusNotifierWatcher",).to_variant();
    let owned = bus.call_sync(
        Some("org.freedesktop.DBus"),
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus",
        "NameHasOwner",
        Some(&name),
        None,
        DBusCallFlags::NONE,
        1000,
        Cancellable::NONE,
    );
    owned.is_ok_and(|owned| owned.get::<(bool,)>() == Some((true,)))
}

/// Shows the window when there has been no tray for a while: nothing else on the desktop leads to it. Returns when the
/// item is gone.
pub async fn show_window_without<R: Runtime>(app: AppHandle<R>, mut online: watch::Receiver<bool>) {
    while online.wait_for(|online| !online).await.is_ok() {
        let back = timeout(START, online.wait_for(|online| *online)).await.is_ok();
        if !back {
            window::reveal(&app);
            if online.wait_for(|online| *online).await.is_err() {
                return;
            }
        }
    }
}
