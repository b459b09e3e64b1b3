//! Bluesky with its own server software, `@atproto/pds`.

use crate::account_list::{account, accounts};
use crate::fixture::{App, run};
use crate::keychain::service;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xtask::environment::child_process::ChildProcess;
use xtask::environment::pds::{NICKNAME, PICTURE};
use xtask::environment::until::until;
use xtask::environment::{Environment, Services};
use xtask::project;

/// N13, U19, S46, S48, S64, S65, S66, S69: in a home without any configuration a handle is all. The account is shown
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
        // The handle does not say which server it leads to.
        page.shown("[data-testid=confirm-host]").await?;
        ensure!(page.text("h1").await?.contains(&host(env)?), "{}", page.text("h1").await?);
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        app.click("[data-testid=confirm-host]").await?;
        let request = env.open_next_link().await?;
        ensure!(request.contains("request_uri=") && !request.contains("state="), "{request}");
        env.pds()?.log_in(env.browser()?).await?;
        env.pds()?.allow(env.browser()?).await?;
        app.sees(NICKNAME).await?;
        app.paints(PICTURE).await?;
        ensure!(env.opened()? == ["http"], "opened: {:?}", env.opened()?);
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

/// S48, S64, S66: the command line signs in by a handle, names the host that it leads to, and says of a bound token that it
/// is one: in JSON, and in words that are no part of the output.
#[tokio::test]
async fn the_command_line_says_that_a_token_is_bound() -> Result<()> {
    run("the_command_line_says_that_a_token_is_bound", Services::WithPds, async |env| {
        let home = env.home()?;
        let handle = env.pds()?.handle().to_owned();
        let mut command = env.env_vars().command(project::program("nameplate"));
        command.env("LANG", "C.UTF-8").arg("--home").arg(&home);
        command.args(["sign-in", "bluesky", "--handle", &handle]);
        let logs = env.folders().logs();
        let mut terminal = ChildProcess::start("nameplate-cli", command, &logs)?;
        let opening = format!("Opening Bluesky ({})", host(env)?);
        terminal.line(|line| line.starts_with(&opening).then_some(())).await?;
        env.open_next_link().await?;
        env.pds()?.log_in(env.browser()?).await?;
        env.pds()?.allow(env.browser()?).await?;
        terminal.line(|line| line.contains(NICKNAME).then_some(())).await?;
        ensure!(terminal.ended().await?.code() == Some(0));

        let token = token(env, &home).await?;
        for (language, words) in [("C.UTF-8", "bound to a key"), ("ko_KR.UTF-8", "키에 묶여")] {
            for (arguments, output) in [
                (&["token", "bluesky"][..], format!("{token}\n")),
                (&["run", "bluesky", "--", "sh", "-c", "printf %s $ACCESS_TOKEN"], token.clone()),
            ] {
                let mut command = env.env_vars().command(project::program("nameplate"));
                command.env("LANG", language).arg("--home").arg(&home).args(arguments);
                let done = command.output().await?;
                let told = String::from_utf8(done.stderr)?;
                ensure!(done.stdout == output.as_bytes(), "{arguments:?}: another output");
                ensure!(told.contains(words) && told.contains("DPoP"), "{arguments:?}: {told}");
                ensure!(!told.contains(&token), "the token is repeated");
            }
        }
        Ok(())
    })
    .await
}

/// The host of the server's pages.
fn host(env: &Environment) -> Result<String> {
    Ok(env.pds()?.issuer().trim_start_matches("http://").to_owned())
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
