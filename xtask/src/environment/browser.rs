//! Chromium under chromedriver.

use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use super::page::{self, Page};
use anyhow::{Context, Result};
use rustix::process::geteuid;
use serde_json::{Map, Value, json};
use std::path::Path;
use tokio::process::Command;

/// The private-use scheme of a run with `NAMEPLATE_HOME`.
pub const SCHEME: &str = "app.nameplate.desktop.dev";

/// The scheme of the package.
pub const INSTALLED_SCHEME: &str = "app.nameplate.desktop";

/// Permissions that a user would otherwise have to give.
#[derive(Debug)]
pub struct Trusted {
    /// Pages of these origins may open our scheme without a prompt.
    pub origins: Vec<String>,
    /// The certificate with this public key is accepted.
    pub spki: String,
}

/// Chromium under chromedriver.
#[derive(Debug)]
pub struct Browser {
    driver: ChildProcess,
    page: Page,
}

impl Browser {
    /// Starts both, with an empty profile.
    pub async fn start(folders: &Folders, env_vars: &EnvVars, trusted: &Trusted) -> Result<Self> {
        let driver = env_vars.command("chromedriver");
        Self::start_with(driver, &folders.logs(), capabilities(folders, trusted)).await
    }

    /// Starts a chromedriver, and Chromium with these capabilities.
    pub async fn start_with(
        mut driver: Command,
        logs: &Path,
        capabilities: Map<String, Value>,
    ) -> Result<Self> {
        driver.arg("--port=0");
        let mut driver = ChildProcess::start("chromedriver", driver, logs)?;
        let port = driver.line(port_in).await?;
        driver.drain();
        let client = page::connect(&format!("http://127.0.0.1:{port}"), capabilities).await?;
        Ok(Self { driver, page: Page::new(client) })
    }

    /// The page that is shown.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Opens a web link.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.page.client().goto(url).await.with_context(|| "the browser cannot open the page")
    }

    /// Signs in at the demo provider and presses `allow` or `deny` on the consent page.
    pub async fn answer(&self, user: &str, decision: &str) -> Result<()> {
        self.log_in(user).await?;
        self.page.click(&format!("button[name=decision][value={decision}]")).await
    }

    /// Signs in at the demo provider and stays on the consent page.
    pub async fn log_in(&self, user: &str) -> Result<()> {
        self.page.click(&format!("button[name=user][value={user}]")).await?;
        self.page.shown("button[name=decision]").await.map(drop)
    }

    /// Writes a screenshot of the page.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        self.page.screenshot(file).await
    }

    /// Ends Chromium and its driver.
    pub async fn stop(mut self) {
        let _ = self.page.client().clone().close().await;
        self.driver.stop().await;
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

fn capabilities(folders: &Folders, trusted: &Trusted) -> Map<String, Value> {
    let mut arguments = vec![
        "--disable-gpu".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-sync".to_owned(),
        "--password-store=basic".to_owned(),
        "--lang=en".to_owned(),
        // Beside Nameplate's window, so that screenshots of the display show both.
        "--window-size=880,900".to_owned(),
        "--window-position=910,0".to_owned(),
        "--disable-crash-reporter".to_owned(),
        format!("--user-data-dir={}", folders.path("chromium").display()),
        format!("--ignore-certificate-errors-spki-list={}", trusted.spki),
    ];
    // Chromium refuses its sandbox to root.
    if geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    // The page after the redirect at the fixed ports; other ports are not known yet.
    let fixed = ["localhost", "127.0.0.1"]
        .iter()
        .flat_map(|host| [53682, 53683, 53684].map(|port| format!("http://{host}:{port}")));
    let allowed: Map<String, Value> = trusted
        .origins
        .iter()
        .cloned()
        .chain(fixed)
        .map(|origin| (origin, json!({ SCHEME: true, INSTALLED_SCHEME: true })))
        .collect();
    let options = json!({
        "binary": "/usr/bin/chromium",
        "args": arguments,
        "prefs": { "protocol_handler.allowed_origin_protocol_pairs": allowed },
    });
    Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}
