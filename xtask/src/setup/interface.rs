//! The user interface: its npm packages, and `ui/dist`.

use super::command::{command, run};
use super::stamp::Stamp;
use crate::project;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// The inputs of `ui/dist`, in `ui`.
const INPUTS: &[&str] = &[
    "src",
    "../crates/tauri-plugin-nameplate/guest-js/src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
];

/// Builds `ui/dist` if an input has changed.
pub fn build() -> Result<()> {
    let folder = project::root().join("ui");
    install_packages("ui-packages", &folder)?;
    let inputs: Vec<_> = INPUTS.iter().map(|name| folder.join(name)).collect();
    let stamp = Stamp::of("ui", &inputs)?;
    if stamp.is_fresh() && folder.join("dist/index.html").exists() {
        return Ok(());
    }
    run(&mut npm(&folder, &["run", "build"]))?;
    stamp.set()
}

/// `npm` in a folder.
pub fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = command("npm", arguments);
    npm.current_dir(folder).env("CI", "true");
    npm
}

/// Runs `npm ci` if the lock file has changed.
pub fn install_packages(name: &str, folder: &Path) -> Result<()> {
    let stamp = Stamp::of(name, &[folder.join("package-lock.json")])?;
    if stamp.is_fresh() && folder.join("node_modules").exists() {
        return Ok(());
    }
    run(&mut npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    stamp.set()
}
