//! A run in a folder of its own.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::path::Path;

use tauri::test::{mock_builder, mock_context, noop_assets};
use tauri_plugin_nameplate::{Builder, NameplateExt};

/// The app shares nothing with the installed one, not even its instance.
#[test]
fn everything_of_a_separate_run_is_in_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let mut context = mock_context(noop_assets());
    context.config_mut().identifier = "com.example.notes".to_owned();
    let usual = Builder::default().separate_home(&mut context, None::<&Path>);
    assert_eq!(context.config().identifier, "com.example.notes");
    let plugin = usual.separate_home(&mut context, Some(dir.path())).build();
    let identifier = context.config().identifier.clone();
    assert!(identifier.starts_with("com.example.notes.h"), "{identifier}");
    let app = mock_builder().plugin(plugin).build(context).unwrap();
    assert!(app.nameplate().unwrap().accounts().list().unwrap().is_empty());
    assert!(dir.path().join("nameplate.db").exists());
}

/// A folder that cannot be used stops the app at its start, and nothing is stored elsewhere.
#[test]
fn a_folder_that_cannot_be_used_stops_the_app() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut context = mock_context(noop_assets());
    context.config_mut().identifier = "com.example.notes".to_owned();
    let plugin = Builder::default().separate_home(&mut context, Some(&file)).build();
    let refused = mock_builder().plugin(plugin).build(context).map(drop).unwrap_err().to_string();
    assert!(refused.contains("separate_home"), "{refused}");
}
