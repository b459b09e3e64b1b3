//! Bluesky with its own server software, `@atproto/pds`.

use crate::account_list::{account, accounts};
use crate::fixture::{App, run};
use crate::keychain::service;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xtask::environment::pds::{NICKNAME, PICTURE};
use xtask::environment::until::until;
use xtask::environment::{Environment, Services};

/// N13, U19, S46, S48, S64, S65, S69: in a home without any configuration a handle is all. The account is shown
/// without network, its token is renewed under DPoP, and after the sign-out the server lists no program.
#[tokio::test]
async fn a_first_start_signs_in_by_a_handle() -> Result<()> {
    run("a_first_start_signs_in_by_a_handle", Services::WithPds, async |env| {
        let home = env.home()?;
        fs::remove_file(home.join("providers.toml"))?;
        let handle = env.pds()?.handle().to_owned();
        let app = App::at(env, home).await?;
        app.window.screen("welcome").await?;
        app.click("button[data-provider=bluesky]").await?;
        let page = app.window.page();
        page.shown("[data-testid=server-name]").await?.send_keys(&format!("@{handle}")).await?;
        app.click("[data-testid=server-go]").await?;
        let request = env.open_next_link().await?;
        ensure!(request.contains("request_uri=") && !request.contains("state="), "{request}");
        env.pds()?.log_in(env.browser()?).await?;
        env.pds()?.allow(env.browser()?).await?;
        app.sees(NICKNAME).await?;
        app.paints(PICTURE).await?;
        env.pds()?.lists_programs(env.browser()?, 1).await?;

        let home = app.quit(env).await?;
        env.disconnect_network().await;
        let app = App::at(env, home).await?;
        app.sees(NICKNAME).await?;
        app.paints(PICTURE).await?;
        app.window.page().shown("[data-testid=offline]").await?;
        ensure!(accounts(env, &app.home).await? == ["bluesky:active"]);

        env.reconnect_network().await?;
        let former = token(env, &app.home).await?;
        ensure!(told(env, &app.home, &["refresh", "bluesky"]).await?["event"] == "refreshed");
        let renewed = token(env, &app.home).await?;
        ensure!(renewed != former, "the token is the former one");
        ensure!(accounts(env, &app.home).await? == ["bluesky:active"]);

        let id = account(env, &app.home, "bluesky").await?;
        let keychain = service(&app.home)?;
        let kept = env.keychain()?.search(&[("service", &keychain), ("username", &id)]).await?;
        ensure!(
            kept.contains(&renewed) && kept.contains("dpop_key"),
            "the keychain has no session"
        );
        app.choose("sign-out", &id).await?;
        app.click("[data-testid=sign-out-confirm]").await?;
        app.window.screen("welcome").await?;
        ensure!(accounts(env, &app.home).await?.is_empty());
        // The tokens stay there until the server has taken them back.
        until("something is left in the keychain", async || {
            let left = env.keychain()?.search(&[("service", &keychain)]).await?;
            Ok(left.is_empty().then_some(()))
        })
        .await?;
        env.pds()?.lists_programs(env.browser()?, 0).await
    })
    .await
}

/// The access token, which is bound to the key of the session.
async fn token(env: &Environment, home: &Path) -> Result<String> {
    let given = told(env, home, &["token", "bluesky"]).await?;
    ensure!((&given["token_type"], &given["bound"]) == (&json!("DPoP"), &json!(true)));
    Ok(given["access_token"].as_str().unwrap_or_default().to_owned())
}

/// The last event of a command.
async fn told(env: &Environment, home: &Path, arguments: &[&str]) -> Result<Value> {
    let output = env.command_line(home).args(arguments).output().await?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "{arguments:?}: {text}");
    Ok(serde_json::from_str(text.lines().last().unwrap_or_default())?)
}
