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
        let (app, title, body) = (app.clone(), title.to_owned(), body.to_owned());
        tauri::async_runtime::spawn_blocking(move || {
            if let Err(error) = send(&app, &title, &body) {
                tracing::warn!(%error, "the desktop shows no notification");
            }
        });
    }

    fn send<R: Runtime>(app: &AppHandle<R>, title: &str, body: &str) -> Result<(), glib::Error> {
        if app.try_state::<Bus>().is_none() {
            app.manage(Bus(gio::bus_get_sync(BusType::Session, gio::Cancellable::NONE)?));
        }
        let bus = &app.state::<Bus>().0;
        let capabilities = call(bus, "GetCapabilities", None)?.get::<(Vec<String>,)>();
        let reads_markup =
            capabilities.is_some_and(|(names,)| names.iter().any(|name| name == "body-markup"));
        let body = match reads_markup {
            true => glib::markup_escape_text(body),
            false => body.into(),
        };
        let home = app.state::<Home>();
        let icon = glib::filename_to_uri(home.icon_file(), None).unwrap_or_default();
        let desktop_entry = &app.config().identifier;
        let notification =
            arguments(&home.identity().name, desktop_entry, &icon, title, body.as_str());
        call(bus, "Notify", Some(&notification)).map(drop)
    }

    fn call(
        bus: &DBusConnection,
        method: &str,
        arguments: Option<&Variant>,
    ) -> Result<Variant, glib::Error> {
        bus.call_sync(
            Some("org.freedesktop.Notifications"),
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            method,
            arguments,
            None,
            DBusCallFlags::NONE,
            TIMEOUT,
            gio::Cancellable::NONE,
        )
    }

    /// The arguments of `Notify`.
    fn arguments(
        program: &str,
        desktop_entry: &str,
        icon: &str,
        title: &str,
        body: &str,
    ) -> Variant {
        let hints = VariantDict::new(None);
        hints.insert("desktop-entry", desktop_entry);
        let (replaces, actions, expires) = (0_u32, Vec::<&str>::new(), -1_i32);
        Variant::tuple_from_iter([
            program.to_variant(),
            replaces.to_variant(),
            icon.to_variant(),
            title.to_variant(),
            body.to_variant(),
            actions.to_variant(),
            hints.end(),
            expires.to_variant(),
        ])
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// The signature of `Notify` in the specification.
        #[test]
        fn the_arguments_are_those_of_the_specification() {
            let sent = arguments("Nameplate", "a.b.c", "file:///icon.png", "R&D", "ended");
            assert_eq!(sent.type_().as_str(), "(susssasa{sv}i)");
            assert_eq!(
                (sent.child_value(3).str(), sent.child_value(4).str()),
                (Some("R&D"), Some("ended"))
            );
        }
    }
}
