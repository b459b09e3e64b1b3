//! `cargo xtask test`: runs every test and prints the tests of each requirement.

pub mod bindings;
pub mod cargo;
pub mod cycles;
pub mod interface;
pub mod layers;
pub mod number;
pub mod pages;
pub mod sources;
pub mod table;

use crate::deny::{self, Advisories};
use crate::project;
use crate::setup::command::{command, run};
use crate::setup::{self, Build};
use anyhow::{Result, ensure};
use sources::Written;
use std::io::stdout;

/// A test that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Program (or `ui`) and path, `native_oauth::authorization_response::tests::name`.
    pub name: String,
    /// The requirements in its comment, or in its title.
    pub numbers: Vec<number::Number>,
}

/// Whether the tests that need a window and a browser are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of them.
    Everything,
    /// Those without a window.
    Fast,
}

/// The optional features of `nameplate`.
const FEATURES: [&str; 3] = ["keychain", "avatar", "watch"];
/// The tests that end the process at every step.
const FAILPOINTS: &[&str] = &["--features", "nameplate/failpoints", "--test", "failpoints"];
/// The tests with servers of other projects.
const PEERS: &[&str] = &["--test", "peers"];

/// Runs everything; a failure does not stop the other steps.
pub fn test(extent: Extent) -> Result<()> {
    setup::set_up(Build::Everything)?;
    let mut steps = Steps::default();
    steps.take("format", format);
    steps.take("clippy", clippy);
    steps.take("documentation", documentation);
    steps.take("features", features);
    steps.take("interface: types", || {
        run(&mut setup::interface::npm(&project::root().join("ui"), &["run", "check"]))
    });
    steps.take("dependencies", || deny::deny(Advisories::Skipped));
    let mut passed = steps.take("interface: tests", interface::test).unwrap_or_default();
    steps.take("layers", layers::check);
    steps.take("cycles", cycles::check);
    let bindings = bindings::Snapshot::take();
    let suite = steps.suite("Rust tests", &[]);
    steps.take("bindings of the interface", || bindings?.check());
    // The feature is for these tests only.
    let failpoints = steps.suite("crash recovery", FAILPOINTS);
    let peers = steps.suite("servers of other projects", PEERS);
    let e2e = match extent {
        Extent::Everything => steps.suite("end-to-end tests", &["--test", "e2e"]),
        Extent::Fast => cargo::Suite::default(),
    };
    let written = steps
        .take("sources", || sources::read(&[&suite, &failpoints, &peers, &e2e]))
        .unwrap_or_default();
    steps.take("no ignored tests", || no_ignored(&written));
    passed.extend(sources::passed(&written));
    steps.take("docs/providers.md", || pages::check("docs/providers.md", &passed));
    // It refers to end-to-end tests as well.
    if extent == Extent::Everything {
        steps.take("SECURITY.md", || pages::check("SECURITY.md", &passed));
    }
    steps.take("requirements", || table::check(&mut stdout(), &passed, extent));
    steps.close(&passed)
}

fn format() -> Result<()> {
    run(&mut command("cargo", &["fmt", "--all", "--check"]))?;
    run(&mut command("cargo", &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}

fn clippy() -> Result<()> {
    run(&mut command(
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
    ))?;
    // Targets with `test = false` are not part of --all-targets.
    for left_out in [&["--test", "e2e"], &["--test", "package"], FAILPOINTS, PEERS] {
        let clippy = [&["clippy", "--workspace"], left_out, &["--", "-D", "warnings"]].concat();
        run(&mut command("cargo", &clippy))?;
    }
    Ok(())
}

/// Documents the libraries; a broken link fails.
fn documentation() -> Result<()> {
    let mut doc = command("cargo", &["doc", "--workspace", "--lib", "--no-deps", "--keep-going"]);
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Checks `nameplate` without features, and with each alone.
fn features() -> Result<()> {
    for feature in [""].into_iter().chain(FEATURES) {
        let with = ["-p", "nameplate", "--no-default-features", "--features", feature];
        let clippy = [&["clippy"], &with[..], &["--", "-D", "warnings"]].concat();
        run(&mut command("cargo", &clippy))?;
    }
    Ok(())
}

fn no_ignored(written: &[Written]) -> Result<()> {
    let ignored: Vec<_> =
        written.iter().filter(|test| test.ignored).map(|test| test.name.as_str()).collect();
    ensure!(ignored.is_empty(), "these are ignored: {}", ignored.join(", "));
    Ok(())
}

/// The steps so far and their failures.
#[derive(Debug, Default)]
struct Steps {
    taken: usize,
    failed: Vec<String>,
}

impl Steps {
    fn take<T>(&mut self, name: &str, step: impl FnOnce() -> Result<T>) -> Option<T> {
        eprintln!("\n== {name}");
        self.taken += 1;
        step().inspect_err(|error| self.failed.push(format!("{name}: {error:#}"))).ok()
    }

    /// A step with tests: those that passed count also if others failed.
    fn suite(&mut self, name: &str, which: &[&str]) -> cargo::Suite {
        let suite = self.take(name, || cargo::test(which)).unwrap_or_default();
        self.failed.extend(suite.check().err().map(|error| format!("{name}: {error:#}")));
        suite
    }

    fn close(self, passed: &[Passed]) -> Result<()> {
        eprintln!(
            "\n{} steps, {} failed; {} tests passed",
            self.taken,
            self.failed.len(),
            passed.len()
        );
        ensure!(self.failed.is_empty(), "\n  {}", self.failed.join("\n  "));
        Ok(())
    }
}
