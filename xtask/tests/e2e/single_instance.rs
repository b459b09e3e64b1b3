//! One window per home, and sign-ins that continue after a restart.

use crate::fixture::{App, NICKNAME, USER, run};
use anyhow::{Result, ensure};
use std::fs::{self, File};
use xtask::environment::Services;
use xtask::environment::browser::SCHEME;
use xtask::sign_in_pages;

/// U2: a second process ends and brings the first window to the front.
#[tokio::test]
async fn a_second_process_shows_the_first_window() -> Result<()> {
    run("a_second_process_shows_the_first_window", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let before = env.nameplate_windows()?;
        env.focus_leaves_nameplate()?;
        let mut second = env.start_another(&app.home)?;
        ensure!(second.ended().await?.success(), "the second start failed: {}", second.log());
        env.focus_reaches_nameplate().await?;
        ensure!(env.nameplate_windows()? == before, "there are other windows than before");
        app.window.screen("welcome").await
    })
    .await
}

/// Another process that updates the database is waited for, and the window tells so.
#[tokio::test]
async fn a_database_that_is_being_updated_is_waited_for() -> Result<()> {
    run("a_database_that_is_being_updated_is_waited_for", Services::Standard, async |env| {
        let home = env.home()?;
        fs::create_dir(home.join("locks"))?;
        let held = File::create(home.join("locks/migrate.lock"))?;
        held.lock()?;
        let app = App::at(env, home).await?;
        app.window.page().shown("[data-testid=notice][data-code=store_updating]").await?;
        app.window.screen("loading").await?;
        held.unlock()?;
        app.window.screen("welcome").await?;
        app.sign_in(env, "discord").await?;
        app.loses("[data-testid=notice]").await
    })
    .await
}

/// S22: a second process passes on a link only if it is the only argument and has our scheme.
#[tokio::test]
async fn a_second_process_passes_on_one_link() -> Result<()> {
    run("a_second_process_passes_on_one_link", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.click("button[data-provider=discord]").await?;
        env.next_link().await?;
        app.change_method("deep_link").await?;
        let authorize = env.next_link().await?;
        let denied = sign_in_pages::submit(&authorize, USER, "deny").await?.to_string();
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
            let mut second = env.start_with(&app.home, arguments)?;
            ensure!(second.ended().await?.success(), "{}", second.log());
        }
        app.window.screen("waiting").await?;
        let allowed = sign_in_pages::submit(&authorize, USER, "allow").await?;
        let mut second = env.start_with(&app.home, &[allowed.as_str()])?;
        ensure!(second.ended().await?.success(), "{}", second.log());
        app.sees(NICKNAME).await
    })
    .await
}

/// U5, N1: Nameplate is not running when the response arrives; the link starts it, and it completes the sign-in.
#[tokio::test]
async fn the_deep_link_starts_the_program() -> Result<()> {
    run("the_deep_link_starts_the_program", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.begin_by_deep_link(env, "discord").await?;
        env.browser()?.log_in(USER).await?;
        app.quit(env).await?;
        ensure!(env.nameplate_windows()?.is_empty());
        env.browser()?.page().click("button[name=decision][value=allow]").await?;
        let window = env.window().await?;
        window.screen("profile").await?;
        ensure!(window.nickname().await? == NICKNAME);
        window.detach().await;
        env.quit()
    })
    .await
}

/// U5, N1: Nameplate is restarted while the browser is open; it binds the same port and completes the sign-in.
#[tokio::test]
async fn restarted_while_the_browser_is_open() -> Result<()> {
    run("restarted_while_the_browser_is_open", Services::Standard, async |env| {
        for provider in ["google", "kakao"] {
            let app = App::fresh(env).await?;
            app.begin(env, provider).await?;
            env.browser()?.log_in(USER).await?;
            let home = app.quit(env).await?;
            let app = App::at(env, home).await?;
            app.window.screen("waiting").await?;
            env.browser()?.page().click("button[name=decision][value=allow]").await?;
            app.sees(NICKNAME).await?;
            app.quit(env).await?;
        }
        Ok(())
    })
    .await
}
