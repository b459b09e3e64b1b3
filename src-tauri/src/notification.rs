//! Notifications of the desktop.

use tauri::{AppHandle, Runtime};

/// Shows a notification. Where the desktop shows none, the log tells why.
#[cfg(target_os = "linux")]
pub fn show<R: Runtime>(app: &AppHandle<R>, title: &str, body: &str) {
    linux::show(app, title, body);
}

/// The same on other systems, by Tauri's plugin, which on Linux would bring a second D-Bus library.
#[cfg(not(target_os = "linux"))]
pub fn show<R: Runtime>(app: &AppHandle<R>, title: &str, body: &str) {
    use tauri_plugin_notification::NotificationExt;
    if let Err(error) = app.notification().builder().title(title).body(body).show() {
        tracing::warn!(%error, "the desktop shows no notification");
    }
}

/// Desktop Notifications Specification, by the session bus.
#[cfg(target_os = "linux")]
mod linux {
    use gtk::gio::prelude::*;
    use gtk::gio::{self, BusType, DBusCallFlags, DBusConnection};
    use gtk::glib::{self, Variant, VariantDict};
    use nameplate::Home;
    use tauri::{AppHandle, Manager, Runtime};

    /// How long the desktop may take to answer, in milliseconds.
    const TIMEOUT: i32 = 10_000;

    /// The connection that notifications are sent on: GNOME removes those of a connection that is closed.
    struct Bus(DBusConnection);

    pub fn show<R: Runtime>(app: &AppHandle<R>, title: &str, body: &str) {
        let icon = glib::filename_to_uri(app.state::<Home>().icon_file(), None).unwrap_or_default();
        let notification = arguments(&app.config().identifier, &icon, title, body);
        let app = app.clone();
        tauri::async_runtime::spawn_blocking(move || {
            if let Err(error) = send(&app, &notification) {
                tracing::warn!(%error, "the desktop shows no notification");
            }
        });
    }

    fn send<R: Runtime>(app: &AppHandle<R>, notification: &Variant) -> Result<(), glib::Error> {
        if app.try_state::<Bus>().is_none() {
            app.manage(Bus(gio::bus_get_sync(BusType::Session, gio::Cancellable::NONE)?));
        }
        app.state::<Bus>().0.call_sync(
            Some("org.freedesktop.Notifications"),
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "Notify",
            Some(notification),
            None,
            DBusCallFlags::NONE,
            TIMEOUT,
            gio::Cancellable::NONE,
        )?;
        Ok(())
    }

    /// The arguments of `Notify`. The body may have markup, so that the text is escaped.
    fn arguments(desktop_entry: &str, icon: &str, title: &str, body: &str) -> Variant {
        let hints = VariantDict::new(None);
        hints.insert("desktop-entry", desktop_entry);
        let (replaces, actions, expires) = (0_u32, Vec::<&str>::new(), -1_i32);
        Variant::tuple_from_iter([
            "Nameplate".to_variant(),
            replaces.to_variant(),
            icon.to_variant(),
            title.to_variant(),
            glib::markup_escape_text(body).as_str().to_variant(),
            actions.to_variant(),
            hints.end(),
            expires.to_variant(),
        ])
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// A provider's name is shown as it is written, and is no markup.
        #[test]
        fn the_text_is_no_markup() {
            let sent = arguments("a.b.c", "file:///icon.png", "R&D", "R&D <b>x</b>");
            assert_eq!(sent.type_().as_str(), "(susssasa{sv}i)");
            assert_eq!(sent.child_value(3).str(), Some("R&D"));
            assert_eq!(sent.child_value(4).str(), Some("R&amp;D &lt;b&gt;x&lt;/b&gt;"));
        }
    }
}
