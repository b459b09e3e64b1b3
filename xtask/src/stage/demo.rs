//! The demo provider as a process: started, stopped and started again at the same address.

use super::folders::Folders;
use super::running::Running;
use super::surroundings::Surroundings;
use crate::picture::Colour;
use crate::{http, project};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A running (or stopped) demo provider.
#[derive(Debug)]
pub struct Demo {
    process: Option<Running>,
    base: String,
    config: PathBuf,
}

impl Demo {
    /// Starts it at any free port.
    pub async fn start(folders: &Folders, surroundings: &Surroundings) -> Result<Self> {
        let config = folders.path("providers.toml");
        let (process, base) = launch(folders, surroundings, "127.0.0.1:0", &config).await?;
        Ok(Self { process: Some(process), base, config })
    }

    /// The `providers.toml` that points Nameplate at it.
    pub fn providers(&self) -> Result<String> {
        fs::read_to_string(&self.config).context("the demo provider wrote no providers.toml")
    }

    /// Ends it: the network is gone, as far as Nameplate can see.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop().await;
        }
    }

    /// Starts it again where it was.
    pub async fn restart(&mut self, folders: &Folders, surroundings: &Surroundings) -> Result<()> {
        self.stop().await;
        let listen = self.base.trim_start_matches("http://").to_owned();
        self.process = Some(launch(folders, surroundings, &listen, &self.config).await?.0);
        Ok(())
    }

    /// Its address, without a path.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The colour in the middle of the picture that it serves for one of its people.
    pub async fn picture(&self, person: &str) -> Result<Colour> {
        Colour::of_centre(&http::get(&format!("{}/demo/people/{person}.png", self.base)).await?)
    }

    /// Replaces the set of faults that one provider plays.
    pub async fn faults(&self, provider: &str, faults: &[&str]) -> Result<()> {
        http::put_json(&format!("{}/demo/faults/{provider}", self.base), &json!(faults)).await
    }

    /// Gives one of its people another nickname and another picture.
    pub async fn change(&self, person: &str, nickname: &str, colour: Colour) -> Result<()> {
        let changed = json!({ "nickname": nickname, "colour": colour.0 });
        http::put_json(&format!("{}/demo/people/{person}", self.base), &changed).await
    }

    /// Everything secret that it ever issued or received, and counters.
    pub async fn ledger(&self) -> Result<Value> {
        http::get_json(&format!("{}/demo/ledger", self.base)).await
    }
}

async fn launch(
    folders: &Folders,
    surroundings: &Surroundings,
    listen: &str,
    config: &Path,
) -> Result<(Running, String)> {
    let mut command = surroundings.command(project::program("demo-provider"));
    command.args(["--listen", listen, "--write-config"]).arg(config);
    let mut process = Running::start("demo-provider", command, &folders.logs())?;
    let base = process.line(listening).await?;
    process.drain();
    Ok((process, base))
}

fn listening(line: &str) -> Option<String> {
    let told: Value = serde_json::from_str(line).ok()?;
    Some(told.get("listening")?.as_str()?.trim_end_matches('/').to_owned())
}
