//! The one window, which shows the app's own pages only.

use nameplate::Home;
use tauri::plugin::TauriPlugin;
use tauri::utils::config::WebviewUrl;
use tauri::{App, AppHandle, Manager, Runtime, Url, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_nameplate::NameplateExt;
use tauri_plugin_window_state::StateFlags;

use crate::demo;

/// The window's label; the capability file names it too.
pub const MAIN: &str = "main";

/// Remembers its size and where it was, in the folder of the home.
pub fn state<R: Runtime>(home: &Home) -> TauriPlugin<R> {
    let file = home.data_dir().join("window.json");
    tauri_plugin_window_state::Builder::default()
        // The plugin puts an absolute path in the place of its own folder.
        .with_filename(file.to_string_lossy())
        // Whether it was visible is not remembered.
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build()
}

/// Whether the window is visible at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Visible.
    Shown,
    /// Hidden; the tray icon opens it.
    Hidden,
}

/// Opens the window.
///
/// # Errors
/// Where there is no display.
pub fn open<R: Runtime>(app: &App<R>, home: &Home, start: Start) -> tauri::Result<()> {
    // The pages of a build for development come from a server of its own.
    let server = app.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    let mut window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Nameplate")
        .inner_size(900.0, 700.0)
        .min_inner_size(360.0, 480.0)
        .visible(start == Start::Shown)
        // Whatever a page is led to, the window shows no other than its own.
        .on_navigation(move |url| {
            is_own(url) || server.as_ref().is_some_and(|server| server.origin() == url.origin())
        });
    let demo = demo::is_available();
    window = window.initialization_script(format!("globalThis.nameplateHasDemo = {demo};"));
    // The page shows it at once, and then asks for changes.
    if let Some(state) = first_state(app) {
        window = window.initialization_script(format!("globalThis.nameplateState = {state};"));
    }
    if let Some(dir) = home.own_dir() {
        window = window.data_directory(dir.join("webview"));
    }
    let window = window.build()?;
    #[cfg(target_os = "linux")]
    paint_without_gpu(&window)?;
    #[cfg(not(target_os = "linux"))]
    drop(window);
    Ok(())
}

/// Lets the processor paint the page. It has text and lines, which a processor paints at once; for the GPU, WebKit
/// compiles a program for each kind of shape before the first picture, and keeps them and its layers in memory.
#[cfg(target_os = "linux")]
fn paint_without_gpu<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Shows the window if it is hidden. A visible one keeps its place and the focus.
pub fn reveal<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if !window.is_visible().unwrap_or(false)
        && let Err(error) = window.show()
    {
        tracing::warn!(%error, "the window is not shown");
    }
}

/// The state as JSON, which is an expression of JavaScript as well; `None` where the engine fails, which the page
/// hears when it asks.
fn first_state<R: Runtime>(app: &App<R>) -> Option<String> {
    let state = app.nameplate().ok()?.state().ok()?;
    serde_json::to_string(&state).ok()
}

/// Whether an address is one of the window's own pages; Windows knows the scheme as a host.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window cannot be led to another page.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn only_its_own_pages_are_shown() {
        for (address, own) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://tauri.localhost/index.html", true),
            ("tauri://elsewhere/", false),
            ("https://tauri.localhost.example.com/", false),
            ("http://tauri.localhost:8080/", false),
            ("http://localhost/", false),
            ("https://discord.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_own(&address.parse().unwrap()), own, "{address}");
        }
    }
}
