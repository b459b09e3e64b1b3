//! "Try the demo": the demo provider that the program starts itself.

use crate::account_list::{account, accounts, users};
use crate::fixture::{App, NICKNAME, USER, run};
use crate::keychain::service;
use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpStream;
use std::path::Path;
use url::Url;
use xtask::environment::until::until;
use xtask::environment::{Environment, Services};

/// S9: it starts on demand, its account gives a token, and it ends with the program, also when that is killed. What is
/// left is one account, which can be removed.
#[tokio::test]
async fn the_demo_is_tried_and_removed() -> Result<()> {
    run("the_demo_is_tried_and_removed", Services::Standard, async |env| {
        let home = env.home()?;
        env.configure(&home, "")?;
        let app = App::at(env, home).await?;
        app.window.screen("welcome").await?;
        let server = try_it(&app, env).await?;
        app.sees(NICKNAME).await?;
        ensure!(app.window.page().text("[data-testid=demo-badge]").await? == "Demo");
        ensure!(accounts(env, &app.home).await? == ["demo:active"]);
        ensure!(token(env, &app.home).await?.is_some(), "a script got no token");

        let home = app.quit(env).await?;
        closes(&server).await?;
        ensure!(token(env, &home).await?.is_some(), "the token was lost with the demo");
        let refreshed = env.command_line(&home).args(["refresh", "demo"]).output().await?;
        let told = String::from_utf8(refreshed.stdout)?;
        ensure!(refreshed.status.code() == Some(1), "{told}");
        ensure!(told.contains("only while Nameplate’s window is open"), "{told}");
        let app = App::at(env, home).await?;
        app.sees(NICKNAME).await?;
        let demo = account(env, &app.home, "demo").await?;
        app.click("[data-testid=sign-out]").await?;
        app.click("[data-testid=sign-out-confirm]").await?;
        app.window.screen("welcome").await?;
        ensure!(users(env, &app.home).await?.is_empty());
        let item = [("service", &*service(&app.home)?), ("username", &*demo)];
        ensure!(env.keychain()?.search(&item).await?.is_empty(), "its session is in the keychain");

        let server = try_it(&app, env).await?;
        app.sees(NICKNAME).await?;
        let window = env.nameplate_windows()?.pop().context("no window")?;
        let window = Pid::from_raw(window.pid.cast_signed()).context("no process")?;
        app.window.detach().await;
        kill_process(window, Signal::KILL)?;
        closes(&server).await
    })
    .await
}

/// Signs in at it; where it listens.
async fn try_it(app: &App, env: &mut Environment) -> Result<Url> {
    app.click("[data-testid=try-demo]").await?;
    let request = Url::parse(&env.open_next_link().await?)?;
    ensure!(!request.as_str().starts_with(env.demo().base()), "it is that of the test");
    env.browser()?.answer(USER, "allow").await?;
    Ok(request)
}

async fn token(env: &Environment, home: &Path) -> Result<Option<String>> {
    let output = env.command_line(home).args(["token", "demo"]).output().await?;
    let token: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(token.get("access_token").and_then(serde_json::Value::as_str).map(str::to_owned))
}

/// Waits until nothing listens there.
async fn closes(server: &Url) -> Result<()> {
    let address = (server.host_str().context("no host")?, server.port().context("no port")?);
    until("the demo provider still runs", async || {
        Ok(TcpStream::connect(address).is_err().then_some(()))
    })
    .await
}
