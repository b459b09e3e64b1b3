//! Brings a fresh machine and a fresh clone up to what a task needs; does nothing where nothing is missing.

pub mod command;
pub mod interface;
pub mod packages;
pub mod peer;
pub mod programs;
pub mod stamp;

use anyhow::Result;

/// How much of the workspace is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// The programs that a person starts.
    Programs,
    /// Those and every test, so that each dependency is built once, with one set of features.
    Everything,
}

/// Packages, interface, programs.
pub fn set_up(build: Build) -> Result<()> {
    packages::install_missing()?;
    interface::build()?;
    if build == Build::Everything {
        peer::install()?;
    }
    programs::build(build)
}
