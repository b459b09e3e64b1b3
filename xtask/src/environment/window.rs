//! Nameplate's window under WebKitWebDriver.

use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use super::page::{self, Page};
use super::until::until;
use crate::colour::Colour;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

/// The addresses of WebKit's inspector and of WebKitWebDriver.
///
/// WebKit does not accept port 0, so that each process uses its own loopback address, where no other program looks for ports.
#[derive(Debug, Clone)]
pub struct Inspector {
    host: Ipv4Addr,
    inspector: u16,
    driver: u16,
}

impl Inspector {
    /// Chooses an address.
    pub fn choose() -> Result<Self> {
        let [_, a, b, c] = std::process::id().to_be_bytes();
        let host = Ipv4Addr::new(127, 100 | a, b, c.max(1));
        let free = || Ok::<_, anyhow::Error>(TcpListener::bind((host, 0))?.local_addr()?.port());
        Ok(Self { host, inspector: free()?, driver: free()? })
    }

    /// Sets the variables with which a window can be controlled.
    pub fn announce(&self, env_vars: &mut EnvVars) {
        env_vars.set("WEBKIT_INSPECTOR_SERVER", format!("{}:{}", self.host, self.inspector));
        env_vars.set("TAURI_WEBVIEW_AUTOMATION", "true");
    }
}

/// A WebDriver session in the running window.
#[derive(Debug)]
pub struct Window {
    driver: ChildProcess,
    page: Page,
    env_vars: EnvVars,
}

impl Window {
    /// Waits for the window and opens a session.
    pub async fn attach(
        inspector: &Inspector,
        folders: &Folders,
        env_vars: &EnvVars,
    ) -> Result<Self> {
        let mut command = env_vars.command("WebKitWebDriver");
        command
            .arg(format!("--host={}", inspector.host))
            .arg(format!("--port={}", inspector.driver));
        command.arg(format!("--target={}:{}", inspector.host, inspector.inspector));
        let mut driver = ChildProcess::start("webkit-driver", command, &folders.logs())?;
        driver.drain();
        let url = format!("http://{}:{}", inspector.host, inspector.driver);
        // Neither driver nor inspector announces that it listens.
        let client =
            until("no window came up", async || Ok(page::connect(&url, Map::new()).await.ok()))
                .await?;
        Ok(Self { driver, page: Page::new(client), env_vars: env_vars.clone() })
    }

    /// Its page.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Waits for a screen of the user interface (`data-screen`).
    pub async fn screen(&self, name: &str) -> Result<()> {
        self.page.shown(&format!("[data-screen={name}]")).await.map(drop)
    }

    /// The nickname that is displayed.
    pub async fn nickname(&self) -> Result<String> {
        self.page.text("[data-testid=nickname]").await
    }

    /// The colour in the middle of the painted avatar; `None` without a picture.
    pub async fn avatar(&self) -> Result<Option<Colour>> {
        self.page.shown("[data-testid=avatar], [data-testid=monogram]").await?;
        let width = self.page.script(NATURAL_WIDTH, vec![]).await?;
        if width.as_u64().unwrap_or_default() == 0 {
            return Ok(None);
        }
        let middle = self.page.script(MIDDLE, vec![]).await?;
        let at = |axis| middle.get(axis).and_then(Value::as_f64).context("the avatar has no place");
        Colour::at(&self.picture().await?, at("x")?, at("y")?).map(Some)
    }

    /// Sets the size, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.page.client().set_window_size(width, height).await?)
    }

    /// What the display shows of it, as PNG. WebDriver waits for ever for a picture of a page without layers.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        self.page.painted().await?;
        let mut import = self.env_vars.command("import");
        let shown = import.args(["-window", TITLE, "png:-"]).output().await?;
        ensure!(shown.status.success(), "the display shows no window {TITLE}");
        Ok(shown.stdout)
    }

    /// Writes a screenshot.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        let picture = self.picture().await?;
        fs::write(file, picture).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Runs a script in it.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.page.script(script, arguments).await
    }

    /// Ends the session; the window keeps running.
    pub async fn detach(mut self) {
        let _ = self.page.client().clone().close().await;
        self.driver.stop().await;
    }
}

/// The window's title.
const TITLE: &str = "Nameplate";

/// The natural width of the avatar's picture: 0 if there is none or if it failed to load.
const NATURAL_WIDTH: &str = r"
const [done] = arguments;
const image = document.querySelector('[data-testid=avatar]');
const tell = () => done(image.naturalWidth);
if (!image) done(0);
else if (image.complete) tell();
else for (const end of ['load', 'error']) image.addEventListener(end, tell, { once: true });
";

/// The middle of the avatar, as fractions of the width and height of the page.
const MIDDLE: &str = r"
const [done] = arguments;
const image = document.querySelector('[data-testid=avatar]');
image.scrollIntoView({ block: 'center', behavior: 'instant' });
const box = image.getBoundingClientRect();
done({ x: (box.left + box.width / 2) / innerWidth, y: (box.top + box.height / 2) / innerHeight });
";
