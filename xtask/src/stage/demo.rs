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
    told: Told,
    config: PathBuf,
}

/// Where it listens.
#[derive(Debug)]
struct Told {
    base: String,
    /// The origin of the bounce page.
    bounce: String,
    /// By which Chromium is told to trust that origin's certificate.
    spki: String,
}

impl Demo {
    /// Starts it at any free port.
    pub async fn start(folders: &Folders, surroundings: &Surroundings) -> Result<Self> {
        let config = folders.path("providers.toml");
        let anywhere = "127.0.0.1:0".to_owned();
        let (process, told) =
            launch(folders, surroundings, [anywhere.clone(), anywhere], &config).await?;
        Ok(Self { process: Some(process), told, config })
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
        let base = self.told.base.trim_start_matches("http://").to_owned();
        let bounce = self.told.bounce.replace("https://localhost", "127.0.0.1");
        let (process, told) = launch(folders, surroundings, [base, bounce], &self.config).await?;
        (self.process, self.told) = (Some(process), told);
        Ok(())
    }

    /// Its address, without a path.
    pub fn base(&self) -> &str {
        &self.told.base
    }

    /// The origin of the bounce page that it hosts.
    pub fn bounce(&self) -> &str {
        &self.told.bounce
    }

    /// The fingerprint of that origin's key, as Chromium takes it.
    pub fn bounce_spki(&self) -> &str {
        &self.told.spki
    }

    /// The colour in the middle of the picture that it serves for one of its people.
    pub async fn picture(&self, person: &str) -> Result<Colour> {
        Colour::of_centre(&http::get(&format!("{}/demo/users/{person}.png", self.told.base)).await?)
    }

    /// Replaces the set of faults that one provider plays.
    pub async fn faults(&self, provider: &str, faults: &[&str]) -> Result<()> {
        http::put_json(&format!("{}/demo/faults/{provider}", self.told.base), &json!(faults)).await
    }

    /// Gives one of its people another nickname and another picture.
    pub async fn change(&self, person: &str, nickname: &str, colour: Colour) -> Result<()> {
        let changed = json!({ "nickname": nickname, "colour": colour.0 });
        http::put_json(&format!("{}/demo/users/{person}", self.told.base), &changed).await
    }

    /// Everything secret that it ever issued or received, and counters.
    pub async fn ledger(&self) -> Result<Value> {
        http::get_json(&format!("{}/demo/request-log", self.told.base)).await
    }
}

async fn launch(
    folders: &Folders,
    surroundings: &Surroundings,
    [listen, bounce]: [String; 2],
    config: &Path,
) -> Result<(Running, Told)> {
    let mut command = surroundings.command(project::program("demo-provider"));
    command.args(["--listen", &listen, "--https-redirect-listen", &bounce]);
    command.arg("--https-redirect-key").arg(folders.path("bounce.key"));
    command.arg("--write-config").arg(config);
    let mut process = Running::start("demo-provider", command, &folders.logs())?;
    let told = process.line(listening).await?;
    process.drain();
    Ok((process, told))
}

fn listening(line: &str) -> Option<Told> {
    let told: Value = serde_json::from_str(line).ok()?;
    let word = |name: &str| Some(told.get(name)?.as_str()?.trim_end_matches('/').to_owned());
    Some(Told {
        base: word("listening")?,
        bounce: word("https_redirect")?,
        spki: word("https_redirect_spki")?,
    })
}
