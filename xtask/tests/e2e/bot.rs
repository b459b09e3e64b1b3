//! Adding Discord's bot to a server: an action of its own, never part of signing in.

use crate::listed::{account, people};
use crate::scene::{App, PERSON, play};
use anyhow::{Result, ensure};
use xtask::stage::Cast;

/// The permissions are chosen in the window, the server at Discord; the window says where the bot is, and nobody new is
/// signed in.
#[tokio::test]
async fn the_bot_is_added_to_a_server() -> Result<()> {
    play("the_bot_is_added_to_a_server", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let before = people(stage, &app.home).await?;
        app.choose("add-bot", &account(stage, &app.home, "discord").await?).await?;
        app.click("[data-testid=bot-permission-2048]").await?;
        app.click("[data-testid=add-bot-confirm]").await?;
        let asked = stage.follow().await?;
        ensure!(asked.contains("permissions=2048"), "{asked}");
        ensure!(asked.contains("bot"), "{asked}");

        let browser = stage.browser()?;
        browser.log_in(PERSON).await?;
        browser.page().shown("select[name=guild]").await?.send_keys("하늘").await?;
        browser.page().click("button[name=decision][value=allow]").await?;
        app.window.page().shown("[data-testid=bot-added][data-guild='하늘의 서재']").await?;
        ensure!(people(stage, &app.home).await? == before);
        app.click("[data-testid=dismiss-bot]").await?;
        app.loses("[data-testid=bot-added]").await
    })
    .await
}
