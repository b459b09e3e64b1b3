//! With no display: a person is played who signs in with each provider, goes offline, and comes back.

use super::gallery::Gallery;
use crate::picture::Colour;
use crate::project;
use crate::stage::window::Window;
use crate::stage::{Cast, Stage};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::io::{Write, stdout};
use std::path::Path;

/// The four of this release.
const PROVIDERS: [&str; 4] = ["discord", "google", "kakao", "oidc"];
const PERSON: &str = "haneul";

#[derive(Debug, Default, Serialize)]
struct SignedIn {
    provider: &'static str,
    nickname: Option<String>,
    avatar: bool,
    offline_view: bool,
}

impl SignedIn {
    fn holds(&self) -> bool {
        self.nickname.is_some() && self.avatar && self.offline_view
    }
}

/// Signs in with each provider; the last line on stdout tells what was seen.
pub async fn run() -> Result<()> {
    let top = project::target().join("demo");
    let gallery = Gallery::create(&top)?;
    let mut stage = Stage::open(Cast::Usual).await?;
    let mut seen = Vec::new();
    for provider in PROVIDERS {
        let mut signed_in = SignedIn { provider, ..SignedIn::default() };
        let home = top.join("home").join(provider);
        if let Err(error) = sign_in(&mut stage, &home, &gallery, &mut signed_in).await {
            eprintln!("{provider}: {error:#}");
            gallery.failure(&stage, provider).await;
            let _ = stage.quit();
        }
        stage.plug_in().await?;
        seen.push(signed_in);
    }
    let left = stage.close().await;
    ensure!(left.is_empty(), "these processes had to be ended: {left:?}");
    let all = seen.iter().all(SignedIn::holds);
    writeln!(stdout(), "{}", serde_json::json!({ "signed_in": seen }))?;
    ensure!(all, "not everything was seen; pictures are in {}", top.display());
    Ok(())
}

async fn sign_in(
    stage: &mut Stage,
    home: &Path,
    gallery: &Gallery,
    seen: &mut SignedIn,
) -> Result<()> {
    let provider = seen.provider;
    eprintln!("{provider}: signing in");
    stage.home_at(home)?;
    let mut process = stage.start(home)?;
    process.drain();
    let window = stage.window().await?;
    window.screen("welcome").await?;
    gallery.welcome(&window, provider).await?;
    window.page().click(&format!("button[data-provider={provider}]")).await?;
    window.screen("waiting").await?;
    consent(stage, gallery, &window, provider).await?;

    let served = stage.demo().picture(PERSON).await?;
    let nickname = look(&window, served).await?;
    eprintln!("{provider}: {nickname} is signed in");
    seen.avatar = true;
    seen.nickname = Some(nickname.clone());
    gallery.callback(stage.browser()?, provider).await?;
    gallery.profile(&window, provider).await?;
    window.detach().await;
    stage.quit()?;

    stage.unplug().await;
    let mut process = stage.start(home)?;
    process.drain();
    let window = stage.window().await?;
    let again = look(&window, served).await?;
    gallery.offline(&window, provider).await?;
    seen.offline_view = again == nickname;
    window.detach().await;
    stage.quit()
}

/// In the browser: log in, look at the consent page, allow.
async fn consent(
    stage: &mut Stage,
    gallery: &Gallery,
    window: &Window,
    provider: &str,
) -> Result<()> {
    stage.follow().await?;
    gallery.waiting(window, provider).await?;
    let browser = stage.browser()?;
    gallery.page(browser, &format!("{provider}-log-in")).await?;
    browser.log_in(PERSON).await?;
    gallery.page(browser, &format!("{provider}-consent")).await?;
    browser.page().click("button[name=decision][value=allow]").await
}

/// The nickname as displayed, once the avatar was seen to be the picture that the provider serves.
async fn look(window: &Window, served: Colour) -> Result<String> {
    window.screen("profile").await?;
    let nickname = window.nickname().await?;
    let shown = window.avatar().await?.context("the avatar has no picture")?;
    ensure!(shown.looks_like(served), "the avatar shows {shown:?}, the provider serves {served:?}");
    Ok(nickname)
}
