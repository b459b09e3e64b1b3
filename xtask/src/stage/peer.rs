//! The certified OpenID provider of npm, `oidc-provider`: not our code, so that generic OIDC is not tested against itself.

use super::folders::Folders;
use super::running::Running;
use super::surroundings::Surroundings;
use crate::project;
use anyhow::Result;
use serde_json::Value;

/// A running `oidc-provider`.
#[derive(Debug)]
pub struct Peer {
    process: Running,
    base: String,
}

impl Peer {
    /// Starts it at any free port.
    pub async fn start(folders: &Folders, surroundings: &Surroundings) -> Result<Self> {
        let mut command = surroundings.command("node");
        command.arg(project::root().join("xtask/oidc-peer/server.mjs"));
        let mut process = Running::start("oidc-peer", command, &folders.logs())?;
        let base = process.line(listening).await?;
        process.drain();
        Ok(Self { process, base })
    }

    /// Its issuer, which is its address without a path.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The lines of `providers.toml` for it.
    pub fn providers(&self) -> String {
        format!(
            "[peer]\nkind = \"oidc\"\nlabel = \"Certified\"\nissuer = \"{}\"\nclient_id = \"nameplate\"\nchannel = \"loopback\"\n",
            self.base
        )
    }

    /// Ends it.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }
}

fn listening(line: &str) -> Option<String> {
    let told: Value = serde_json::from_str(line).ok()?;
    Some(told.get("listening")?.as_str()?.to_owned())
}
