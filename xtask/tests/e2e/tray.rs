//! The tray: off at first, with people and their tokens once it is on.

use crate::fixture::{App, NICKNAME, run};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use xtask::environment::tray::Tray;
use xtask::environment::until::until;
use xtask::environment::{Environment, Services};

/// Nothing is offered where there is no tray.
#[tokio::test]
async fn without_a_tray_there_is_no_setting() -> Result<()> {
    run("without_a_tray_there_is_no_setting", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.click("[data-testid=open-settings]").await?;
        app.window.page().shown("[data-testid=version]").await?;
        until("the settings of the desktop are not there", async || {
            Ok(app.window.page().has("[data-testid=desktop-settings]").await?.then_some(()))
        })
        .await?;
        ensure!(!app.window.page().has("[data-testid=tray]").await?, "a tray is offered");
        Ok(())
    })
    .await
}

/// The tray is off until it is turned on; it names people and accounts, copies a token, shows the hidden window, and
/// is there again after a restart.
#[tokio::test]
async fn the_tray_copies_a_token() -> Result<()> {
    run("the_tray_copies_a_token", Services::Standard, async |env| {
        let mut tray = Tray::start(env).await?;
        let app = App::fresh(env).await?;
        app.click("[data-testid=open-settings]").await?;
        app.click("[data-testid=tray]").await?;
        let item = tray.item().await?;
        let nobody = tray.menu(env, &item).await?;
        ensure!(nobody == ["Open Nameplate", "Quit"], "{nobody:?}");
        app.click("[data-testid=back]").await?;
        app.sign_in(env, "discord").await?;
        let copy = format!("Copy token: Discord ({NICKNAME})");
        until("the tray does not show the account", async || {
            Ok(tray.menu(env, &item).await?.contains(&copy).then_some(()))
        })
        .await?;

        tray.press(env, &item, &copy).await?;
        until("the use of the token is not noted", async || {
            Ok(last_use(env, &app.home).await?.filter(|by| by.contains("tray")))
        })
        .await?;
        let token = token(env, &app.home).await?;
        until("the token is not on the clipboard", async || {
            Ok((env.display().clipboard()? == token).then_some(()))
        })
        .await?;

        let hint = env.display().clipboard_as("x-kde-passwordManagerHint")?;
        ensure!(hint == "secret", "KDE's clipboard history keeps the token: {hint:?}");

        let window = env.nameplate_windows()?.pop().context("no window")?;
        env.display().close(&window)?;
        until("the window is still there", async || {
            Ok(env.nameplate_windows()?.is_empty().then_some(()))
        })
        .await?;
        tray.press(env, &item, "Open Nameplate").await?;
        app.sees(NICKNAME).await?;
        until("the window is hidden", async || {
            Ok((!env.nameplate_windows()?.is_empty()).then_some(()))
        })
        .await?;
        app.window.detach().await;
        tray.press(env, &item, "Quit").await?;
        tray.gone(&item).await?;

        env.start(&app.home)?;
        tray.item().await.map(drop)
    })
    .await
}

/// A copied token leaves the clipboard by itself, after the time that is set.
#[tokio::test]
async fn a_copied_token_leaves_the_clipboard() -> Result<()> {
    run("a_copied_token_leaves_the_clipboard", Services::Standard, async |env| {
        let mut tray = Tray::start(env).await?;
        let home = with_tray(env)?;
        let app = App::at(env, home).await?;
        let item = tray.item().await?;
        app.sign_in(env, "discord").await?;
        let token = token(env, &app.home).await?;
        let copy = format!("Copy token: Discord ({NICKNAME})");
        until("the tray does not show the account", async || {
            Ok(tray.menu(env, &item).await?.contains(&copy).then_some(()))
        })
        .await?;
        tray.press(env, &item, &copy).await?;
        until("the token is not on the clipboard", async || {
            Ok((env.display().clipboard()? == token).then_some(()))
        })
        .await?;
        until("the token stays on the clipboard", async || {
            Ok(env.display().clipboard()?.is_empty().then_some(()))
        })
        .await
    })
    .await
}

/// A window without its tray is closed, not hidden, since nothing would lead back to it.
#[tokio::test]
async fn a_window_without_its_tray_is_closed() -> Result<()> {
    run("a_window_without_its_tray_is_closed", Services::Standard, async |env| {
        let mut tray = Tray::start(env).await?;
        let home = with_tray(env)?;
        let mut app = env.start_another(&home)?;
        app.drain();
        let item = tray.item().await?;
        // By then the app listens for the end of the tray.
        tray.menu(env, &item).await?;
        tray.stop().await;
        notes_the_absence(&home).await?;
        let window = until("no window", async || Ok(env.nameplate_windows()?.pop())).await?;
        env.display().close(&window)?;
        app.ended().await.map(drop)
    })
    .await
}

/// At login the app may be there before the desktop's panel: it waits for that, and shows its window if none comes.
#[tokio::test]
async fn at_login_the_tray_is_waited_for() -> Result<()> {
    run("at_login_the_tray_is_waited_for", Services::Standard, async |env| {
        let home = with_tray(env)?;
        let mut app = env.start_with(&home, &["--background"])?;
        app.drain();
        notes_the_absence(&home).await?;
        let mut tray = Tray::start(env).await?;
        let item = tray.item().await?;
        let menu = tray.menu(env, &item).await?;
        ensure!(menu == ["Open Nameplate", "Quit"], "{menu:?}");
        ensure!(env.nameplate_windows()?.is_empty(), "the window is shown beside the tray");
        tray.stop().await;
        until("the window stays hidden without a tray", async || {
            Ok((!env.nameplate_windows()?.is_empty()).then_some(()))
        })
        .await
    })
    .await
}

/// A home whose tray is turned on, and whose tokens are on the clipboard for a short time.
fn with_tray(env: &Environment) -> Result<PathBuf> {
    let home = env.home()?;
    std::fs::write(home.join("desktop.json"), r#"{"tray":true,"clipboard_seconds":3}"#)?;
    Ok(home)
}

/// Waits until the app has noted that the desktop shows no tray.
async fn notes_the_absence(home: &Path) -> Result<()> {
    until("the absence of the tray is not noted", async || {
        let logs = std::fs::read_dir(home.join("logs")).into_iter().flatten();
        let texts = logs.flatten().map(|file| std::fs::read_to_string(file.path()));
        let noted = texts.flatten().any(|text| text.contains("the desktop shows no tray"));
        Ok(noted.then_some(()))
    })
    .await
}

async fn token(env: &Environment, home: &Path) -> Result<String> {
    let output = env.command_line(home).args(["token", "discord"]).output().await?;
    let token: Value = serde_json::from_slice(&output.stdout)?;
    Ok(token["access_token"].as_str().context("no token")?.to_owned())
}

/// What the account's token was last given to.
async fn last_use(env: &Environment, home: &Path) -> Result<Option<String>> {
    let output = env.command_line(home).arg("accounts").output().await?;
    let state: Value = serde_json::from_slice(&output.stdout)?;
    Ok(state.pointer("/users/0/accounts/0/last_use/by").and_then(Value::as_str).map(str::to_owned))
}
