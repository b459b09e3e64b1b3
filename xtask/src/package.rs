//! `cargo xtask package`: a deb and an rpm with window, command line and demo provider, of one tree of files.

mod checks;
mod deb;
mod rpm;
mod tree;

use crate::project;
use crate::setup::command::{command, exists, run};
use crate::setup::{interface, packages};
use anyhow::{Result, ensure};
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// The crates whose programs are packaged.
const CRATES: [&str; 3] = ["nameplate-desktop", "nameplate-cli", "nameplate-demo-provider"];

/// What the packages are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be published: optimised programs.
    Release,
    /// To be checked: programs of the development profile, which the tests have built nearly. The packages are
    /// validated; the deb is installed on this machine, signs in, is upgraded and removed.
    Check,
}

impl Purpose {
    /// The folder of its programs.
    fn programs(self) -> PathBuf {
        project::target().join(match self {
            Self::Release => "release",
            Self::Check => "debug",
        })
    }

    /// Level of the compressors: what is to be checked need not be small.
    fn compression(self) -> u32 {
        match self {
            Self::Release => 6,
            Self::Check => 0,
        }
    }

    /// An installed program has no debug assertions, and with that the URL scheme of a release.
    fn build(self) -> Result<()> {
        match self {
            Self::Release => build_release(&CRATES),
            // As the tests build them, with the same features of the dependencies.
            Self::Check => {
                let installed = "profile.dev.package.nameplate.debug-assertions=false";
                run(&mut command(
                    "cargo",
                    &["build", "--workspace", "--bins", "--config", installed],
                ))
            }
        }
    }
}

/// Builds programs in release profile, each apart: what one needs of a dependency would be in every
/// program that is built with it (HTTP/2 of the demo provider, for example).
pub fn build_release(crates: &[&str]) -> Result<()> {
    crates
        .iter()
        .try_for_each(|name| run(command("cargo", &["build", "--release", "--package"]).arg(name)))
}

/// The deb of the programs in a folder, which are built already, to be measured.
pub fn deb_of(programs: &Path) -> Result<PathBuf> {
    let folder = project::target().join("bench/package");
    let tree = folder.join("tree");
    fs::create_dir_all(&folder)?;
    tree::write(&tree, programs)?;
    deb::build(&tree, &folder, version(), Purpose::Release.compression())
}

/// The version of the package that the checks upgrade.
const OLDER: &str = "0.0.1";

/// Builds the packages and prints where they are. The rpm needs `rpmbuild`.
pub fn package(purpose: Purpose) -> Result<()> {
    ensure!(
        exists("dpkg-deb") && exists("dpkg-shlibdeps"),
        "packages are built on Debian or Ubuntu"
    );
    packages::install_missing()?;
    if purpose == Purpose::Check {
        packages::install_with_apt(&checks::NEEDED)?;
    }
    interface::build()?;
    purpose.build()?;
    let folder = project::target().join(match purpose {
        Purpose::Release => "package",
        Purpose::Check => "package-check",
    });
    fs::create_dir_all(&folder)?;
    let tree = folder.join("tree");
    tree::write(&tree, &purpose.programs())?;
    let deb = deb::build(&tree, &folder, version(), purpose.compression())?;
    writeln!(stdout(), "{}", deb.display())?;
    if exists("rpmbuild") {
        writeln!(stdout(), "{}", rpm::build(&tree, &folder, purpose.compression())?.display())?;
    }
    match purpose {
        Purpose::Release => Ok(()),
        Purpose::Check => {
            let older = deb::build(&tree, &folder, OLDER, purpose.compression())?;
            checks::run_all(&deb, &older, &folder)
        }
    }
}

/// Of all crates.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Fills the `@NAME@`s of a file in `packaging`.
fn filled(name: &str, values: &[(&str, &str)]) -> Result<String> {
    let text = fs::read_to_string(packaging(name))?;
    Ok(values.iter().fold(text, |text, (name, value)| text.replace(&format!("@{name}@"), value)))
}

fn packaging(name: &str) -> PathBuf {
    project::root().join("packaging").join(name)
}

/// What a command prints, without white space around it.
fn output_of(program: &str, arguments: &[&str], folder: &Path) -> Result<String> {
    let output = command(program, arguments).current_dir(folder).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "failed: {program} {}: {errors}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
