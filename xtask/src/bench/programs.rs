//! The programs that are measured and those that they are compared with, all in release profile.

use crate::package::build_release;
use crate::project;
use crate::setup::command::{command, run};
use crate::setup::stamp::Stamp;
use crate::setup::{interface, packages, profiles, python};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The packages of the workspace that are built.
const PACKAGES: [&str; 4] =
    ["nameplate-desktop", "nameplate-cli", "nameplate-demo-provider", "many-sign-ins"];

/// Builds everything, if no folder is given that has it, and makes it what [`project::program`] finds.
pub fn prepare(folder: Option<PathBuf>) -> Result<()> {
    packages::install_missing()?;
    python::install("bench/web-stack")?;
    if folder.is_none() {
        build()?;
    }
    let folder = folder.unwrap_or_else(|| project::target().join("release"));
    project::use_programs(fs::canonicalize(folder)?);
    Ok(())
}

fn build() -> Result<()> {
    interface::build()?;
    build_release(&PACKAGES)?;
    build_empty_window()
}

/// Builds the empty window from a copy of its sources, with the workspace's versions and profile.
fn build_empty_window() -> Result<()> {
    let root = project::root();
    let copy = project::target().join("bench/empty-window");
    copy_folder(&root.join("xtask/bench/empty-window"), &copy)?;
    let package = fs::read_to_string(root.join("xtask/bench/empty-window/Cargo.toml"))?;
    write(&copy.join("Cargo.toml"), (package + "\n" + &profiles::tables("release")?).as_bytes())?;
    write(&copy.join("icon.png"), &fs::read(root.join("src-tauri/icons/icon.png"))?)?;
    // Cargo removes what it does not need, and takes the versions of the rest.
    let lock = root.join("Cargo.lock");
    let stamp = Stamp::of("empty-window-lock", std::slice::from_ref(&lock))?;
    if !stamp.is_fresh() {
        fs::copy(lock, copy.join("Cargo.lock"))?;
        stamp.set()?;
    }
    let mut cargo = command("cargo", &["build", "--release", "--manifest-path"]);
    cargo.arg(copy.join("Cargo.toml")).arg("--target-dir").arg(project::target());
    run(&mut cargo)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            // Its manifest gets the profile as well.
            false if entry.file_name() == "Cargo.toml" => {}
            false => write(&target, &fs::read(entry.path())?)?,
        }
    }
    Ok(())
}

/// Writes a file where it differs, so that nothing is built again for nothing.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|written| written == content) {
        return Ok(());
    }
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

/// The Python that has what the web stack needs.
pub fn python() -> PathBuf {
    project::target().join("bench/web-stack/bin/python")
}
