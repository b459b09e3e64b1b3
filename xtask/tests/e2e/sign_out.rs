//! Sign-out, disconnect and reset with several users and accounts.

use crate::account_list::{account, user, users};
use crate::command_line::assert_no_user_data;
use crate::fixture::{App, NICKNAME, OTHER_NICKNAME, OTHER_USER, run};
use crate::keychain::service;
use anyhow::{Result, ensure};
use serde_json::Value;
use xtask::environment::{Environment, Services};

/// S46: signing out of one account leaves the others, and revokes nothing at the provider.
#[tokio::test]
async fn signing_out_of_one_of_several() -> Result<()> {
    run("signing_out_of_one_of_several", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "company").await?;
        app.add_account(env, "google", OTHER_USER).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        app.sign_in_beside(env, "kakao", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        let haneul = user(env, &app.home, NICKNAME).await?;
        app.show(&haneul).await?;
        app.sees(NICKNAME).await?;

        let google = account(env, &app.home, "google").await?;
        app.choose("sign-out", &google).await?;
        app.click("[data-testid=sign-out-confirm]").await?;
        app.loses("[data-testid=account] + [data-testid=account]").await?;
        app.sees(NICKNAME).await?;
        let left = ["하늘 company:active", "Mira Novak kakao:active"];
        ensure!(users(env, &app.home).await? == left);
        ensure!(keychain_item(env, &app, &google).await?.is_empty(), "its session is still there");
        for provider in ["company", "kakao"] {
            let id = account(env, &app.home, provider).await?;
            ensure!(!keychain_item(env, &app, &id).await?.is_empty(), "{provider} has no session");
        }
        ensure!(revocations(env, "google").await? == 0, "another account's token was revoked");
        Ok(())
    })
    .await
}

/// S46: disconnecting first shows its effect, then revokes the tokens and displays the remaining user.
#[tokio::test]
async fn disconnecting_everywhere() -> Result<()> {
    run("disconnecting_everywhere", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "company").await?;
        app.sign_in_beside(env, "google", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        app.choose("disconnect", &account(env, &app.home, "google").await?).await?;
        let asked = app.window.page().text("[role=group]:has([data-testid=disconnect-confirm])");
        ensure!(asked.await?.contains("on all devices"));
        ensure!(revocations(env, "google").await? == 0, "no consent yet");
        app.click("[data-testid=disconnect-confirm]").await?;
        app.sees(NICKNAME).await?;
        ensure!(users(env, &app.home).await? == ["하늘 company:active"]);
        ensure!(revocations(env, "google").await? == 1, "the provider was not told");
        Ok(())
    })
    .await
}

/// S46: without network the account is removed, and the window reports that the revocation is pending.
#[tokio::test]
async fn disconnecting_with_no_network() -> Result<()> {
    run("disconnecting_with_no_network", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        let discord = account(env, &app.home, "discord").await?;
        env.disconnect_network().await;
        app.choose("disconnect", &discord).await?;
        app.click("[data-testid=disconnect-confirm]").await?;
        app.complains("revoke_later").await?;
        app.window.screen("welcome").await?;
        ensure!(users(env, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// A reset in the window leaves no keychain item, and no name of a user in a file.
#[tokio::test]
async fn a_reset_removes_every_user() -> Result<()> {
    run("a_reset_removes_every_user", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.sign_in_beside(env, "company", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        app.click("[data-testid=open-settings]").await?;
        app.click("[data-testid=reset]").await?;
        app.click("[data-testid=reset-confirm]").await?;
        app.window.screen("welcome").await?;
        assert_no_user_data(env, &app.home).await?;
        let home = app.quit(env).await?;
        assert_no_user_data(env, &home).await
    })
    .await
}

/// The keychain item of an account.
async fn keychain_item(env: &Environment, app: &App, id: &str) -> Result<String> {
    let service = service(&app.home)?;
    env.keychain()?.search(&[("service", &service), ("username", id)]).await
}

async fn revocations(env: &Environment, provider: &str) -> Result<u64> {
    let request_log = env.demo().request_log().await?;
    let counted = request_log.pointer(&format!("/grants/{provider}/revocations"));
    Ok(counted.and_then(Value::as_u64).unwrap_or_default())
}
