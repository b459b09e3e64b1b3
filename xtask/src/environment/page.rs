//! A page under WebDriver, in Chromium or in Nameplate's window.

use super::child_process::TIMEOUT;
use super::until::until;
use anyhow::{Context, Result, anyhow, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use url::Url;

/// Resolves with true as soon as an element that matches is laid out (MutationObserver, no polling).
const UNTIL_SHOWN: &str = r"
const [selector, limit, done] = arguments;
const found = () => [...document.querySelectorAll(selector)].some((e) => e.getClientRects().length > 0);
if (found()) return done(true);
const observer = new MutationObserver(() => { if (found()) finish(true); });
const timer = setTimeout(() => finish(false), limit);
const finish = (outcome) => { observer.disconnect(); clearTimeout(timer); done(outcome); };
observer.observe(document, { subtree: true, childList: true, attributes: true });
";

const HAS: &str = r"
const [selector, done] = arguments;
done(document.querySelector(selector) !== null);
";

/// Notes on an element that a click arrives.
const EXPECT_CLICK: &str = r"
const [element, done] = arguments;
element.clicked = new Promise((arrived) => element.addEventListener('click', () => arrived(true), { capture: true, once: true }));
done(true);
";

/// Resolves with true as soon as the click has arrived; with false if none does.
const CLICK_ARRIVED: &str = r"
const [element, done] = arguments;
const none = new Promise((ended) => setTimeout(() => ended(false), 2000));
Promise.race([element.clicked, none]).then(done);
";

/// Resolves when fonts, images and finite animations are finished and painted, so that a screenshot shows all of it.
const UNTIL_PAINTED: &str = r"
const [done] = arguments;
const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
const painted = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
(async () => {
  await document.fonts.ready;
  await Promise.allSettled([...document.images].map((image) => image.decode()));
  await painted();
  await Promise.allSettled(document.getAnimations().filter(ends).map((animation) => animation.finished));
  await painted();
  done(true);
})();
";

/// Opens a session.
pub async fn connect(driver: &str, capabilities: Map<String, Value>) -> Result<Client> {
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
        .context("no WebDriver session")?;
    let mut timeouts = TimeoutConfiguration::default();
    timeouts.set_script(Some(TIMEOUT + Duration::from_secs(10)));
    client.update_timeouts(timeouts).await?;
    Ok(client)
}

/// A WebDriver session and the page that it shows.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
}

impl Page {
    /// Wraps a session.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The session.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until an element that matches is displayed, also across page loads.
    pub async fn shown(&self, selector: &str) -> Result<Element> {
        let start = Instant::now();
        while start.elapsed() < TIMEOUT {
            // A script that a page load interrupts is run again on the new page.
            match self.observe(selector).await {
                Ok(true) => match self.client.find(Locator::Css(selector)).await {
                    Err(error) if is_passing(&error) => tokio::task::yield_now().await,
                    found => return Ok(found?),
                },
                Ok(false) => break,
                Err(error) if self.client.current_url().await.is_err() => return Err(error),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        bail!(
            "{selector} was not shown; the page: {}",
            self.text_of("body").await.unwrap_or_default()
        )
    }

    /// Waits for an element that is not disabled and clicks it, again if the click does not arrive: the driver clicks at
    /// a place, and by then the element may have moved or be disabled.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let enabled = format!(":is({selector}):not(:disabled)");
        let start = Instant::now();
        while start.elapsed() < TIMEOUT {
            let click = async |element: Element| {
                let argument = vec![json!(element)];
                self.client.execute_async(EXPECT_CLICK, argument.clone()).await?;
                element.click().await?;
                let arrived = self.client.execute_async(CLICK_ARRIVED, argument).await;
                // Where the element is gone, or its page, the click arrived.
                Ok(arrived.map_or(true, |arrived| arrived == json!(true)))
            };
            if self.with(&enabled, click).await? {
                return Ok(());
            }
        }
        bail!("no click arrives at {selector}")
    }

    /// Waits for an element and reads the text that it displays.
    pub async fn text(&self, selector: &str) -> Result<String> {
        let read =
            async |element: Element| Ok((element.is_displayed().await?, element.text().await?));
        let (displayed, text) = self.with(selector, read).await?;
        ensure!(displayed, "{selector} is not displayed");
        Ok(text)
    }

    /// Whether an element matches now.
    pub async fn has(&self, selector: &str) -> Result<bool> {
        // By a script: the driver fails on elements that are being replaced.
        Ok(self.script(HAS, vec![json!(selector)]).await? == json!(true))
    }

    /// Waits until the address fulfils a condition.
    pub async fn url_becomes(&self, wanted: impl Fn(&Url) -> bool) -> Result<()> {
        until("the browser did not get there", async || {
            Ok(wanted(&self.client.current_url().await?).then_some(()))
        })
        .await
    }

    /// An attribute of the first element that matches.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>> {
        self.with(selector, async |element| element.attr(name).await).await
    }

    /// Runs a script whose last argument is the function to call when it is done.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute_async(script, arguments).await?)
    }

    /// Waits until fonts, images and animations are painted.
    pub async fn painted(&self) -> Result<()> {
        self.script(UNTIL_PAINTED, vec![]).await.context("the page is not painted").map(drop)
    }

    /// A screenshot as PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        self.painted().await?;
        Ok(self.client.screenshot().await?)
    }

    /// Writes a screenshot.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        fs::write(file, self.picture().await?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Runs a command on an element; if the page has replaced the element, on the new one.
    async fn with<T>(
        &self,
        selector: &str,
        act: impl AsyncFn(Element) -> Result<T, CmdError>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            match act(self.shown(selector).await?).await {
                Ok(done) => return Ok(done),
                Err(error) if is_passing(&error) && start.elapsed() < TIMEOUT => {}
                // The driver's message is often empty.
                Err(error) => bail!("nothing can be done with {selector}: {error:?}"),
            }
        }
    }

    async fn observe(&self, selector: &str) -> Result<bool> {
        let limit = u64::try_from(TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        let outcome = self.script(UNTIL_SHOWN, vec![json!(selector), json!(limit)]).await?;
        outcome.as_bool().ok_or_else(|| anyhow!("the script answered {outcome}"))
    }

    async fn text_of(&self, selector: &str) -> Result<String> {
        Ok(self.client.find(Locator::Css(selector)).await?.text().await?)
    }
}

/// Whether the page has replaced the element in the meantime.
fn is_passing(error: &CmdError) -> bool {
    error.is_stale_element_reference() || error.is_no_such_element()
}
