//! Several users and accounts in one window.

use crate::account_list::{account, user, users};
use crate::fixture::{App, NICKNAME, OTHER_NICKNAME, OTHER_USER, USER, run};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use xtask::environment::Services;

/// U20: two users with three accounts; the selected user is displayed, also after a restart.
#[tokio::test]
async fn two_users_with_three_accounts() -> Result<()> {
    run("two_users_with_three_accounts", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.sign_in_beside(env, "google", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;

        let haneul = user(env, &app.home, NICKNAME).await?;
        app.show(&haneul).await?;
        app.sees(NICKNAME).await?;
        app.add_account(env, "company", OTHER_USER).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        // The nickname stays that of the first account.
        app.sees(NICKNAME).await?;
        let all = ["하늘 discord:active company:active", "Mira Novak google:active"];
        ensure!(users(env, &app.home).await? == all);

        let home = app.quit(env).await?;
        let app = App::at(env, home).await?;
        app.sees(NICKNAME).await?;
        let mira = user(env, &app.home, OTHER_NICKNAME).await?;
        app.show(&mira).await?;
        app.sees(OTHER_NICKNAME).await
    })
    .await
}

/// U20: a sign-in to a known account renews it, also while another user is displayed.
#[tokio::test]
async fn signing_in_again_makes_no_second_account() -> Result<()> {
    run("signing_in_again_makes_no_second_account", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.sign_in_beside(env, "discord", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        app.sign_in_beside(env, "discord", USER).await?;
        app.sees(NICKNAME).await?;
        let both = ["하늘 discord:active", "Mira Novak discord:active"];
        ensure!(users(env, &app.home).await? == both);
        Ok(())
    })
    .await
}

/// An account of another user is not moved; the window names that user.
#[tokio::test]
async fn an_account_is_not_moved_between_users() -> Result<()> {
    run("an_account_is_not_moved_between_users", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.sign_in_beside(env, "company", OTHER_USER).await?;
        app.sees(OTHER_NICKNAME).await?;
        app.show(&user(env, &app.home, NICKNAME).await?).await?;
        app.sees(NICKNAME).await?;
        app.add_account(env, "company", OTHER_USER).await?;
        app.complains("account_elsewhere").await?;
        let said = app.window.page().text("[data-testid=problem]").await?;
        ensure!(said.contains(OTHER_NICKNAME), "{said}");
        let both = ["하늘 discord:active", "Mira Novak company:active"];
        ensure!(users(env, &app.home).await? == both);
        Ok(())
    })
    .await
}

/// A local name replaces that of the provider until it is deleted.
#[tokio::test]
async fn a_user_is_renamed() -> Result<()> {
    run("a_user_is_renamed", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        rename(&app, "나의 계정").await?;
        app.sees("나의 계정").await?;
        app.click("[data-testid=refresh]").await?;
        app.window.page().shown("[data-testid=refresh][aria-busy=false]").await?;
        app.sees("나의 계정").await?;
        rename(&app, "").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// Additional scopes are requested with a new sign-in to the same account.
#[tokio::test]
async fn additional_scopes_are_requested() -> Result<()> {
    run("additional_scopes_are_requested", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "google").await?;
        let google = account(env, &app.home, "google").await?;
        ensure!(!app.window.page().has("[data-testid=birthday]").await?);
        app.choose("ask-for-more", &google).await?;
        env.open_next_link().await?;
        env.browser()?.answer(USER, "allow").await?;
        app.window.page().shown("[data-testid=birthday]").await?;
        ensure!(account(env, &app.home, "google").await? == google);
        ensure!(users(env, &app.home).await? == ["하늘 google:active"]);
        Ok(())
    })
    .await
}

async fn rename(app: &App, name: &str) -> Result<()> {
    app.click("[data-testid=rename]").await?;
    let input = app.window.page().shown("[data-testid=rename-input]").await?;
    // The driver's "clear" sends no input event.
    input.send_keys(&(Key::Control + "a")).await?;
    input.send_keys(&(Key::Delete + name)).await?;
    app.click("[data-testid=rename-save]").await?;
    app.window.page().shown("[data-testid=rename]").await.map(drop)
}
