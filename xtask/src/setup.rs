//! Installs and builds what a task needs; does nothing if it is up to date.

pub mod archives;
pub mod command;
pub mod examples;
pub mod interface;
pub mod packages;
pub mod peer;
pub mod profiles;
pub mod programs;
pub mod python;
pub mod stamp;

use anyhow::Result;

/// What is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// The programs.
    Programs,
    /// Programs and tests together, so that each dependency is built once, with one set of features.
    Everything,
}

/// Installs packages, builds the user interface and the programs.
pub fn set_up(build: Build) -> Result<()> {
    packages::install_missing()?;
    interface::build()?;
    if build == Build::Everything {
        examples::build_page()?;
        peer::install()?;
    }
    programs::build(build)
}
