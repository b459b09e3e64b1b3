//! The demo provider as a child process.

use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use crate::colour::Colour;
use crate::{http, project};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The demo provider, running or stopped.
#[derive(Debug)]
pub struct DemoProvider {
    process: Option<ChildProcess>,
    addresses: Addresses,
    config: PathBuf,
}

/// The addresses that it prints at its start.
#[derive(Debug)]
struct Addresses {
    base: String,
    /// Origin of the https redirect page.
    https_redirect: String,
    /// SHA-256 of that origin's public key, in base64.
    spki: String,
}

impl DemoProvider {
    /// Starts it at a free port.
    pub async fn start(folders: &Folders, env_vars: &EnvVars) -> Result<Self> {
        let config = folders.path("providers.toml");
        let anywhere = "127.0.0.1:0".to_owned();
        let (process, addresses) =
            launch(folders, env_vars, [anywhere.clone(), anywhere], &config).await?;
        Ok(Self { process: Some(process), addresses, config })
    }

    /// The `providers.toml` with its endpoints.
    pub fn providers(&self) -> Result<String> {
        fs::read_to_string(&self.config).context("the demo provider wrote no providers.toml")
    }

    /// Stops it.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop().await;
        }
    }

    /// Starts it again at the same addresses.
    pub async fn restart(&mut self, folders: &Folders, env_vars: &EnvVars) -> Result<()> {
        self.stop().await;
        let base = self.addresses.base.trim_start_matches("http://").to_owned();
        let https_redirect =
            self.addresses.https_redirect.replace("https://localhost", "127.0.0.1");
        let (process, addresses) =
            launch(folders, env_vars, [base, https_redirect], &self.config).await?;
        (self.process, self.addresses) = (Some(process), addresses);
        Ok(())
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.addresses.base
    }

    /// `https://localhost:PORT`, where the https redirect page is hosted.
    pub fn https_redirect(&self) -> &str {
        &self.addresses.https_redirect
    }

    /// SHA-256 of that origin's public key, for Chromium's `--ignore-certificate-errors-spki-list`.
    pub fn https_redirect_spki(&self) -> &str {
        &self.addresses.spki
    }

    /// The colour in the middle of a user's picture.
    pub async fn picture(&self, user: &str) -> Result<Colour> {
        Colour::of_centre(
            &http::get(&format!("{}/demo/users/{user}.png", self.addresses.base)).await?,
        )
    }

    /// Replaces the faults of a provider.
    pub async fn faults(&self, provider: &str, faults: &[&str]) -> Result<()> {
        http::put_json(&format!("{}/demo/faults/{provider}", self.addresses.base), &json!(faults))
            .await
    }

    /// Holds back every response by this many milliseconds.
    pub async fn delay(&self, milliseconds: u64) -> Result<()> {
        http::put_json(&format!("{}/demo/delay", self.addresses.base), &json!(milliseconds)).await
    }

    /// Changes nickname and picture of a user.
    pub async fn change(&self, user: &str, nickname: &str, colour: Colour) -> Result<()> {
        let changed = json!({ "nickname": nickname, "colour": colour.0 });
        http::put_json(&format!("{}/demo/users/{user}", self.addresses.base), &changed).await
    }

    /// Every secret that it issued or received, and counts.
    pub async fn request_log(&self) -> Result<Value> {
        http::get_json(&format!("{}/demo/request-log", self.addresses.base)).await
    }
}

async fn launch(
    folders: &Folders,
    env_vars: &EnvVars,
    [listen, https_redirect]: [String; 2],
    config: &Path,
) -> Result<(ChildProcess, Addresses)> {
    let mut command = env_vars.command(project::program("demo-provider"));
    command.args(["--listen", &listen, "--https-redirect-listen", &https_redirect]);
    command.arg("--https-redirect-key").arg(folders.path("https-redirect.key"));
    command.arg("--write-config").arg(config);
    let mut process = ChildProcess::start("demo-provider", command, &folders.logs())?;
    let addresses = process.line(listening).await?;
    process.drain();
    Ok((process, addresses))
}

fn listening(line: &str) -> Option<Addresses> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| Some(line.get(name)?.as_str()?.trim_end_matches('/').to_owned());
    Some(Addresses {
        base: text("listening")?,
        https_redirect: text("https_redirect")?,
        spki: text("https_redirect_spki")?,
    })
}
