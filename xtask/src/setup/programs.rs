//! Nameplate's programs.

use super::Build;
use super::command::{command, run};
use anyhow::Result;

/// Builds them. The whole workspace at once, because what is built together shares its dependencies' features.
pub fn build(build: Build) -> Result<()> {
    let what = match build {
        Build::Programs => "--bins",
        Build::Everything => "--all-targets",
    };
    run(&mut command("cargo", &["build", "--workspace", what]))
}
