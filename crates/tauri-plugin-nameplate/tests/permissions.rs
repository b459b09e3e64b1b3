//! The permissions of the commands, in an app without a real window.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod app;

use tauri_plugin_nameplate::{Builder, NameplateExt};

use app::{app, home, identity, invoke};

/// S55: a command answers if its set is allowed, and is refused otherwise.
#[test]
fn a_set_allows_its_commands_only() {
    for (permission, allowed, refused) in [
        ("default", &["state", "cancel"][..], &["link", "dismiss_bot", "reset", "fetch"][..]),
        ("read", &["state", "providers"], &["cancel", "reset", "fetch_cancel"]),
        ("sign-in", &["cancel"], &["state", "set_up"]),
        ("bots", &["dismiss_bot"], &["state", "reload_configuration"]),
        ("fetch", &[], &["state", "cancel"]),
        ("admin", &["reload_configuration"], &["state", "sign_out"]),
        ("allow-dismiss-problem", &["dismiss_problem"], &["cancel"]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let app = app(home(dir.path()), Builder::new(identity()), &[permission]);
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

/// An app allows sets: a command that is in none would be refused to it.
#[test]
fn each_command_is_in_a_set() {
    let files = app::built();
    let in_sets: Vec<_> =
        files.iter().flat_map(|file| &file.set).flat_map(|set| &set.permissions).collect();
    let commands = files.iter().flat_map(|file| &file.permission).map(|each| &each.identifier);
    for command in commands.filter(|identifier| identifier.starts_with("allow-")) {
        assert!(in_sets.contains(&command), "{command}");
    }
}

/// The state is that of the engine that Rust code uses.
#[test]
fn the_page_and_the_app_share_an_engine() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(home(dir.path()), Builder::new(identity()), &["read"]);
    let state = invoke(&app, "state").unwrap();
    let engine = app.nameplate().unwrap();
    assert_eq!(state, serde_json::to_value(engine.state().unwrap()).unwrap());
    assert_eq!(invoke(&app, "providers").unwrap(), state["providers"]);
}
