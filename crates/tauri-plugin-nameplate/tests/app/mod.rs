//! An app without a real window, which has the plugin.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::{Path, PathBuf};

use nameplate::{AppIdentity, Home};
use serde_json::Value;
use tauri::http::HeaderMap;
use tauri::ipc::{CallbackFn, InvokeBody, InvokeResponseBody, RuntimeAuthority};
use tauri::test::{
    INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets,
};
use tauri::utils::acl::manifest::{Manifest, PermissionFile};
use tauri::utils::acl::resolved::Resolved;
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, WebviewWindowBuilder};
use tauri_plugin_nameplate::Builder;

pub fn identity() -> AppIdentity {
    AppIdentity::new("app.nameplate.desktop", "Notes", "1.2.0")
}

/// A home of its own in this folder.
pub fn home(dir: &Path) -> Home {
    Home::own(&identity(), dir).unwrap()
}

/// An app whose windows `main` and `other` have these permissions of the plugin.
pub fn app(home: Home, plugin: Builder, permissions: &[&str]) -> App<MockRuntime> {
    build(mock_builder(), home, plugin, permissions)
}

/// The same from a builder that has something else already.
pub fn build(
    builder: tauri::Builder<MockRuntime>,
    home: Home,
    plugin: Builder,
    permissions: &[&str],
) -> App<MockRuntime> {
    let mut context = mock_context(noop_assets());
    context.config_mut().identifier = home.identifier();
    let manifest = Manifest::new(permission_files(&built_permissions()), None);
    *context.runtime_authority_mut() =
        RuntimeAuthority::new([("nameplate".to_owned(), manifest)].into(), Resolved::default());
    let app = builder.plugin(plugin.home(home).build()).build(context).unwrap();
    let permissions: Vec<_> =
        permissions.iter().map(|permission| format!("nameplate:{permission}")).collect();
    let capability = serde_json::json!({
        "identifier": "main", "windows": ["main", "other"], "permissions": permissions,
    });
    app.add_capability(capability.to_string()).unwrap();
    for label in ["main", "other"] {
        WebviewWindowBuilder::new(&app, label, Default::default()).build().unwrap();
    }
    app
}

/// Calls a command of the plugin from a window.
pub fn call(
    app: &impl Manager<MockRuntime>,
    window: &str,
    command: &str,
    body: InvokeBody,
) -> Result<InvokeResponseBody, Value> {
    let request = InvokeRequest {
        cmd: format!("plugin:nameplate|{command}"),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().unwrap(),
        body,
        headers: HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(&app.get_webview_window(window).unwrap(), request)
}

/// Calls a command without arguments from the window `main`.
pub fn invoke(app: &impl Manager<MockRuntime>, command: &str) -> Result<Value, Value> {
    let response = call(app, "main", command, InvokeBody::default());
    response.map(|body| body.deserialize().unwrap())
}

/// Where the build script has put the sets and what it has generated.
fn built_permissions() -> PathBuf {
    Path::new(env!("OUT_DIR")).join("permissions")
}

/// The permissions of the plugin.
#[allow(dead_code, reason = "one of the tests")]
pub fn built() -> Vec<PermissionFile> {
    permission_files(&built_permissions())
}

fn permission_files(folder: &Path) -> Vec<PermissionFile> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml"));
    let parsed = files.map(|file| toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap());
    parsed.chain(folders.iter().flat_map(|folder| permission_files(folder))).collect()
}
