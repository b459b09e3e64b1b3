//! One window per home, and sign-ins that outlive it.

use crate::plain_client;
use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;
use xtask::stage::browser::SCHEME;

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

/// S22: a second start hands over a link only where it is the one argument and of our scheme. What
/// the others carry would end the sign-in.
#[tokio::test]
async fn a_second_start_hands_over_one_link() -> Result<()> {
    play("a_second_start_hands_over_one_link", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.click("button[data-provider=discord]").await?;
        let authorize = stage.link().await?;
        let denied = plain_client::answer(&authorize, PERSON, "deny").await?.to_string();
        let foreign = denied.replacen(".dev:", ".other:", 1);
        ensure!(denied.starts_with(SCHEME) && foreign != denied, "{}", denied.len());
        let (denied, foreign) = (denied.as_str(), foreign.as_str());
        for arguments in [
            &[denied, "--flag"][..],
            &["--flag", denied],
            &[denied, denied],
            &["", denied],
            &[foreign],
        ] {
            let mut second = stage.start_with(&app.home, arguments)?;
            ensure!(second.ended().await?.success(), "{}", second.log());
        }
        app.window.screen("waiting").await?;
        let allowed = plain_client::answer(&authorize, PERSON, "allow").await?;
        let mut second = stage.start_with(&app.home, &[allowed.as_str()])?;
        ensure!(second.ended().await?.success(), "{}", second.log());
        app.sees(NICKNAME).await
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
