//! `cargo xtask deny`: licences, sources and duplicates of the dependencies, by the rules of `deny.toml`.

use crate::setup::command::run;
use crate::tools::Tool;
use anyhow::Result;

const CARGO_DENY: Tool = Tool { name: "deny", version: "0.20.2" };

/// Whether known vulnerabilities are looked up, for which the advisory database is fetched from GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advisories {
    /// Needs a network.
    Fetched,
    /// Needs none.
    Left,
}

/// Checks the workspace.
pub fn deny(advisories: Advisories) -> Result<()> {
    let mut deny = CARGO_DENY.command()?;
    deny.arg("--workspace");
    match advisories {
        Advisories::Left => deny.args(["check", "licenses", "bans", "sources"]),
        Advisories::Fetched => deny.arg("check"),
    };
    run(&mut deny)
}
