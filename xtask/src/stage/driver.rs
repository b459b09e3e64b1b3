//! WebDriver as the stage uses it, the same for Chromium and for our window.

use super::running::PATIENCE;
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

/// Resolves with the element's text as soon as something matches and is laid out; the page tells, nobody asks again and again.
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

/// Done when everything is loaded, decoded, faded in and painted: before that, a picture may show half of it, or nothing.
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
    timeouts.set_script(Some(PATIENCE + Duration::from_secs(10)));
    client.update_timeouts(timeouts).await?;
    Ok(client)
}

/// What a page shows, as a person sees it.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
}

impl Page {
    /// Wraps a session.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The session, for everything that is not here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until something that matches is shown, also across page loads.
    pub async fn shown(&self, selector: &str) -> Result<Element> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            // A script that is cut off by a page load is simply run again on the new page.
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

    /// Waits until something is shown and clicks it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.with(selector, async |element| element.click().await).await
    }

    /// Waits for an element and reads the text that it displays.
    pub async fn text(&self, selector: &str) -> Result<String> {
        let read =
            async |element: Element| Ok((element.is_displayed().await?, element.text().await?));
        let (displayed, text) = self.with(selector, read).await?;
        ensure!(displayed, "{selector} is not displayed");
        Ok(text)
    }

    /// Whether something matches right now.
    pub async fn has(&self, selector: &str) -> Result<bool> {
        // Asked of the page itself: the driver stumbles over what is being replaced.
        Ok(self.script(HAS, vec![json!(selector)]).await? == json!(true))
    }

    /// Waits until the address is what is looked for.
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

    /// A picture of the page, as a PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        self.script(UNTIL_PAINTED, vec![]).await.context("the page is not painted")?;
        Ok(self.client.screenshot().await?)
    }

    /// Writes a picture of the page.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        fs::write(file, self.picture().await?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Does something with an element; one that the page replaced meanwhile is looked for again.
    async fn with<T>(
        &self,
        selector: &str,
        act: impl AsyncFn(Element) -> Result<T, CmdError>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            match act(self.shown(selector).await?).await {
                Ok(done) => return Ok(done),
                Err(error) if is_passing(&error) && start.elapsed() < PATIENCE => {}
                // The driver's own words are often empty; its kind of error says more.
                Err(error) => bail!("nothing can be done with {selector}: {error:?}"),
            }
        }
    }

    async fn observe(&self, selector: &str) -> Result<bool> {
        let limit = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let outcome = self.script(UNTIL_SHOWN, vec![json!(selector), json!(limit)]).await?;
        outcome.as_bool().ok_or_else(|| anyhow!("the script answered {outcome}"))
    }

    async fn text_of(&self, selector: &str) -> Result<String> {
        Ok(self.client.find(Locator::Css(selector)).await?.text().await?)
    }
}

/// What was seen a moment ago has been replaced by the page.
fn is_passing(error: &CmdError) -> bool {
    error.is_stale_element_reference() || error.is_no_such_element()
}
