//! `cargo xtask screenshots`: a picture of every state of the window, in both languages and themes, at three widths.
//!
//! The states are those of the gallery (`ui/src/gallery`), shown by a headless Chromium without Rust behind them. At each,
//! axe looks for what is not accessible, with the colours as they are painted, and nothing may be wider than the window.
//! The same is checked with forced colours, and at half the width, which is what a zoom of 200 % leaves.

mod recording;

use crate::environment::browser::Browser;
use crate::environment::devtools::DevTools;
use crate::environment::page::Page;
use crate::project;
use crate::setup::command::run;
use crate::setup::interface::{install_packages, npm};
use crate::setup::{self, Build};
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tokio::process::Command;

const LANGUAGES: &[&str] = &["en", "ko"];
const THEMES: &[&str] = &["light", "dark"];

/// Widths of the pictures in pixels, each with the height of its window.
const SIZES: &[(u32, u32)] = &[(360, 640), (900, 700), (1600, 1000)];

/// What 900 pixels are at 200 %.
const ZOOMED: (u32, u32) = (450, 350);

/// A whole page is shown no higher than this.
const HIGHEST: f64 = 6000.0;

/// Takes the pictures of the states whose name contains one of these, or of all. With the word `recording` alone, those of
/// the README, which need the programs as well.
pub async fn screenshots(states: &[String]) -> Result<()> {
    let folder = project::target().join("screenshots");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    if states == ["recording"] {
        setup::set_up(Build::Programs)?;
        return recording::record(&folder).await;
    }
    let site = build()?;
    let browser =
        Browser::start_with(Command::new("chromedriver"), &folder, capabilities()).await?;
    let taken =
        Shooter { page: browser.page(), site, folder: &folder, axe: axe()? }.all(states).await;
    browser.stop().await;
    let (pictures, faults) = taken?;
    eprintln!("{pictures} pictures in {}", folder.display());
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

/// The gallery as files that a browser can open without a server.
fn build() -> Result<PathBuf> {
    let folder = project::root().join("ui");
    install_packages("ui-packages", &folder)?;
    let site = project::target().join("gallery");
    let mut vite =
        npm(&folder, &["exec", "--", "vite", "build", "--mode", "gallery", "--base", "./"]);
    run(vite.arg("--emptyOutDir").arg("--outDir").arg(&site))?;
    Ok(site)
}

fn axe() -> Result<String> {
    let file = project::root().join("ui/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file).with_context(|| file.display().to_string())
}

fn capabilities() -> Map<String, Value> {
    let options = json!({
        "binary": "/usr/bin/chromium",
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=en",
            "--allow-file-access-from-files", "--force-device-scale-factor=1",
        ],
    });
    Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}

struct Shooter<'a> {
    page: &'a Page,
    site: PathBuf,
    folder: &'a Path,
    axe: String,
}

/// How a state is shown.
#[derive(Clone, Copy)]
struct Look<'a> {
    state: &'a str,
    language: &'a str,
    theme: &'a str,
    size: (u32, u32),
}

impl Shooter<'_> {
    /// Shows everything; the number of pictures, and what is wrong.
    async fn all(&self, wanted: &[String]) -> Result<(usize, Vec<String>)> {
        let states = self.states(wanted).await?;
        let (mut pictures, mut faults) = (0, Vec::new());
        for &size in SIZES {
            for state in &states {
                for &language in LANGUAGES {
                    for &theme in THEMES {
                        let look = Look { state, language, theme, size };
                        self.show(look).await?;
                        faults.extend(self.faults(look).await?);
                        self.shoot(look, "").await?;
                        pictures += 1;
                    }
                }
            }
        }
        for state in &states {
            let look = Look { state, language: "en", theme: "light", size: ZOOMED };
            self.show(look).await?;
            faults.extend(self.wider(look).await?);
        }
        for state in &states {
            let look = Look { state, language: "en", theme: "dark", size: SIZES[1] };
            self.show_with(look, "active").await?;
            self.shoot(look, "-forced-colors").await?;
            pictures += 1;
        }
        Ok((pictures, faults))
    }

    async fn states(&self, wanted: &[String]) -> Result<Vec<String>> {
        self.page.client().goto(&self.address("")).await?;
        self.page.shown("a[href*=state]").await?;
        let names = self.page.script(NAMES, vec![]).await?;
        let names: Vec<String> = serde_json::from_value(names)?;
        let is_wanted = |name: &String| {
            wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
        };
        let names: Vec<_> = names.into_iter().filter(is_wanted).collect();
        ensure!(!names.is_empty(), "there is no such state");
        Ok(names)
    }

    async fn show(&self, look: Look<'_>) -> Result<()> {
        self.show_with(look, "none").await
    }

    async fn show_with(&self, look: Look<'_>, forced_colors: &str) -> Result<()> {
        self.set_system(look, forced_colors).await?;
        let (width, height) = look.size;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await?;
        let Look { state, language, theme, .. } = look;
        let query = format!("?state={state}&lang={language}&theme={theme}");
        self.page.client().goto(&self.address(&query)).await?;
        self.page.shown("html[data-shown]").await?;
        // The code that draws it is loaded when it is needed.
        if self.page.has("[data-testid=qr]").await? {
            self.page.shown("[data-testid=qr] svg").await?;
        }
        // Waits until everything is painted.
        self.page.picture().await?;
        // A picture of the whole page has what is fixed to the window at its place there.
        self.page.script(TO_TOP, vec![]).await.map(drop)
    }

    /// Language and theme of the system, which the page has before it has a state.
    async fn set_system(&self, look: Look<'_>, forced_colors: &str) -> Result<()> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": look.theme },
            { "name": "forced-colors", "value": forced_colors },
        ]);
        self.tell("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        let language = json!({ "userAgent": "", "acceptLanguage": look.language });
        self.tell("Emulation.setUserAgentOverride", language).await?;
        Ok(())
    }

    async fn faults(&self, look: Look<'_>) -> Result<Vec<String>> {
        let mut faults = self.wider(look).await?;
        let found = self.page.script(&format!("{};{AXE}", self.axe), vec![]).await?;
        let found: Vec<String> = serde_json::from_value(found)?;
        faults.extend(found.into_iter().map(|fault| format!("{look}: {fault}")));
        Ok(faults)
    }

    /// A page that is scrolled sideways.
    async fn wider(&self, look: Look<'_>) -> Result<Vec<String>> {
        let wider = self.page.script(WIDER, vec![]).await?.as_f64().unwrap_or_default();
        Ok((wider > 0.0).then(|| format!("{look}: {wider} pixels too wide")).into_iter().collect())
    }

    async fn shoot(&self, look: Look<'_>, more: &str) -> Result<()> {
        let height = self.page.script(HEIGHT, vec![]).await?.as_f64().unwrap_or_default();
        let clip = json!({
            "x": 0, "y": 0, "scale": 1,
            "width": look.size.0, "height": height.clamp(f64::from(look.size.1), HIGHEST),
        });
        let options = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.tell("Page.captureScreenshot", options).await?;
        let picture = picture.get("data").and_then(Value::as_str).context("no picture")?;
        let file = self.folder.join(format!("{}{more}.png", look.name()));
        Ok(fs::write(file, STANDARD.decode(picture)?)?)
    }

    fn address(&self, query: &str) -> String {
        format!("file://{}/gallery.html{query}", self.site.display())
    }

    async fn tell(&self, command: &'static str, parameters: Value) -> Result<Value> {
        Ok(self.page.client().issue_cmd(DevTools::new(command, parameters)).await?)
    }
}

impl Look<'_> {
    fn name(&self) -> String {
        format!("{}-{}-{}-{}", self.state, self.language, self.theme, self.size.0)
    }
}

impl std::fmt::Display for Look<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// The names of all states.
const NAMES: &str = r"
const [done] = arguments;
done([...new Set([...document.links].map((link) => new URL(link.href).searchParams.get('state')))]);
";

/// What axe finds, a line for each rule.
const AXE: &str = r"
const done = arguments[arguments.length - 1];
const line = ({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html.slice(0, 120) + ' ' + (any[0]?.message ?? '')).join(' | ');
// The brands of LINE and Naver prescribe white on their green (docs/providers.md); with more contrast wanted, it is another.
const brands = [['.brand[data-brand=line]'], ['.brand[data-brand=naver]']];
axe.run({ include: document, exclude: brands }).then(({ violations }) => done(violations.map(line)), (error) => done([String(error)]));
";

/// By how many pixels the page is wider than its window.
const WIDER: &str = r"
const [done] = arguments;
done(Math.max(0, document.documentElement.scrollWidth - innerWidth));
";

const TO_TOP: &str = r"
const [done] = arguments;
scrollTo(0, 0);
requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
";

const HEIGHT: &str = r"
const [done] = arguments;
done(document.documentElement.scrollHeight);
";
