//! The package of Fedora and its relatives, by `rpmbuild`.

use super::{filled, version};
use crate::setup::command::{command, run};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds it in the folder, with this level of compression.
pub fn build(tree: &Path, folder: &Path, level: u32) -> Result<PathBuf> {
    let spec = folder.join("nameplate.spec");
    let values = [("VERSION", version()), ("TREE", &tree.display().to_string())];
    fs::write(&spec, filled("nameplate.spec", &values)?)?;
    let top = format!("_topdir {}", folder.join("rpm").display());
    let output = format!("_rpmdir {}", folder.display());
    let mut build = command("rpmbuild", &["-bb", "--define", &top, "--define", &output]);
    // The programs are stripped already.
    build.args(["--define", "_build_name_fmt %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm"]);
    build.args(["--define", &format!("_binary_payload w{level}.xzdio")]);
    run(build.args(["--define", "debug_package %{nil}"]).arg(&spec))?;
    let name = format!("nameplate-{}-1.{}.rpm", version(), std::env::consts::ARCH);
    Ok(folder.join(name))
}
