//! One instance of the app for each home.

use serde_json::Value;
use tauri::plugin::Plugin;
use tauri::{AppHandle, Runtime};

use crate::deep_link::Links;
use crate::window;

/// Ends this process if another one has the identifier of the app's configuration. Otherwise takes
/// the deep links of later processes, and brings the window to the front when one starts.
///
/// # Errors
/// If the operating system refuses the name.
pub fn start<R: Runtime>(
    app: &AppHandle<R>,
    links: Links,
) -> Result<(), Box<dyn std::error::Error>> {
    // Without its feature `deep-link`, by which it would emit each link to the page.
    let mut plugin = tauri_plugin_single_instance::init(move |app, arguments, _folder| {
        links.take_arguments(&arguments);
        window::show(app);
    });
    // Only `initialize` does anything. Registering it here is not possible: Tauri holds the lock of
    // its plugins.
    plugin.initialize(app, Value::Null)
}
