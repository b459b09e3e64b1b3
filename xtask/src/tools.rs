//! Cargo commands that a task needs, at versions of our choice, in `target/tools`.

use crate::project;
use crate::setup::command::{command, run};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A crate whose program is `cargo-<name>`.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// As in `cargo <name>`.
    pub name: &'static str,
    /// Exactly this one.
    pub version: &'static str,
}

impl Tool {
    /// `cargo <name>`; installs it where that version is not there yet.
    pub fn command(self) -> Result<Command> {
        let folder = project::target().join("tools");
        let crate_name = format!("cargo-{}", self.name);
        let installed = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
        if !installed.contains(&format!("\"{crate_name} {} ", self.version)) {
            let mut install = command("cargo", &["install", "--locked", "--root"]);
            install.arg(&folder).arg(format!("{crate_name}@{}", self.version));
            // Not among our own crates, whose versions it does not share.
            run(install.env_remove("CARGO_TARGET_DIR"))?;
        }
        let mut cargo = command("cargo", &[self.name]);
        cargo.env("PATH", path(folder.join("bin"))?);
        Ok(cargo)
    }
}

fn path(first: PathBuf) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(first).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("PATH")
}
