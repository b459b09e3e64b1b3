//! Defines the permissions: `allow-*` and `deny-*` for each command, and the sets in `permissions/`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Every command of `src/commands.rs` and `src/fetch.rs`.
const COMMANDS: &[&str] = &[
    "state",
    "watch_state",
    "unwatch_state",
    "providers",
    "sign_in",
    "open_browser",
    "confirm_host",
    "complete",
    "cancel",
    "add_account",
    "sign_in_again",
    "ask_for_more",
    "refresh_profile",
    "switch",
    "rename",
    "sign_out",
    "dismiss_problem",
    "link",
    "decline_link",
    "unlink",
    "create_profile",
    "unlock_profile",
    "add_bot",
    "dismiss_bot",
    "set_up",
    "reload_configuration",
    "open_register_page",
    "save_settings",
    "reset",
    "open_account_page",
    "show_profile",
    "export_account",
    "restart",
    "fetch",
    "fetch_stream",
    "fetch_cancel",
];

fn main() -> io::Result<()> {
    work_in_out_dir()?;
    tauri_plugin::Builder::new(COMMANDS).build();
    Ok(())
}

/// `tauri_plugin` writes generated files below the working directory. `cargo package` accepts no
/// changes to the sources, so they go to `OUT_DIR`.
fn work_in_out_dir() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").map(PathBuf::from).ok_or(io::ErrorKind::NotFound)?;
    let copies = out.join("permissions");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    fs::create_dir(&copies)?;
    for file in fs::read_dir(Path::new("permissions"))? {
        let file = file?;
        fs::copy(file.path(), copies.join(file.file_name()))?;
    }
    env::set_current_dir(out)
}
