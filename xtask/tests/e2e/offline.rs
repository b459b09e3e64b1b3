//! Without network the accounts are still shown.

use crate::account_list::{account, accounts, user, users};
use crate::fixture::{App, NICKNAME, OTHER_NICKNAME, OTHER_USER, USER, run};
use anyhow::{Result, ensure};
use xtask::environment::Services;

/// U19, N5: nickname and picture are those stored on this device, and the account stays signed in.
#[tokio::test]
async fn started_with_no_network() -> Result<()> {
    run("started_with_no_network", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        let served = env.demo().picture(USER).await?;
        app.paints(served).await?;
        let home = app.quit(env).await?;
        env.disconnect_network().await;
        let app = App::at(env, home).await?;
        app.sees(NICKNAME).await?;
        app.paints(served).await?;
        app.window.page().shown("[data-testid=offline]").await?;
        ensure!(accounts(env, &app.home).await? == ["discord:active"]);
        Ok(())
    })
    .await
}

/// U19, S50: all users are shown, no account is signed out, and the locked keychain is not called.
#[tokio::test]
async fn started_with_no_network_and_a_locked_keychain() -> Result<()> {
    run("started_with_no_network_and_a_locked_keychain", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.add_account(env, "company", USER).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        app.sign_in_beside(env, "google", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        let home = app.quit(env).await?;
        env.disconnect_network().await;
        env.keychain()?.lock().await?;
        let mut calls = env.keychain()?.listen(&env.folders().logs()).await?;

        let app = App::at(env, home).await?;
        app.sees(OTHER_NICKNAME).await?;
        app.window.page().shown("[data-testid=offline]").await?;
        app.show(&user(env, &app.home, NICKNAME).await?).await?;
        app.sees(NICKNAME).await?;
        let all = ["하늘 discord:active company:active", "Mira Novak google:active"];
        ensure!(users(env, &app.home).await? == all);
        ensure!(env.keychain()?.is_locked().await?);

        // Only a request for a token calls the keychain: the recorded calls are those of this process.
        let discord = account(env, &app.home, "discord").await?;
        let asked = env.command_line(&app.home).args(["token", &discord]).output().await?;
        ensure!(asked.status.code() == Some(5), "{}", asked.status);
        let made = calls.until("Unlock").await?;
        ensure!(made == ["OpenSession", "SearchItems", "Unlock"], "{made:?}");
        ensure!(users(env, &app.home).await? == all);
        Ok(())
    })
    .await
}

/// A sign-in without network is an error, and works afterwards.
#[tokio::test]
async fn signing_in_with_no_network() -> Result<()> {
    run("signing_in_with_no_network", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        env.disconnect_network().await;
        // Discovery is the first request, before the browser opens.
        app.window.page().click("button[data-provider=company]").await?;
        app.window.page().shown("[data-testid=problem]").await?;
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        env.reconnect_network().await?;
        app.sign_in(env, "company").await.map(drop)
    })
    .await
}
