//! One instance of the app for each home.

use tauri::{AppHandle, Runtime};

use crate::deep_link::Links;

/// Ends this process if another one has the identifier of the app's configuration. Otherwise takes
/// the deep links of later processes, and brings the window to the front when one starts.
///
/// # Errors
/// If the operating system refuses the name.
#[cfg(desktop)]
pub fn start<R: Runtime>(
    app: &AppHandle<R>,
    links: Links,
) -> Result<(), Box<dyn std::error::Error>> {
    // Without its feature `deep-link`, by which it would emit each link to the page.
    let mut plugin = tauri_plugin_single_instance::init(move |app, arguments, _folder| {
        links.take_arguments(&arguments);
        crate::window::show(app);
    });
    // Only `initialize` does anything. Registering it here is not possible: Tauri holds the lock of
    // its plugins.
    tauri::plugin::Plugin::initialize(&mut plugin, app, serde_json::Value::Null)
}

/// A phone starts no app twice.
#[cfg(mobile)]
pub fn start<R: Runtime>(
    _app: &AppHandle<R>,
    _links: Links,
) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
