//! The programs of the workspace.

use super::Build;
use super::command::{command, run};
use anyhow::Result;

/// Builds the whole workspace at once, so that dependencies have one set of features.
pub fn build(build: Build) -> Result<()> {
    let what = match build {
        Build::Programs => "--bins",
        Build::Everything => "--all-targets",
    };
    run(&mut command("cargo", &["build", "--workspace", what]))
}
