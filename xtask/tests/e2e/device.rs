//! Signing in by a code that is entered elsewhere (RFC 8628).

use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;

/// S47, N3: the window shows code, link and a warning; whoever enters the code in a browser is signed in here.
#[tokio::test]
async fn github_by_a_code_that_is_entered_elsewhere() -> Result<()> {
    play("github_by_a_code_that_is_entered_elsewhere", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.begin(stage, "github").await?;
        app.click("[data-testid=channel-device]").await?;
        let page = app.window.page();
        page.shown("[data-testid=device-warning]").await?;
        let code = page.text("[data-testid=device-code]").await?;
        let shown = page.text("[data-testid=device-uri]").await?;
        app.click("[data-testid=open-device-page]").await?;
        let opened = stage.follow().await?;
        ensure!(opened == shown, "{opened} was opened, {shown} is shown");

        let browser = stage.browser()?;
        browser.page().shown("input[name=user_code]").await?.send_keys(code.trim()).await?;
        browser.page().click("form button").await?;
        browser.answer(PERSON, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// S47: whoever says no elsewhere is not signed in here, and reads why.
#[tokio::test]
async fn a_code_that_is_declined() -> Result<()> {
    play("a_code_that_is_declined", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.begin(stage, "github").await?;
        app.click("[data-testid=channel-device]").await?;
        let code = app.window.page().text("[data-testid=device-code]").await?;
        app.click("[data-testid=open-device-page]").await?;
        stage.follow().await?;
        let browser = stage.browser()?;
        browser.page().shown("input[name=user_code]").await?.send_keys(code.trim()).await?;
        browser.page().click("form button").await?;
        browser.answer(PERSON, "deny").await?;
        app.complains("access_denied").await
    })
    .await
}
