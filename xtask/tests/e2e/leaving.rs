//! Signing out, disconnecting and forgetting, where several people and accounts are here.

use crate::command_line::assert_nobody_is_left;
use crate::keychain::service;
use crate::listed::{account, people, user};
use crate::scene::{App, NICKNAME, OTHER, OTHERS_NICKNAME, play};
use anyhow::{Result, ensure};
use serde_json::Value;
use xtask::stage::{Cast, Stage};

/// S46: one of several accounts is signed out of; the others stay, and nothing ends at the provider.
#[tokio::test]
async fn signing_out_of_one_of_several() -> Result<()> {
    play("signing_out_of_one_of_several", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "company").await?;
        app.add_account(stage, "google", OTHER).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        app.sign_in_beside(stage, "kakao", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        let haneul = user(stage, &app.home, NICKNAME).await?;
        app.show(&haneul).await?;
        app.sees(NICKNAME).await?;

        let google = account(stage, &app.home, "google").await?;
        app.choose("sign-out", &google).await?;
        app.click("[data-testid=sign-out-confirm]").await?;
        app.loses("[data-testid=account] + [data-testid=account]").await?;
        app.sees(NICKNAME).await?;
        let left = ["하늘 company:active", "Mira Novak kakao:active"];
        ensure!(people(stage, &app.home).await? == left);
        ensure!(entry(stage, &app, &google).await?.is_empty(), "its session is still there");
        for provider in ["company", "kakao"] {
            let id = account(stage, &app.home, provider).await?;
            ensure!(!entry(stage, &app, &id).await?.is_empty(), "{provider} has no session");
        }
        ensure!(revocations(stage, "google").await? == 0, "somebody else's token died");
        Ok(())
    })
    .await
}

/// S46: disconnecting says first what dies, tells the provider, and shows whoever is left.
#[tokio::test]
async fn disconnecting_everywhere() -> Result<()> {
    play("disconnecting_everywhere", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "company").await?;
        app.sign_in_beside(stage, "google", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        app.choose("disconnect", &account(stage, &app.home, "google").await?).await?;
        let asked = app.window.page().text("[role=group]:has([data-testid=disconnect-confirm])");
        ensure!(asked.await?.contains("on all devices"));
        ensure!(revocations(stage, "google").await? == 0, "nobody has agreed yet");
        app.click("[data-testid=disconnect-confirm]").await?;
        app.sees(NICKNAME).await?;
        ensure!(people(stage, &app.home).await? == ["하늘 company:active"]);
        ensure!(revocations(stage, "google").await? == 1, "the provider was not told");
        Ok(())
    })
    .await
}

/// S46: a provider that cannot be told keeps nobody here, and the person knows.
#[tokio::test]
async fn disconnecting_with_no_network() -> Result<()> {
    play("disconnecting_with_no_network", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let discord = account(stage, &app.home, "discord").await?;
        stage.unplug().await;
        app.choose("disconnect", &discord).await?;
        app.click("[data-testid=disconnect-confirm]").await?;
        app.complains("revoke_later").await?;
        app.window.screen("welcome").await?;
        ensure!(people(stage, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// "Forget everything" in the window leaves no entry of anybody, and nobody's name in any file.
#[tokio::test]
async fn forgetting_everybody() -> Result<()> {
    play("forgetting_everybody", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.sign_in_beside(stage, "company", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        app.click("[data-testid=open-settings]").await?;
        app.click("[data-testid=reset]").await?;
        app.click("[data-testid=reset-confirm]").await?;
        app.window.screen("welcome").await?;
        assert_nobody_is_left(stage, &app.home).await?;
        let home = app.quit(stage).await?;
        assert_nobody_is_left(stage, &home).await
    })
    .await
}

/// What the keychain holds for an account.
async fn entry(stage: &Stage, app: &App, id: &str) -> Result<String> {
    let service = service(&app.home)?;
    stage.keychain()?.search(&[("service", &service), ("username", id)]).await
}

async fn revocations(stage: &Stage, provider: &str) -> Result<u64> {
    let ledger = stage.demo().ledger().await?;
    let counted = ledger.pointer(&format!("/grants/{provider}/revocations"));
    Ok(counted.and_then(Value::as_u64).unwrap_or_default())
}
