//! A session and a profile that last: ended by the provider, taken up again, read again.

use crate::listed::{account, people};
use crate::scene::{App, NICKNAME, OTHER, PERSON, play};
use anyhow::{Result, ensure};
use std::path::Path;
use xtask::picture::Colour;
use xtask::stage::{Cast, Stage};

/// S43: a session that the provider ended asks for a sign-in, with name and picture kept; somebody else who comes
/// back is refused by name, and the person themselves takes it up again.
#[tokio::test]
async fn a_session_ended_by_the_provider() -> Result<()> {
    play("a_session_ended_by_the_provider", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.paints(stage.demo().picture(PERSON).await?).await?;
        let discord = account(stage, &app.home, "discord").await?;
        stage.demo().faults("discord", &["token_invalid_grant"]).await?;
        ensure!(refresh(stage, &app.home, &discord).await? == Some(6), "no sign-in is needed");
        stage.demo().faults("discord", &[]).await?;

        app.window.page().shown("[data-testid=account][data-state=needs_sign_in]").await?;
        app.sees(NICKNAME).await?;
        ensure!(app.window.avatar().await?.is_some(), "the picture has gone");
        for (person, comes_back) in [(OTHER, false), (PERSON, true)] {
            app.click("[data-testid=sign-in-again]").await?;
            stage.follow().await?;
            stage.browser()?.answer(person, "allow").await?;
            if !comes_back {
                app.complains("somebody_else").await?;
                ensure!(people(stage, &app.home).await? == ["하늘 discord:needs_sign_in"]);
            }
        }
        app.window.page().shown("[data-testid=account][data-state=active]").await?;
        ensure!(account(stage, &app.home, "discord").await? == discord, "it is another account");
        ensure!(refresh(stage, &app.home, &discord).await? == Some(0));
        Ok(())
    })
    .await
}

/// A nickname and a picture that were changed at the provider appear in the open window when they are read again,
/// and in one that opens by itself.
#[tokio::test]
async fn a_changed_nickname_and_avatar_appear() -> Result<()> {
    play("a_changed_nickname_and_avatar_appear", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        stage.demo().change(PERSON, "바다", RED).await?;
        app.click("[data-testid=refresh]").await?;
        app.sees("바다").await?;
        app.paints(RED).await?;

        let home = app.quit(stage).await?;
        stage.demo().change(PERSON, "파도", GREEN).await?;
        let app = App::at(stage, home).await?;
        app.sees("파도").await?;
        app.paints(GREEN).await
    })
    .await
}

const RED: Colour = Colour([200, 60, 40]);
const GREEN: Colour = Colour([30, 150, 90]);

/// The exit code of `nameplate refresh`.
async fn refresh(stage: &Stage, home: &Path, account: &str) -> Result<Option<i32>> {
    Ok(stage.command_line(home).args(["refresh", account]).output().await?.status.code())
}
