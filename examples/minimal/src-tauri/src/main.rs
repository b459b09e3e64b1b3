//! The template's program with sign-in. Its names and its provider are in `tauri.conf.json`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> tauri::Result<()> {
    let mut context = tauri::generate_context!();
    let dir = std::env::var_os("MINIMAL_HOME");
    tauri::Builder::default()
        .plugin(tauri_plugin_nameplate::Builder::default().separate_home(&mut context, dir).build())
        .run(context)
}
