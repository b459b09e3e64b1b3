//! Packages of Python.

use super::command::{command, run};
use super::stamp::Stamp;
use crate::project;
use anyhow::Result;
use std::slice;

/// Installs what `xtask/<name>/requirements.txt` names in a virtual environment, `target/<name>`.
pub fn install(name: &str) -> Result<()> {
    let requirements = project::root().join("xtask").join(name).join("requirements.txt");
    let environment = project::target().join(name);
    let python = environment.join("bin/python");
    let stamp = Stamp::of(name, slice::from_ref(&requirements))?;
    if stamp.is_fresh() && python.exists() {
        return Ok(());
    }
    run(command("python3", &["-m", "venv", "--clear"]).arg(&environment))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(command(&python.to_string_lossy(), &pip).arg(&requirements))?;
    stamp.set()
}
