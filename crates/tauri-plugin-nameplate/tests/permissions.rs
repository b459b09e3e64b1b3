//! The permissions of the commands, in an app without a real window.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::path::Path;

use nameplate::{AppIdentity, Home};
use serde_json::Value;
use tauri::http::HeaderMap;
use tauri::ipc::{CallbackFn, InvokeBody, RuntimeAuthority};
use tauri::test::{
    INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets,
};
use tauri::utils::acl::manifest::{Manifest, PermissionFile};
use tauri::utils::acl::resolved::Resolved;
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, WebviewWindowBuilder};
use tauri_plugin_nameplate::{Builder, NameplateExt};

/// S55: a command answers if its set is allowed, and is refused otherwise.
#[test]
fn a_set_allows_its_commands_only() {
    for (permission, allowed, refused) in [
        ("default", &["overview", "cancel"][..], &["join", "dismiss_bot", "forget"][..]),
        ("read", &["overview"], &["cancel", "forget"]),
        ("sign-in", &["cancel"], &["overview", "set_up"]),
        ("bots", &["dismiss_bot"], &["overview", "check_again"]),
        ("admin", &["check_again"], &["overview", "sign_out"]),
        ("allow-dismiss-problem", &["dismiss_problem"], &["cancel"]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let app = app(dir.path(), &[permission]);
        for command in allowed {
            let result = invoke(&app, command);
            assert!(result.is_ok(), "{permission}: {command}: {result:?}");
        }
        for command in refused {
            let refusal = invoke(&app, command).unwrap_err().to_string();
            assert!(refusal.contains("not allowed"), "{permission}: {command}: {refusal}");
        }
    }
}

/// The overview is that of the engine that Rust code uses.
#[test]
fn the_page_and_the_app_share_an_engine() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(dir.path(), &["read"]);
    let overview = invoke(&app, "overview").unwrap();
    let engine = app.nameplate().unwrap();
    assert_eq!(overview, serde_json::to_value(engine.state().unwrap()).unwrap());
}

/// An app with a window that has these permissions of the plugin.
fn app(dir: &Path, permissions: &[&str]) -> App<MockRuntime> {
    let identity = AppIdentity::new("com.example.notes", "Notes", "1.2.0");
    let home = Home::own(&identity, dir).unwrap();
    home.prepare().unwrap();
    let mut context = mock_context(noop_assets());
    context.config_mut().identifier = home.identifier();
    let manifest = Manifest::new(permission_files(&built_permissions()), None);
    *context.runtime_authority_mut() =
        RuntimeAuthority::new([("nameplate".to_owned(), manifest)].into(), Resolved::default());
    let app = mock_builder().plugin(Builder::new(home).build()).build(context).unwrap();
    let permissions: Vec<_> =
        permissions.iter().map(|permission| format!("nameplate:{permission}")).collect();
    let capability = serde_json::json!({ "identifier": "main", "windows": ["main"], "permissions": permissions });
    app.add_capability(capability.to_string()).unwrap();
    WebviewWindowBuilder::new(&app, "main", Default::default()).build().unwrap();
    app
}

fn invoke(app: &App<MockRuntime>, command: &str) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: format!("plugin:nameplate|{command}"),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().unwrap(),
        body: InvokeBody::default(),
        headers: HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    let window = app.get_webview_window("main").unwrap();
    get_ipc_response(&window, request).map(|body| body.deserialize().unwrap())
}

/// Where the build script has put the sets and what it has generated.
fn built_permissions() -> std::path::PathBuf {
    Path::new(env!("OUT_DIR")).join("permissions")
}

fn permission_files(folder: &Path) -> Vec<PermissionFile> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml"));
    let parsed = files.map(|file| toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap());
    parsed.chain(folders.iter().flat_map(|folder| permission_files(folder))).collect()
}
