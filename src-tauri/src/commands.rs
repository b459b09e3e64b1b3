//! Commands of the app's own page, besides those of the plugin.

use nameplate::{Home, Problem};
use tauri::{AppHandle, Manager, Runtime, State, WebviewWindow};
use tauri_plugin_nameplate::NameplateExt;

use crate::clipboard;
use crate::demo::Demo;
use crate::settings::{self, Settings};
use crate::tray::Tray;
use crate::{diagnostics, licences, token_command};

/// Smallest and largest zoom.
const ZOOM: std::ops::RangeInclusive<f64> = 0.5..=3.0;

/// Closes the window, which ends the app; with the tray it would only hide.
#[tauri::command]
pub fn quit<R: Runtime>(window: WebviewWindow<R>, tray: State<'_, Tray>) {
    if tray.is_on() {
        return window.app_handle().exit(0);
    }
    if let Err(error) = window.close() {
        tracing::warn!(%error, "the window was not closed");
    }
}

/// Sets the zoom of the page; 1 is the usual size.
#[tauri::command]
pub fn zoom<R: Runtime>(window: WebviewWindow<R>, factor: f64) {
    if !factor.is_finite() {
        return;
    }
    if let Err(error) = window.set_zoom(factor.clamp(*ZOOM.start(), *ZOOM.end())) {
        tracing::warn!(%error, "the zoom was not changed");
    }
}

/// A report for the user who is asked for help. It has no name, address, id, path or token.
#[tauri::command(async)]
pub fn diagnostics<R: Runtime>(app: AppHandle<R>) -> String {
    diagnostics::report(&app)
}

/// The text on the clipboard, if it has the shape of a client ID of this kind of provider, and
/// nothing otherwise: the page does not see what else is there.
#[tauri::command]
pub async fn client_id_on_clipboard<R: Runtime>(app: AppHandle<R>, kind: String) -> Option<String> {
    let has_shape = clipboard::shape(&kind)?;
    let text = clipboard::text(&app).await?;
    Some(text.trim().to_owned()).filter(|text| has_shape(text))
}

/// The libraries in the program: name, version and licence expression.
#[tauri::command(async)]
pub fn licences() -> serde_json::Value {
    serde_json::from_str(licences::LIST).unwrap_or_default()
}

/// The app's own settings.
#[tauri::command]
pub async fn desktop_settings<R: Runtime>(
    app: AppHandle<R>,
    home: State<'_, Home>,
) -> Result<Settings, ()> {
    Ok(settings::present(&app, &home).await)
}

/// Applies and stores the app's own settings; how they are afterwards.
#[tauri::command]
pub async fn save_desktop_settings<R: Runtime>(
    app: AppHandle<R>,
    home: State<'_, Home>,
    settings: Settings,
) -> Result<Settings, ()> {
    if let Err(error) = settings::apply(&app, &home, settings).await {
        tracing::warn!(error, "a setting was not applied");
    }
    Ok(settings::present(&app, &home).await)
}

/// The command that prints an access token of the account; nothing where there is no such account.
#[tauri::command(async)]
pub fn token_command<R: Runtime>(
    app: AppHandle<R>,
    home: State<'_, Home>,
    account: &str,
) -> Option<String> {
    let names = app.nameplate().ok()?.accounts().unique_names(account).ok()?;
    Some(token_command::of(&names, home.own_dir()))
}

/// Starts the demo provider, unless it runs. Returns its issuer.
#[tauri::command]
pub async fn start_demo<R: Runtime>(
    app: AppHandle<R>,
    demo: State<'_, Demo>,
) -> Result<String, Box<Problem>> {
    // The page has no button for it where the engine did not open.
    let Ok(nameplate) = app.nameplate() else { return Ok(String::new()) };
    let language = nameplate.preferences().language();
    demo.start(nameplate).await.map_err(|error| Box::new(nameplate.explain(language, &error)))
}
