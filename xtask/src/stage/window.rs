//! Nameplate's window: started as a person starts it, looked at and clicked through WebKit's own driver.

use super::driver::{self, Page};
use super::folders::Folders;
use super::running::Running;
use super::surroundings::Surroundings;
use super::until::until;
use crate::picture::Colour;
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

/// Where WebKit's inspector of the stage's window listens, and the driver beside it.
///
/// WebKit takes no port 0 for it, so each stage has a loopback address of its own, where nobody else looks for ports.
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

    /// Makes every window of the stage one that can be driven.
    pub fn announce(&self, surroundings: &mut Surroundings) {
        surroundings.set("WEBKIT_INSPECTOR_SERVER", format!("{}:{}", self.host, self.inspector));
        surroundings.set("TAURI_WEBVIEW_AUTOMATION", "true");
    }
}

/// A look into the window that runs on the stage; looking away leaves it running.
#[derive(Debug)]
pub struct Window {
    driver: Running,
    page: Page,
}

impl Window {
    /// Waits for the window to come up, whoever started it.
    pub async fn attach(
        inspector: &Inspector,
        folders: &Folders,
        surroundings: &Surroundings,
    ) -> Result<Self> {
        let mut command = surroundings.command("WebKitWebDriver");
        command
            .arg(format!("--host={}", inspector.host))
            .arg(format!("--port={}", inspector.driver));
        command.arg(format!("--target={}:{}", inspector.host, inspector.inspector));
        let mut driver = Running::start("webkit-driver", command, &folders.logs())?;
        driver.drain();
        let url = format!("http://{}:{}", inspector.host, inspector.driver);
        // Neither the driver nor the inspector says when it listens.
        let client =
            until("no window came up", async || Ok(driver::connect(&url, Map::new()).await.ok()))
                .await?;
        Ok(Self { driver, page: Page::new(client) })
    }

    /// What it shows.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Waits for one of the screens: welcome, set-up, waiting, profile, settings.
    pub async fn screen(&self, name: &str) -> Result<()> {
        self.page.shown(&format!("[data-screen={name}]")).await.map(drop)
    }

    /// The nickname that is displayed.
    pub async fn nickname(&self) -> Result<String> {
        self.page.text("[data-testid=nickname]").await
    }

    /// The colour in the middle of the avatar as it is painted, or nothing if there is no picture in it.
    pub async fn avatar(&self) -> Result<Option<Colour>> {
        self.page.shown("[data-testid=avatar], [data-testid=monogram]").await?;
        let width = self.page.script(NATURAL_WIDTH, vec![]).await?;
        if width.as_u64().unwrap_or_default() == 0 {
            return Ok(None);
        }
        // WebKit's own picture of one element is blank; a piece of the page's picture is not.
        let middle = self.page.script(MIDDLE, vec![]).await?;
        let at = |axis| middle.get(axis).and_then(Value::as_f64).context("the avatar has no place");
        Colour::at(&self.page.picture().await?, at("x")?, at("y")?).map(Some)
    }

    /// Sets the size, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.page.client().set_window_size(width, height).await?)
    }

    /// A picture of what it shows.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        self.page.screenshot(file).await
    }

    /// Runs a script in it.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.page.script(script, arguments).await
    }

    /// Looks away; the window stays as it is.
    pub async fn detach(mut self) {
        let _ = self.page.client().clone().close().await;
        self.driver.stop().await;
    }
}

/// Tells how wide the avatar's picture is: 0 if it could not be loaded, or if there is none.
const NATURAL_WIDTH: &str = r"
const [done] = arguments;
const image = document.querySelector('[data-testid=avatar]');
const tell = () => done(image.naturalWidth);
if (!image) done(0);
else if (image.complete) tell();
else for (const end of ['load', 'error']) image.addEventListener(end, tell, { once: true });
";

/// Where the middle of the avatar is in a picture of the page, as parts of its width and height.
const MIDDLE: &str = r"
const [done] = arguments;
const image = document.querySelector('[data-testid=avatar]');
image.scrollIntoView({ block: 'center', behavior: 'instant' });
const box = image.getBoundingClientRect();
done({ x: (box.left + box.width / 2) / innerWidth, y: (box.top + box.height / 2) / innerHeight });
";
