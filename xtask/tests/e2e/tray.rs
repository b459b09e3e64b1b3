//! The tray: off at first, with people and their tokens once it is on.

use crate::fixture::{App, NICKNAME, run};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
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
        // The licences are asked for after the settings, and both answers come in order.
        app.click("[data-testid=open-licences]").await?;
        app.window.page().shown("[data-testid=libraries]").await?;
        app.click("[data-testid=back]").await?;
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
