//! The npm package of the plugin, and the page of the examples, which uses it as an app of its own does.

use super::command::run;
use super::interface::{install_packages, npm};
use super::stamp::Stamp;
use crate::project;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// What each is built from, besides its own.
const INPUTS: [&str; 4] = ["src", "package-lock.json", "package.json", "tsconfig.json"];

/// Builds both if an input has changed. The programs of the examples have the page in them.
pub fn build_page() -> Result<()> {
    install_packages("guest-packages", &guest())?;
    build_if_changed("guest", &guest(), &INPUTS, "dist/index.js")?;
    let page = project::root().join("examples/minimal");
    install_packages("minimal-packages", &page)?;
    let guest = guest().join("src");
    let own = ["index.html", "vite.config.ts", &guest.to_string_lossy()];
    build_if_changed("minimal", &page, &[&INPUTS[..], &own].concat(), "dist/index.html")
}

/// The folder of the npm package.
pub fn guest() -> PathBuf {
    project::root().join("crates/tauri-plugin-nameplate/guest-js")
}

fn build_if_changed(name: &str, folder: &Path, inputs: &[&str], output: &str) -> Result<()> {
    let inputs: Vec<_> = inputs.iter().map(|input| folder.join(input)).collect();
    let stamp = Stamp::of(name, &inputs)?;
    if stamp.is_fresh() && folder.join(output).exists() {
        return Ok(());
    }
    run(&mut npm(folder, &["run", "build"]))?;
    stamp.set()
}
