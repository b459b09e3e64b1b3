//! With no display: a person is played who signs in with each provider, goes offline, and comes back.

use super::gallery::Gallery;
use crate::picture::Colour;
use crate::project;
use crate::stage::window::Window;
use crate::stage::{Cast, Stage};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::io::{Write, stdout};
use std::path::Path;

/// The four of this release, each with its entry in the demo provider's `providers.toml`.
const PROVIDERS: [(&str, &str); 4] =
    [("discord", "discord"), ("google", "google"), ("kakao", "kakao"), ("oidc", "company")];
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
    for (provider, entry) in PROVIDERS {
        let mut signed_in = SignedIn { provider, ..SignedIn::default() };
        let home = top.join("homes").join(provider);
        if let Err(error) = sign_in(&mut stage, &home, entry, &gallery, &mut signed_in).await {
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
    entry: &str,
    gallery: &Gallery,
    seen: &mut SignedIn,
) -> Result<()> {
    let provider = seen.provider;
    eprintln!("{provider}: signing in");
    stage.home_at(home)?;
    stage.start(home)?;
    let window = stage.window().await?;
    window.screen("welcome").await?;
    gallery.welcome(&window, provider).await?;
    window.page().click(&format!("button[data-provider={entry}]")).await?;
    window.screen("waiting").await?;
    consent(stage, gallery, &window, provider).await?;

    window.screen("profile").await?;
    let nickname = window.nickname().await?;
    eprintln!("{provider}: {nickname} is signed in");
    seen.nickname = Some(nickname.clone());
    gallery.callback(stage.browser()?, provider).await?;
    gallery.profile(&window, provider).await?;
    let served = stage.demo().picture(PERSON).await?;
    seen.avatar = shows(&window, served).await?;
    window.detach().await;
    stage.quit()?;

    stage.unplug().await;
    stage.start(home)?;
    let window = stage.window().await?;
    window.screen("profile").await?;
    gallery.offline(&window, provider).await?;
    seen.offline_view = window.nickname().await? == nickname && shows(&window, served).await?;
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

/// Whether the avatar is the picture that the provider serves.
async fn shows(window: &Window, served: Colour) -> Result<bool> {
    let shown = window.avatar().await?;
    let same = shown.is_some_and(|shown| shown.looks_like(served));
    if !same {
        eprintln!("the avatar shows {shown:?}, the provider serves {served:?}");
    }
    Ok(same)
}
