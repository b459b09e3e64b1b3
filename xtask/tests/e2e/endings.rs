//! Sign-ins that end without anybody being signed in.

use crate::boundary::{INVOKE, plugin};
use crate::listed::accounts;
use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use serde_json::json;
use tokio::net::TcpStream;
use xtask::stage::Cast;

/// S18: the person says no at the provider; the window says so, and the next try works.
#[tokio::test]
async fn denied_in_the_browser() -> Result<()> {
    play("denied_in_the_browser", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        for provider in ["discord", "google"] {
            app.begin(stage, provider).await?;
            stage.browser()?.answer(PERSON, "deny").await?;
            app.complains("access_denied").await?;
            ensure!(accounts(stage, &app.home).await?.is_empty());
        }
        app.sign_in(stage, "discord").await.map(drop)
    })
    .await
}

/// S12: cancelling closes the port at once, and an answer that comes later signs nobody in.
#[tokio::test]
async fn cancelled_in_the_window() -> Result<()> {
    play("cancelled_in_the_window", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let asked = app.begin(stage, "google").await?;
        stage.browser()?.log_in(PERSON).await?;
        app.window.page().click("[data-testid=cancel]").await?;
        app.window.screen("welcome").await?;
        ensure!(
            TcpStream::connect(("127.0.0.1", asked.port()?)).await.is_err(),
            "the port is open"
        );

        app.begin(stage, "discord").await?;
        stage.browser()?.log_in(PERSON).await?;
        app.window.page().click("[data-testid=cancel]").await?;
        app.window.screen("welcome").await?;
        stage.browser()?.page().click("button[name=decision][value=allow]").await?;
        stage.focus_reaches_nameplate().await?;
        ensure!(accounts(stage, &app.home).await?.is_empty());
        app.window.screen("welcome").await
    })
    .await
}

/// S26: a sign-in that nobody finishes ends by itself.
#[tokio::test]
async fn timed_out() -> Result<()> {
    play("timed_out", Cast::Usual, async |stage| {
        stage.surroundings().set("NAMEPLATE_SIGN_IN_SECONDS", "3");
        let app = App::fresh(stage).await?;
        app.begin(stage, "google").await?;
        app.complains("timed_out").await?;
        app.window.screen("welcome").await?;
        ensure!(accounts(stage, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S26: another sign-in takes the place of the one that waits, whose port is closed.
#[tokio::test]
async fn superseded_by_another() -> Result<()> {
    play("superseded_by_another", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let first = app.begin(stage, "google").await?;
        // The pages offer it only after a cancel; the command itself is for both.
        let ask = json!({ "provider": "kakao", "channel": null, "storage": "keychain" });
        app.window.script(INVOKE, vec![json!(plugin("begin_sign_in")), ask]).await?;
        stage.follow().await?;
        ensure!(
            TcpStream::connect(("127.0.0.1", first.port()?)).await.is_err(),
            "the first port is open"
        );
        stage.browser()?.answer(PERSON, "allow").await?;
        app.sees(NICKNAME).await?;
        ensure!(accounts(stage, &app.home).await? == ["kakao:active"]);
        Ok(())
    })
    .await
}
