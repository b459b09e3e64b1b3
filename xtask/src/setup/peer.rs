//! The servers of other projects, for interoperability tests.

use super::command::{command, run};
use super::interface::install_packages;
use super::stamp::Stamp;
use crate::project;
use anyhow::Result;

/// Installs them: those of npm beside their script, those of Python in a virtual environment below `target`.
pub fn install() -> Result<()> {
    install_packages("oidc-peer", &project::root().join("xtask/oidc-peer"))?;
    let requirements = project::root().join("xtask/python-peers/requirements.txt");
    let environment = project::target().join("python-peers");
    let python = environment.join("bin/python");
    let stamp = Stamp::of("python-peers", std::slice::from_ref(&requirements))?;
    if stamp.is_fresh() && python.exists() {
        return Ok(());
    }
    run(command("python3", &["-m", "venv", "--clear"]).arg(&environment))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(command(&python.to_string_lossy(), &pip).arg(&requirements))?;
    stamp.set()
}
