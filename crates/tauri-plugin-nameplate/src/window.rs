//! The window that belongs to the user who signs in.

use tauri::{AppHandle, Runtime};

/// Brings the window to the front; where the desktop refuses focus, it asks for attention.
#[cfg(desktop)]
pub fn show<R: Runtime>(app: &AppHandle<R>) {
    use tauri::{Manager, UserAttentionType};
    let Some(state) = app.try_state::<crate::app_state::AppState>() else { return };
    let Some(window) = app.get_webview_window(&state.window) else { return };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if shown.is_err() || !window.is_focused().unwrap_or(false) {
        let _ = window.request_user_attention(Some(UserAttentionType::Informational));
    }
}

/// A phone shows the app that it has opened a link with.
#[cfg(mobile)]
pub fn show<R: Runtime>(_app: &AppHandle<R>) {}
