//! Cargo subcommands at fixed versions, installed in `target/tools`.

use crate::project;
use crate::setup::command::{command, run};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A crate with the program `cargo-<name>`.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// `<name>` of `cargo <name>`.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
}

impl Tool {
    /// `cargo <name>`; installs the version if it is missing.
    pub fn command(self) -> Result<Command> {
        let folder = project::target().join("tools");
        let crate_name = format!("cargo-{}", self.name);
        let installed = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
        if !installed.contains(&format!("\"{crate_name} {} ", self.version)) {
            let mut install = command("cargo", &["install", "--locked", "--root"]);
            install.arg(&folder).arg(format!("{crate_name}@{}", self.version));
            // In its own target folder.
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
