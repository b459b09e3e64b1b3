//! One sign-in by each channel, with the real browser.

use crate::listed::accounts;
use crate::plain_client;
use crate::scene::{App, Asked, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use tokio::net::TcpStream;
use xtask::stage::Cast;
use xtask::stage::browser::SCHEME;
use xtask::stage::until::until;

/// S1, S8, U9: the system browser is used, and the answer comes back by the registered deep link alone.
#[tokio::test]
async fn discord_by_deep_link() -> Result<()> {
    play("discord_by_deep_link", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let asked = app.sign_in(stage, "discord").await?;
        ensure!(
            asked.redirect.as_str() == format!("{SCHEME}:/callback/discord"),
            "{}",
            asked.redirect
        );
        ensure!(stage.opened()? == ["http", SCHEME], "opened: {:?}", stage.opened()?);
        ensure!(accounts(stage, &app.home).await? == ["discord:active"]);
        let served = stage.demo().picture(PERSON).await?;
        app.paints(served).await
    })
    .await
}

/// S12, S24: a random port of 127.0.0.1, closed after the answer; neither page nor address bar keeps a code.
#[tokio::test]
async fn google_by_a_random_loopback_port() -> Result<()> {
    play("google_by_a_random_loopback_port", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let asked = app.sign_in(stage, "google").await?;
        ensure!(asked.redirect.host_str() == Some("127.0.0.1"), "{}", asked.redirect);
        ensure!(asked.redirect.path() == "/callback/google", "{}", asked.redirect);
        ensure!(asked.port()? >= 1024);
        let page = stage.browser()?.page();
        page.url_becomes(|url| url.path() == "/done").await?;
        ensure!(page.client().current_url().await?.query().is_none());
        page.shown("h1").await?;
        let (source, ledger) = (page.client().source().await?, stage.demo().ledger().await?);
        for secret in
            ["codes", "states"].iter().filter_map(|kind| ledger.get(kind)?.get(0)?.as_str())
        {
            ensure!(!source.contains(secret), "the page holds what must not be seen");
        }
        closed(asked.port()?).await
    })
    .await
}

/// One of the ports of the list, under the name that is registered; the page leads back to the window.
#[tokio::test]
async fn kakao_by_a_fixed_localhost_port() -> Result<()> {
    play("kakao_by_a_fixed_localhost_port", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let asked = app.sign_in(stage, "kakao").await?;
        ensure!(
            asked.redirect.as_str() == format!("http://localhost:{}/callback/kakao", asked.port()?)
        );
        ensure!([53682, 53683, 53684].contains(&asked.port()?));
        let page = stage.browser()?.page();
        page.url_becomes(|url| url.path() == "/done").await?;
        page.click(&format!("a[href='{SCHEME}:/open']")).await?;
        stage.focus_reaches_nameplate().await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// A page of one's own hands over to the deep link, after a click; its address is what the provider was told.
#[tokio::test]
async fn facebook_by_the_bounce_page() -> Result<()> {
    play("facebook_by_the_bounce_page", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let asked = app.begin(stage, "facebook").await?;
        let page = format!("{}/bounce/facebook", stage.demo().bounce());
        ensure!(asked.redirect.as_str() == page, "{}", asked.redirect);
        stage.browser()?.answer(PERSON, "allow").await?;
        stage.browser()?.page().click("#open").await?;
        app.sees(NICKNAME).await?;
        ensure!(stage.opened()? == ["http", SCHEME], "opened: {:?}", stage.opened()?);
        ensure!(accounts(stage, &app.home).await? == ["facebook:active"]);
        Ok(())
    })
    .await
}

/// The demo issuer, found by discovery.
#[tokio::test]
async fn the_demo_issuer_by_discovery() -> Result<()> {
    play("the_demo_issuer_by_discovery", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "company").await?;
        ensure!(accounts(stage, &app.home).await? == ["company:active"]);
        Ok(())
    })
    .await
}

/// S23: the answer is pasted, as from a browser that cannot reach our port.
#[tokio::test]
async fn google_by_a_pasted_answer() -> Result<()> {
    play("google_by_a_pasted_answer", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let window = app.window.page();
        window.click("button[data-provider=google]").await?;
        let answer = plain_client::answer(&stage.link().await?, PERSON, "allow").await?;
        window.shown("[data-testid=paste-url]").await?.send_keys(answer.as_str()).await?;
        window.click("[data-testid=paste-submit]").await?;
        app.sees(NICKNAME).await?;
        ensure!(accounts(stage, &app.home).await? == ["google:active"]);
        Ok(())
    })
    .await
}

/// N3: the person changes the channel within the sign-in; the answer to the newer attempt counts.
#[tokio::test]
async fn discord_by_loopback_after_a_change() -> Result<()> {
    play("discord_by_loopback_after_a_change", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.begin(stage, "discord").await?;
        app.window.page().click("[data-testid=channel-loopback]").await?;
        let asked = Asked::parse(&stage.follow().await?)?;
        ensure!(asked.redirect.host_str() == Some("127.0.0.1"), "{}", asked.redirect);
        stage.browser()?.answer(PERSON, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// A port that nobody listens at refuses the connection; the listener closes right after its last page is fetched.
async fn closed(port: u16) -> Result<()> {
    until("the port is still open", async || {
        Ok(TcpStream::connect(("127.0.0.1", port)).await.is_err().then_some(()))
    })
    .await
}
