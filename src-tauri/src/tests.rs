use super::*;
use tauri::WebviewWindowBuilder;
use tauri::http::HeaderMap;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, get_ipc_response};
use tauri::webview::InvokeRequest;

/// S60: the plugin takes no link, since it would emit each to the page; the bundler still writes
/// the scheme into packages.
#[test]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
fn the_plugin_knows_no_scheme() {
    let home = Home::of_user(&identity::identity()).unwrap();
    assert!(!context::<tauri::Wry>(&home).config().plugins.0.contains_key("deep-link"));
    let built: serde_json::Value =
        serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
    let schemes = &built["plugins"]["deep-link"]["desktop"]["schemes"];
    assert_eq!(schemes, &serde_json::json!([identity::identity().url_scheme]));
}

/// S55: the capability allows the commands of the Nameplate plugin and of the app to one window,
/// and nothing else.
#[test]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
fn one_window_may_call_one_plugin() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::own(&identity::identity(), dir.path()).unwrap();
    home.prepare().unwrap();
    let app = tauri::test::mock_builder()
        .plugin(
            tauri_plugin_nameplate::Builder::new(identity::identity()).home(home.clone()).build(),
        )
        .plugin(window::state(&home))
        .invoke_handler(tauri::generate_handler![commands::diagnostics])
        .build(context(&home))
        .unwrap();
    for (window, command, allowed) in [
        (window::MAIN, "plugin:nameplate|state", true),
        (window::MAIN, "plugin:nameplate|dismiss_bot", true),
        (window::MAIN, "plugin:nameplate|reload_configuration", true),
        (window::MAIN, "plugin:event|listen", false),
        (window::MAIN, "plugin:window|close", false),
        (window::MAIN, "overview", false),
        ("other", "plugin:nameplate|state", false),
        (window::MAIN, "diagnostics", true),
        ("other", "diagnostics", false),
        (window::MAIN, "plugin:window-state|save_window_state", false),
    ] {
        let window = app.get_webview_window(window).unwrap_or_else(|| {
            WebviewWindowBuilder::new(&app, window, Default::default()).build().unwrap()
        });
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().unwrap(),
            body: InvokeBody::default(),
            headers: HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        let response = get_ipc_response(&window, request);
        assert_eq!(response.is_ok(), allowed, "{command} in {}: {response:?}", window.label());
    }
}
