//! Adding Discord's bot to a server, which is separate from signing in.

use crate::account_list::{account, users};
use crate::fixture::{App, USER, run};
use anyhow::{Result, ensure};
use xtask::environment::Services;

/// The permissions are selected in the window, the server at Discord. The window names the server, and no user is added.
#[tokio::test]
async fn the_bot_is_added_to_a_server() -> Result<()> {
    run("the_bot_is_added_to_a_server", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        let before = users(env, &app.home).await?;
        app.choose("add-bot", &account(env, &app.home, "discord").await?).await?;
        app.click("[data-testid=bot-permission-2048]").await?;
        app.click("[data-testid=add-bot-confirm]").await?;
        let asked = env.open_next_link().await?;
        ensure!(asked.contains("permissions=2048"), "{asked}");
        ensure!(asked.contains("bot"), "{asked}");

        let browser = env.browser()?;
        browser.log_in(USER).await?;
        browser.page().shown("select[name=guild]").await?.send_keys("하늘").await?;
        browser.page().click("button[name=decision][value=allow]").await?;
        app.window.page().shown("[data-testid=bot-added][data-guild='하늘의 서재']").await?;
        ensure!(users(env, &app.home).await? == before);
        app.click("[data-testid=dismiss-bot]").await?;
        app.loses("[data-testid=bot-added]").await
    })
    .await
}
