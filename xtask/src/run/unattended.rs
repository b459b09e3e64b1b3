//! Without a display: signs in with each provider in a private environment, and starts again without network.

use super::gallery::Gallery;
use crate::colour::Colour;
use crate::environment::pds;
use crate::environment::until::until;
use crate::environment::window::Window;
use crate::environment::{Environment, Services};
use crate::project;
use anyhow::{Result, ensure};
use serde::Serialize;
use std::io::{Write, stdout};
use std::path::Path;

const USER: &str = "haneul";

/// A provider of the demo provider's `providers.toml`, Bluesky, or the local profile.
#[derive(Debug)]
struct Provider {
    /// Its name in the output: `oidc` for an issuer of the file, `issuer` for one that is named.
    name: String,
    /// Its table in `providers.toml`, and its button in the window.
    table: String,
    /// What is named besides it: a server or an issuer of the demo provider, or a handle.
    server: Option<String>,
    method: Method,
}

/// How one signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// In the browser, with a redirect to the program.
    Browser,
    /// In the browser, with a redirect to the https redirect page, which needs a click.
    HttpsRedirectPage,
    /// In the browser, on the pages of Bluesky's own server.
    Pds,
    /// A local profile: address and password are typed into the window.
    Form,
}

/// The tables of a `providers.toml` in their order, those that need no table at the server with this
/// base, Bluesky with this handle, and the local profile.
fn providers(file: &str, base: &str, handle: &str) -> Vec<Provider> {
    let tables = file.split("\n[").skip(1).filter_map(|table| table.split_once(']'));
    let remote = tables.map(|(table, keys)| Provider {
        name: if keys.contains("kind = \"oidc\"") { "oidc" } else { table }.to_owned(),
        table: table.to_owned(),
        server: None,
        method: match keys.contains("\nredirect_uri = ") {
            true => Method::HttpsRedirectPage,
            false => Method::Browser,
        },
    });
    let named = [("mastodon", "mastodon", "mastodon"), ("issuer", "oidc", "oidc")];
    let named = named.map(|(name, button, path)| Provider {
        name: name.to_owned(),
        table: button.to_owned(),
        server: Some(format!("{base}/{path}")),
        method: Method::Browser,
    });
    let alone = [("bluesky", Some(handle), Method::Pds), ("email", None, Method::Form)];
    let alone = alone.map(|(name, server, method)| Provider {
        name: name.to_owned(),
        table: name.to_owned(),
        server: server.map(str::to_owned),
        method,
    });
    remote.chain(named).chain(alone).collect()
}

#[derive(Debug, Default, Serialize)]
struct SignedIn {
    provider: String,
    nickname: Option<String>,
    avatar: bool,
    offline_view: bool,
}

impl SignedIn {
    fn is_complete(&self) -> bool {
        self.nickname.is_some() && self.avatar && self.offline_view
    }
}

/// Signs in with each provider. The last line on stdout is JSON: what was seen for each.
pub async fn run() -> Result<()> {
    let top = project::target().join("demo");
    let gallery = Gallery::create(&top)?;
    let mut env = Environment::open(Services::WithPds).await?;
    let mut seen = Vec::new();
    let (file, base) = (env.demo().providers()?, env.demo().base().to_owned());
    for provider in providers(&file, &base, env.pds()?.handle()) {
        let name = &provider.name;
        let mut signed_in = SignedIn { provider: name.clone(), ..SignedIn::default() };
        let home = top.join("homes").join(name);
        if let Err(error) = sign_in(&mut env, &home, &provider, &gallery, &mut signed_in).await {
            eprintln!("{name}: {error:#}");
            gallery.failure(&env, name).await;
            let _ = env.quit();
        }
        env.reconnect_network().await?;
        seen.push(signed_in);
    }
    let left = env.close().await;
    ensure!(left.is_empty(), "these processes had to be ended: {left:?}");
    let all = seen.iter().all(SignedIn::is_complete);
    writeln!(stdout(), "{}", serde_json::json!({ "signed_in": seen }))?;
    ensure!(all, "not everything was seen; pictures are in {}", top.display());
    Ok(())
}

async fn sign_in(
    env: &mut Environment,
    home: &Path,
    provider: &Provider,
    gallery: &Gallery,
    seen: &mut SignedIn,
) -> Result<()> {
    let (method, table, server) = (provider.method, &provider.table, &provider.server);
    let provider = &provider.name;
    eprintln!("{provider}: signing in");
    env.home_at(home)?;
    env.start(home)?;
    let window = env.window().await?;
    window.screen("welcome").await?;
    gallery.welcome(&window, provider).await?;
    window.page().click(&format!("button[data-provider={}]", table)).await?;
    if let Some(server) = server {
        window.page().shown("[data-testid=server-name]").await?.send_keys(server).await?;
        window.page().click("[data-testid=server-go]").await?;
    }
    match method {
        Method::Browser => consent(env, gallery, &window, provider).await?,
        Method::HttpsRedirectPage => {
            consent(env, gallery, &window, provider).await?;
            open_program(env, gallery, provider).await?;
        }
        Method::Pds => consent_at_pds(env, gallery, &window, provider).await?,
        Method::Form => fill_in(gallery, &window, provider).await?,
    }

    window.screen("profile").await?;
    let nickname = window.nickname().await?;
    eprintln!("{provider}: {nickname} is signed in");
    seen.nickname = Some(nickname.clone());
    gallery.page(env.browser()?, &format!("{provider}-callback")).await?;
    let shown = match method {
        Method::Browser | Method::HttpsRedirectPage => Some(env.demo().picture(USER).await?),
        Method::Pds => Some(pds::PICTURE),
        Method::Form => None,
    };
    seen.avatar = shows(&window, shown).await?;
    gallery.profile(&window, provider).await?;
    window.detach().await;
    env.quit()?;

    env.disconnect_network().await;
    env.start(home)?;
    let window = env.window().await?;
    window.screen("profile").await?;
    gallery.window(&window, &format!("{provider}-offline")).await?;
    seen.offline_view = window.nickname().await? == nickname && shows(&window, shown).await?;
    window.detach().await;
    env.quit()
}

/// The browser opens what the window has asked for.
async fn open_browser(
    env: &mut Environment,
    gallery: &Gallery,
    window: &Window,
    provider: &str,
) -> Result<()> {
    window.screen("waiting").await?;
    env.open_next_link().await?;
    gallery.window(window, &format!("{provider}-waiting")).await
}

/// In the browser: sign in and allow.
async fn consent(
    env: &mut Environment,
    gallery: &Gallery,
    window: &Window,
    provider: &str,
) -> Result<()> {
    open_browser(env, gallery, window, provider).await?;
    let browser = env.browser()?;
    gallery.page(browser, &format!("{provider}-log-in")).await?;
    browser.log_in(USER).await?;
    gallery.page(browser, &format!("{provider}-consent")).await?;
    browser.page().click("button[name=decision][value=allow]").await
}

/// The same on the pages of Bluesky's own server.
async fn consent_at_pds(
    env: &mut Environment,
    gallery: &Gallery,
    window: &Window,
    provider: &str,
) -> Result<()> {
    window.page().shown("[data-testid=confirm-host]").await?;
    gallery.window(window, &format!("{provider}-confirm")).await?;
    window.page().click("[data-testid=confirm-host]").await?;
    open_browser(env, gallery, window, provider).await?;
    let (browser, pds) = (env.browser()?, env.pds()?);
    browser.page().shown("input[name=password]").await?;
    gallery.page(browser, &format!("{provider}-log-in")).await?;
    pds.log_in(browser).await?;
    gallery.page(browser, &format!("{provider}-consent")).await?;
    pds.allow(browser).await
}

/// On the https redirect page: the click that opens the program.
async fn open_program(env: &Environment, gallery: &Gallery, provider: &str) -> Result<()> {
    let browser = env.browser()?;
    browser.page().shown("#open").await?;
    gallery.page(browser, &format!("{provider}-https-redirect")).await?;
    browser.page().click("#open").await
}

/// In the window: address, password and name of a local profile.
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
    gallery.window(window, &format!("{provider}-form")).await?;
    page.click("[data-testid=profile-create]").await
}

/// Whether the avatar becomes the picture that the provider serves, which may arrive after the sign-in; without one, whether there
/// is none.
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
