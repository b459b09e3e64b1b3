//! Sign-ins that fail or are cancelled.

use crate::account_list::accounts;
use crate::fixture::{App, NICKNAME, USER, run};
use crate::webview_security::{INVOKE, plugin};
use anyhow::{Result, ensure};
use serde_json::json;
use tokio::net::TcpStream;
use xtask::environment::Services;

/// S18: a denial at the provider is shown, and the next sign-in works.
#[tokio::test]
async fn denied_in_the_browser() -> Result<()> {
    run("denied_in_the_browser", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        for method in [Method::DeepLink, Method::Loopback] {
            match method {
                Method::DeepLink => app.begin_by_deep_link(env, "discord").await?,
                Method::Loopback => app.begin(env, "google").await?,
            };
            env.browser()?.answer(USER, "deny").await?;
            app.complains("access_denied").await?;
            ensure!(accounts(env, &app.home).await?.is_empty());
        }
        app.sign_in(env, "discord").await.map(drop)
    })
    .await
}

enum Method {
    DeepLink,
    Loopback,
}

/// S12: cancelling closes the port at once; a later response signs no user in.
#[tokio::test]
async fn cancelled_in_the_window() -> Result<()> {
    run("cancelled_in_the_window", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let asked = app.begin(env, "google").await?;
        env.browser()?.log_in(USER).await?;
        app.window.page().click("[data-testid=cancel]").await?;
        app.window.screen("welcome").await?;
        ensure!(
            TcpStream::connect(("127.0.0.1", asked.port()?)).await.is_err(),
            "the port is open"
        );

        app.begin_by_deep_link(env, "discord").await?;
        env.browser()?.log_in(USER).await?;
        app.window.page().click("[data-testid=cancel]").await?;
        app.window.screen("welcome").await?;
        env.browser()?.page().click("button[name=decision][value=allow]").await?;
        env.focus_reaches_nameplate().await?;
        ensure!(accounts(env, &app.home).await?.is_empty());
        app.window.screen("welcome").await
    })
    .await
}

/// S26: a sign-in ends after its timeout.
#[tokio::test]
async fn timed_out() -> Result<()> {
    run("timed_out", Services::Standard, async |env| {
        env.env_vars().set("NAMEPLATE_SIGN_IN_SECONDS", "3");
        let app = App::fresh(env).await?;
        app.begin(env, "google").await?;
        app.complains("timed_out").await?;
        app.window.screen("welcome").await?;
        ensure!(accounts(env, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S26: a second sign-in ends the first and closes its port.
#[tokio::test]
async fn superseded_by_another() -> Result<()> {
    run("superseded_by_another", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let first = app.begin(env, "google").await?;
        // The user interface offers this only after a cancel; the command does not need it.
        let ask =
            json!({ "provider": "kakao", "server": null, "method": null, "storage": "keychain" });
        app.window.script(INVOKE, vec![json!(plugin("sign_in")), ask]).await?;
        env.open_next_link().await?;
        ensure!(
            TcpStream::connect(("127.0.0.1", first.port()?)).await.is_err(),
            "the first port is open"
        );
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await?;
        ensure!(accounts(env, &app.home).await? == ["kakao:active"]);
        Ok(())
    })
    .await
}
