//! With no display: a person is played who signs in with each provider, goes offline, and comes back.

use super::gallery::Gallery;
use crate::picture::Colour;
use crate::project;
use crate::stage::until::until;
use crate::stage::window::Window;
use crate::stage::{Cast, Stage};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::io::{Write, stdout};
use std::path::Path;

/// The built-in providers in the order of the window, an issuer, and the profile of this device alone.
const PROVIDERS: &[Part] = &[
    Part::at("discord"),
    Part::at("google"),
    Part::at("kakao"),
    Part { way: Way::BouncePage, ..Part::at("facebook") },
    Part::at("github"),
    Part::at("microsoft"),
    Part::at("naver"),
    Part::at("line"),
    Part { entry: "company", ..Part::at("oidc") },
    Part { way: Way::Form, ..Part::at("email") },
];
const PERSON: &str = "haneul";

/// How one provider is signed in with.
#[derive(Debug, Clone, Copy)]
struct Part {
    provider: &'static str,
    /// Its table in the demo provider's `providers.toml`.
    entry: &'static str,
    way: Way,
}

/// The way to the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The browser, and straight back.
    Browser,
    /// The browser, and back by a page of one's own that wants a click.
    BouncePage,
    /// No provider: an address and a password are typed into the window.
    Form,
}

impl Part {
    const fn at(provider: &'static str) -> Self {
        Self { provider, entry: provider, way: Way::Browser }
    }
}

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
    for &part in PROVIDERS {
        let provider = part.provider;
        let mut signed_in = SignedIn { provider, ..SignedIn::default() };
        let home = top.join("homes").join(provider);
        if let Err(error) = sign_in(&mut stage, &home, part, &gallery, &mut signed_in).await {
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
    part: Part,
    gallery: &Gallery,
    seen: &mut SignedIn,
) -> Result<()> {
    let provider = part.provider;
    eprintln!("{provider}: signing in");
    stage.home_at(home)?;
    stage.start(home)?;
    let window = stage.window().await?;
    window.screen("welcome").await?;
    gallery.welcome(&window, provider).await?;
    window.page().click(&format!("button[data-provider={}]", part.entry)).await?;
    match part.way {
        Way::Browser => consent(stage, gallery, &window, provider).await?,
        Way::BouncePage => {
            consent(stage, gallery, &window, provider).await?;
            go_on(stage, gallery, provider).await?;
        }
        Way::Form => fill_in(gallery, &window, provider).await?,
    }

    window.screen("profile").await?;
    let nickname = window.nickname().await?;
    eprintln!("{provider}: {nickname} is signed in");
    seen.nickname = Some(nickname.clone());
    gallery.callback(stage.browser()?, provider).await?;
    let shown = match part.way {
        Way::Browser | Way::BouncePage => Some(stage.demo().picture(PERSON).await?),
        Way::Form => None,
    };
    seen.avatar = shows(&window, shown).await?;
    gallery.profile(&window, provider).await?;
    window.detach().await;
    stage.quit()?;

    stage.unplug().await;
    stage.start(home)?;
    let window = stage.window().await?;
    window.screen("profile").await?;
    gallery.offline(&window, provider).await?;
    seen.offline_view = window.nickname().await? == nickname && shows(&window, shown).await?;
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
    window.screen("waiting").await?;
    stage.follow().await?;
    gallery.waiting(window, provider).await?;
    let browser = stage.browser()?;
    gallery.page(browser, &format!("{provider}-log-in")).await?;
    browser.log_in(PERSON).await?;
    gallery.page(browser, &format!("{provider}-consent")).await?;
    browser.page().click("button[name=decision][value=allow]").await
}

/// On the page that hands over to the program: a person's click.
async fn go_on(stage: &Stage, gallery: &Gallery, provider: &str) -> Result<()> {
    let browser = stage.browser()?;
    browser.page().shown("#open").await?;
    gallery.page(browser, &format!("{provider}-bounce")).await?;
    browser.page().click("#open").await
}

/// In the window: an address, a password, a name.
async fn fill_in(gallery: &Gallery, window: &Window, provider: &str) -> Result<()> {
    window.screen("profile-form").await?;
    let page = window.page();
    for (field, text) in [
        ("profile-address", "haneul@example.com"),
        ("profile-password", "correct horse battery staple"),
        ("profile-nickname", "하늘"),
    ] {
        page.shown(&format!("[data-testid={field}]")).await?.send_keys(text).await?;
    }
    gallery.form(window, provider).await?;
    page.click("[data-testid=profile-create]").await
}

/// Whether the avatar becomes the picture that the provider serves, which may come after the sign-in;
/// without one, whether it is drawn.
async fn shows(window: &Window, served: Option<Colour>) -> Result<bool> {
    let same = |shown: Option<Colour>| match (shown, served) {
        (Some(shown), Some(served)) => shown.looks_like(served),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let seen = until("", async || Ok(same(window.avatar().await?).then_some(()))).await.is_ok();
    if !seen {
        let shown = window.avatar().await?;
        eprintln!("the avatar shows {shown:?}, the provider serves {served:?}");
    }
    Ok(seen)
}
