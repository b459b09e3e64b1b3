//! The certified OpenID provider of npm, `oidc-provider`, so that generic OpenID Connect is not tested against our own code only.

use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use crate::project;
use anyhow::Result;
use serde_json::Value;

/// A running `oidc-provider`.
#[derive(Debug)]
pub struct OidcPeer {
    process: ChildProcess,
    base: String,
}

impl OidcPeer {
    /// Starts it at a free port.
    pub async fn start(folders: &Folders, env_vars: &EnvVars) -> Result<Self> {
        let mut command = env_vars.command("node");
        command.arg(project::root().join("xtask/oidc-peer/server.mjs"));
        let mut process = ChildProcess::start("oidc-peer", command, &folders.logs())?;
        let base = process.line(listening).await?;
        process.drain();
        Ok(Self { process, base })
    }

    /// Its issuer, `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its table of `providers.toml`.
    pub fn providers(&self) -> String {
        format!(
            "[peer]\nkind = \"oidc\"\nlabel = \"Certified\"\nissuer = \"{}\"\nclient_id = \"nameplate\"\nmethod = \"loopback\"\n",
            self.base
        )
    }

    /// Stops it.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }
}

fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line.get("listening")?.as_str()?.to_owned())
}
