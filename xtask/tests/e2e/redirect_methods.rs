//! A sign-in by each redirect method, with Chromium.

use crate::account_list::accounts;
use crate::fixture::{App, NICKNAME, SentRequest, USER, run};
use anyhow::{Result, ensure};
use tokio::net::TcpStream;
use xtask::environment::Services;
use xtask::environment::browser::SCHEME;
use xtask::environment::until::until;
use xtask::sign_in_pages;

/// S1, S8, U9: the system browser is used, and the response arrives by the registered deep link only.
#[tokio::test]
async fn discord_by_deep_link() -> Result<()> {
    run("discord_by_deep_link", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.begin_by_deep_link(env, "discord").await?;
        ensure!(
            asked.redirect.as_str() == format!("{SCHEME}:/callback/discord"),
            "{}",
            asked.redirect
        );
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await?;
        ensure!(env.opened()? == ["http", "http", SCHEME], "opened: {:?}", env.opened()?);
        ensure!(accounts(env, &app.home).await? == ["discord:active"]);
        let served = env.demo().picture(USER).await?;
        app.paints(served).await
    })
    .await
}

/// Where the provider accepts both, a sign-in begins with a loopback port: the browser asks nothing, and its tab does not
/// stay on the consent page.
#[tokio::test]
async fn discord_by_loopback() -> Result<()> {
    run("discord_by_loopback", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.sign_in(env, "discord").await?;
        ensure!(asked.redirect.host_str() == Some("127.0.0.1"), "{}", asked.redirect);
        ensure!(asked.redirect.path() == "/callback/discord", "{}", asked.redirect);
        env.browser()?.page().url_becomes(|url| url.path() == "/done").await?;
        let title = env.browser()?.page().text("h1").await?;
        ensure!(title == format!("Signed in as {NICKNAME}"), "{title}");
        ensure!(env.opened()? == ["http"], "opened: {:?}", env.opened()?);
        Ok(())
    })
    .await
}

/// S12, S24: a random port of 127.0.0.1, closed after the response; neither page nor address bar contains a code.
#[tokio::test]
async fn google_by_a_random_loopback_port() -> Result<()> {
    run("google_by_a_random_loopback_port", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.sign_in(env, "google").await?;
        ensure!(asked.redirect.host_str() == Some("127.0.0.1"), "{}", asked.redirect);
        ensure!(asked.redirect.path() == "/callback/google", "{}", asked.redirect);
        ensure!(asked.port()? >= 1024);
        let page = env.browser()?.page();
        page.url_becomes(|url| url.path() == "/done").await?;
        ensure!(page.client().current_url().await?.query().is_none());
        page.shown("h1").await?;
        let (source, request_log) =
            (page.client().source().await?, env.demo().request_log().await?);
        for secret in
            ["codes", "states"].iter().filter_map(|kind| request_log.get(kind)?.get(0)?.as_str())
        {
            ensure!(!source.contains(secret), "the page holds what must not be seen");
        }
        closed(asked.port()?).await
    })
    .await
}

/// One of the fixed ports with the registered host; the link of the page activates the window.
#[tokio::test]
async fn kakao_by_a_fixed_localhost_port() -> Result<()> {
    run("kakao_by_a_fixed_localhost_port", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.sign_in(env, "kakao").await?;
        ensure!(
            asked.redirect.as_str() == format!("http://localhost:{}/callback/kakao", asked.port()?)
        );
        ensure!([53682, 53683, 53684].contains(&asked.port()?));
        let page = env.browser()?.page();
        page.url_becomes(|url| url.path() == "/done").await?;
        page.click(&format!("a[href='{SCHEME}:/open']")).await?;
        env.focus_reaches_nameplate().await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// The https redirect page opens the deep link after a click; its address is the redirect URI.
#[tokio::test]
async fn facebook_by_the_https_redirect_page() -> Result<()> {
    run("facebook_by_the_https_redirect_page", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.begin(env, "facebook").await?;
        let page = format!("{}/redirect/facebook", env.demo().https_redirect());
        ensure!(asked.redirect.as_str() == page, "{}", asked.redirect);
        env.browser()?.answer(USER, "allow").await?;
        env.browser()?.page().click("#open").await?;
        app.sees(NICKNAME).await?;
        ensure!(env.opened()? == ["http", SCHEME], "opened: {:?}", env.opened()?);
        ensure!(accounts(env, &app.home).await? == ["facebook:active"]);
        Ok(())
    })
    .await
}

/// The generic issuer, by discovery.
#[tokio::test]
async fn the_demo_issuer_by_discovery() -> Result<()> {
    run("the_demo_issuer_by_discovery", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "company").await?;
        ensure!(accounts(env, &app.home).await? == ["company:active"]);
        Ok(())
    })
    .await
}

/// S23: the response is pasted, as if the browser could not reach the port.
#[tokio::test]
async fn google_by_a_pasted_response() -> Result<()> {
    run("google_by_a_pasted_response", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let window = app.window.page();
        window.click("button[data-provider=google]").await?;
        let answer = sign_in_pages::submit(&env.next_link().await?, USER, "allow").await?;
        app.help().await?;
        app.click("[data-testid=method-manual]").await?;
        window.shown("[data-testid=paste-url]").await?.send_keys(answer.as_str()).await?;
        window.click("[data-testid=paste-submit]").await?;
        app.sees(NICKNAME).await?;
        ensure!(accounts(env, &app.home).await? == ["google:active"]);
        Ok(())
    })
    .await
}

/// N3: the redirect method is changed during the sign-in, and back; the response to the newest attempt counts.
#[tokio::test]
async fn discord_by_loopback_after_a_change() -> Result<()> {
    run("discord_by_loopback_after_a_change", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let first = app.begin_by_deep_link(env, "discord").await?;
        app.change_method("loopback").await?;
        let asked = SentRequest::parse(&env.open_next_link().await?)?;
        ensure!(asked.redirect.host_str() == Some("127.0.0.1"), "{}", asked.redirect);
        ensure!(first.redirect.scheme() == SCHEME, "{}", first.redirect);
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// Waits until the port refuses connections; the listener closes after its last page is read.
async fn closed(port: u16) -> Result<()> {
    until("the port is still open", async || {
        Ok(TcpStream::connect(("127.0.0.1", port)).await.is_err().then_some(()))
    })
    .await
}
