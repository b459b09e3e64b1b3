//! With the cable pulled, whoever was signed in is still shown.

use crate::listed::{account, accounts, people, user};
use crate::scene::{App, NICKNAME, OTHER, OTHERS_NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;

/// U19, N5: nickname and picture come from this device, and the account stays signed in.
#[tokio::test]
async fn started_with_no_network() -> Result<()> {
    play("started_with_no_network", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let served = stage.demo().picture(PERSON).await?;
        app.paints(served).await?;
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

/// U19, S50: everybody is shown at once, nobody is signed out, and no keychain entry is opened: a locked keychain stays
/// locked, and is not even asked.
#[tokio::test]
async fn started_with_no_network_and_a_locked_keychain() -> Result<()> {
    play("started_with_no_network_and_a_locked_keychain", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.add_account(stage, "company", PERSON).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        app.sign_in_beside(stage, "google", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        let home = app.quit(stage).await?;
        stage.unplug().await;
        stage.keychain()?.lock().await?;
        let mut listening = stage.keychain()?.listen(&stage.folders().logs()).await?;

        let app = App::at(stage, home).await?;
        app.sees(OTHERS_NICKNAME).await?;
        app.window.page().shown("[data-testid=offline]").await?;
        app.show(&user(stage, &app.home, NICKNAME).await?).await?;
        app.sees(NICKNAME).await?;
        let all = ["하늘 discord:active company:active", "Mira Novak google:active"];
        ensure!(people(stage, &app.home).await? == all);
        ensure!(stage.keychain()?.is_locked().await?);

        // Whoever wants a token opens it: what is heard is what that one process asks, and the window nothing.
        let discord = account(stage, &app.home, "discord").await?;
        let asked = stage.command_line(&app.home).args(["token", &discord]).output().await?;
        ensure!(asked.status.code() == Some(5), "{}", asked.status);
        let heard = listening.until("Unlock").await?;
        ensure!(heard == ["OpenSession", "SearchItems", "Unlock"], "{heard:?}");
        ensure!(people(stage, &app.home).await? == all);
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
