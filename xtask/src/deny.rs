//! `cargo xtask deny`: licences, sources and duplicates of the dependencies, by `deny.toml`.

use crate::setup::command::run;
use crate::tools::Tool;
use anyhow::Result;

const CARGO_DENY: Tool = Tool { name: "deny", version: "0.20.2" };

/// Whether the advisory database is fetched from GitHub and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advisories {
    /// Fetched and checked.
    Fetched,
    /// Not checked; needs no network.
    Skipped,
}

/// Checks the workspace.
pub fn deny(advisories: Advisories) -> Result<()> {
    let mut deny = CARGO_DENY.command()?;
    deny.arg("--workspace");
    match advisories {
        Advisories::Skipped => deny.args(["check", "licenses", "bans", "sources"]),
        Advisories::Fetched => deny.arg("check"),
    };
    run(&mut deny)
}
