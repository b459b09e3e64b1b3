//! Sessions that the provider has ended, and profiles that have changed at the provider.

use crate::account_list::{account, users};
use crate::fixture::{App, NICKNAME, OTHER_USER, USER, run};
use anyhow::{Result, ensure};
use std::path::Path;
use xtask::colour::Colour;
use xtask::environment::{Environment, Services};

/// S43: a session that the provider has ended needs a sign-in; name and picture stay. A sign-in as another user is refused, one as
/// the same user renews the session.
#[tokio::test]
async fn a_session_ended_by_the_provider() -> Result<()> {
    run("a_session_ended_by_the_provider", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.paints(env.demo().picture(USER).await?).await?;
        let discord = account(env, &app.home, "discord").await?;
        env.demo().faults("discord", &["token_invalid_grant"]).await?;
        ensure!(refresh(env, &app.home, &discord).await? == Some(6), "no sign-in is needed");
        env.demo().faults("discord", &[]).await?;

        app.window.page().shown("[data-testid=account][data-state=needs_sign_in]").await?;
        app.sees(NICKNAME).await?;
        ensure!(app.window.avatar().await?.is_some(), "the picture has gone");
        for (person, comes_back) in [(OTHER_USER, false), (USER, true)] {
            app.click("[data-testid=sign-in-again]").await?;
            env.open_next_link().await?;
            env.browser()?.answer(person, "allow").await?;
            if !comes_back {
                app.complains("other_account").await?;
                ensure!(users(env, &app.home).await? == ["하늘 discord:needs_sign_in"]);
            }
        }
        app.window.page().shown("[data-testid=account][data-state=active]").await?;
        ensure!(account(env, &app.home, "discord").await? == discord, "it is another account");
        ensure!(refresh(env, &app.home, &discord).await? == Some(0));
        Ok(())
    })
    .await
}

/// A nickname and a picture that changed at the provider appear after a refresh, and after a restart.
#[tokio::test]
async fn a_changed_nickname_and_avatar_appear() -> Result<()> {
    run("a_changed_nickname_and_avatar_appear", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        env.demo().change(USER, "바다", RED).await?;
        app.click("[data-testid=refresh]").await?;
        app.sees("바다").await?;
        app.paints(RED).await?;

        let home = app.quit(env).await?;
        env.demo().change(USER, "파도", GREEN).await?;
        let app = App::at(env, home).await?;
        app.sees("파도").await?;
        app.paints(GREEN).await
    })
    .await
}

const RED: Colour = Colour([200, 60, 40]);
const GREEN: Colour = Colour([30, 150, 90]);

/// The exit code of `nameplate refresh`.
async fn refresh(env: &Environment, home: &Path, account: &str) -> Result<Option<i32>> {
    Ok(env.command_line(home).args(["refresh", account]).output().await?.status.code())
}
