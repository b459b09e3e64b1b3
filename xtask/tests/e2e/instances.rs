//! One window per home, and sign-ins that outlive it.

use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;

/// U2: a second start ends by itself and brings the first window to the front.
#[tokio::test]
async fn a_second_start_shows_the_first_window() -> Result<()> {
    play("a_second_start_shows_the_first_window", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let before = stage.nameplate_windows()?;
        stage.focus_leaves_nameplate()?;
        let mut second = stage.start_another(&app.home)?;
        ensure!(second.ended().await?.success(), "the second start failed: {}", second.log());
        stage.focus_reaches_nameplate().await?;
        ensure!(stage.nameplate_windows()? == before, "there are other windows than before");
        app.window.screen("welcome").await
    })
    .await
}

/// U5, N1: Nameplate is not running when the answer comes; the link starts it, and it finishes the sign-in.
#[tokio::test]
async fn the_deep_link_starts_it_cold() -> Result<()> {
    play("the_deep_link_starts_it_cold", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.begin(stage, "discord").await?;
        stage.browser()?.log_in(PERSON).await?;
        app.quit(stage).await?;
        ensure!(stage.nameplate_windows()?.is_empty());
        stage.browser()?.page().click("button[name=decision][value=allow]").await?;
        let window = stage.window().await?;
        window.screen("profile").await?;
        ensure!(window.nickname().await? == NICKNAME);
        window.detach().await;
        stage.quit()
    })
    .await
}

/// U5, N1: Nameplate is started again while the browser is open; it listens at the same port again and finishes.
#[tokio::test]
async fn restarted_while_the_browser_is_open() -> Result<()> {
    play("restarted_while_the_browser_is_open", Cast::Usual, async |stage| {
        for provider in ["google", "kakao"] {
            let app = App::fresh(stage).await?;
            app.begin(stage, provider).await?;
            stage.browser()?.log_in(PERSON).await?;
            let home = app.quit(stage).await?;
            let app = App::at(stage, home).await?;
            app.window.screen("waiting").await?;
            stage.browser()?.page().click("button[name=decision][value=allow]").await?;
            app.sees(NICKNAME).await?;
            app.quit(stage).await?;
        }
        Ok(())
    })
    .await
}
