//! Device authorization (RFC 8628).

use crate::fixture::{App, NICKNAME, USER, run};
use anyhow::{Result, ensure};
use xtask::environment::Services;

/// S47, N3: the window shows code, link and a warning; entering the code in a browser signs the user in.
#[tokio::test]
async fn github_by_device_code() -> Result<()> {
    run("github_by_device_code", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.begin(env, "github").await?;
        app.change_method("device_code").await?;
        let page = app.window.page();
        page.shown("[data-testid=device-warning]").await?;
        let code = page.text("[data-testid=device-code]").await?;
        let shown = page.text("[data-testid=device-uri]").await?;
        app.click("[data-testid=open-device-page]").await?;
        let opened = env.open_next_link().await?;
        ensure!(opened == shown, "{opened} was opened, {shown} is shown");

        let browser = env.browser()?;
        browser.page().shown("input[name=user_code]").await?.send_keys(code.trim()).await?;
        browser.page().click("form button").await?;
        browser.answer(USER, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// S47: a denial in the browser is shown in the window.
#[tokio::test]
async fn a_denied_device_code() -> Result<()> {
    run("a_denied_device_code", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.begin(env, "github").await?;
        app.change_method("device_code").await?;
        let code = app.window.page().text("[data-testid=device-code]").await?;
        app.click("[data-testid=open-device-page]").await?;
        env.open_next_link().await?;
        let browser = env.browser()?;
        browser.page().shown("input[name=user_code]").await?.send_keys(code.trim()).await?;
        browser.page().click("form button").await?;
        browser.answer(USER, "deny").await?;
        app.complains("access_denied").await
    })
    .await
}
