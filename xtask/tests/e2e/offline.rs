//! With the cable pulled, whoever was signed in is still shown.

use crate::listed::accounts;
use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;

/// U19, N5: nickname and picture come from this device, and the account stays signed in.
#[tokio::test]
async fn started_with_no_network() -> Result<()> {
    play("started_with_no_network", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let served = stage.demo().picture(PERSON).await?;
        let home = app.quit(stage).await?;
        stage.unplug().await;
        let app = App::at(stage, home).await?;
        app.sees(NICKNAME).await?;
        ensure!(app.window.avatar().await?.is_some_and(|shown| shown.looks_like(served)));
        app.window.page().shown("[data-testid=offline]").await?;
        ensure!(accounts(stage, &app.home).await? == ["discord:active"]);
        Ok(())
    })
    .await
}

/// A sign-in that cannot reach its provider says so and leaves nothing.
#[tokio::test]
async fn signing_in_with_no_network() -> Result<()> {
    play("signing_in_with_no_network", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        stage.unplug().await;
        // Discovery is the first that needs the network, before any browser opens.
        app.window.page().click("button[data-provider=company]").await?;
        app.window.page().shown("[data-testid=problem]").await?;
        ensure!(stage.opened()?.is_empty(), "opened: {:?}", stage.opened()?);
        stage.plug_in().await?;
        app.sign_in(stage, "company").await.map(drop)
    })
    .await
}
