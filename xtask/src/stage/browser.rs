//! The person's browser: a real Chromium with a profile of its own, and the person who clicks in it.

use super::driver::{self, Page};
use super::folders::Folders;
use super::running::Running;
use super::surroundings::Surroundings;
use anyhow::{Context, Result};
use rustix::process::geteuid;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The scheme that a run with a home of its own registers.
pub const SCHEME: &str = "app.nameplate.desktop.dev";

/// What a person told their browser to trust.
#[derive(Debug)]
pub struct Trusted {
    /// Pages of these origins may open our scheme without a question, as after "always allow".
    pub origins: Vec<String>,
    /// A certificate with this key is taken, as after "proceed all the same".
    pub spki: String,
}

/// Chromium under chromedriver.
#[derive(Debug)]
pub struct Browser {
    driver: Running,
    page: Page,
}

impl Browser {
    /// Starts it.
    pub async fn start(
        folders: &Folders,
        surroundings: &Surroundings,
        trusted: &Trusted,
    ) -> Result<Self> {
        let mut command = surroundings.command("chromedriver");
        command.arg("--port=0");
        let mut driver = Running::start("chromedriver", command, &folders.logs())?;
        let port = driver.line(port_told).await?;
        driver.drain();
        let client =
            driver::connect(&format!("http://127.0.0.1:{port}"), capabilities(folders, trusted))
                .await?;
        Ok(Self { driver, page: Page::new(client) })
    }

    /// The page that is shown.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Opens a web link, as the desktop would.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.page.client().goto(url).await.with_context(|| "the browser cannot open the page")
    }

    /// Logs in at the demo provider as one of its people and takes a decision on the consent page.
    pub async fn answer(&self, person: &str, decision: &str) -> Result<()> {
        self.log_in(person).await?;
        self.page.click(&format!("button[name=decision][value={decision}]")).await
    }

    /// Logs in at the demo provider and stays on the consent page.
    pub async fn log_in(&self, person: &str) -> Result<()> {
        self.page.click(&format!("button[name=person][value={person}]")).await?;
        self.page.shown("button[name=decision]").await.map(drop)
    }

    /// A picture of the page.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        self.page.screenshot(file).await
    }

    /// Ends Chromium and its driver.
    pub async fn stop(mut self) {
        let _ = self.page.client().clone().close().await;
        self.driver.stop().await;
    }
}

fn port_told(line: &str) -> Option<u16> {
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
        // Beside the window, not over it: pictures of the screen show both.
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
    // The callback page at the fixed ports; elsewhere the port is not known yet.
    let fixed = ["localhost", "127.0.0.1"]
        .iter()
        .flat_map(|host| [53682, 53683, 53684].map(|port| format!("http://{host}:{port}")));
    let allowed: Map<String, Value> = trusted
        .origins
        .iter()
        .cloned()
        .chain(fixed)
        .map(|origin| (origin, json!({ SCHEME: true })))
        .collect();
    let options = json!({
        "binary": "/usr/bin/chromium",
        "args": arguments,
        "prefs": { "protocol_handler.allowed_origin_protocol_pairs": allowed },
    });
    Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}
