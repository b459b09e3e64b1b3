//! Defines the permissions: `allow-*` and `deny-*` for each command, and the sets in `permissions/`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Every command of `src/commands.rs`.
const COMMANDS: &[&str] = &[
    "overview",
    "watch_overview",
    "begin_sign_in",
    "open_browser",
    "finish",
    "create_profile",
    "enter_profile",
    "cancel",
    "dismiss_problem",
    "sign_out",
    "add_account",
    "sign_in_again",
    "ask_for_more",
    "add_bot",
    "dismiss_bot",
    "disconnect",
    "forget",
    "show_user",
    "rename_user",
    "join",
    "keep_apart",
    "part",
    "read_again",
    "check_again",
    "set_up",
    "save_settings",
    "open_register_page",
    "restart",
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
