//! The command line beside the window, at the same home.

use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::{Duration, Instant};
use xtask::stage::Cast;
use xtask::stage::running::Running;

/// A sign-in by the command line shows in the open window within a second, and nobody touched the window.
#[tokio::test]
async fn its_sign_in_shows_in_the_open_window() -> Result<()> {
    play("its_sign_in_shows_in_the_open_window", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let mut command = stage.command_line(&app.home);
        command.args(["sign-in", "google", "--no-browser"]);
        let mut terminal = Running::start("nameplate-cli", command, &stage.folders().logs())?;
        let said = terminal.line(|line| event(line, "authorize")).await?;
        let url = said.get("url").and_then(Value::as_str).context("no url")?;
        stage.browser()?.open(url).await?;

        // The window itself notes when its profile appears, while the command line finishes.
        let page = app.window.page().clone();
        let shown = tokio::spawn(async move {
            page.shown("[data-testid=nickname]").await.map(|_| Instant::now())
        });
        stage.browser()?.answer(PERSON, "allow").await?;
        let said = terminal.line(|line| event(line, "signed_in")).await?;
        let done = Instant::now();
        ensure!(said.pointer("/user/nickname").and_then(Value::as_str) == Some(NICKNAME), "{said}");
        ensure!(terminal.ended().await?.code() == Some(0));
        let late = shown.await??.saturating_duration_since(done);
        ensure!(late < Duration::from_secs(1), "the window was {late:?} behind");
        app.sees(NICKNAME).await
    })
    .await
}

fn event(line: &str, name: &str) -> Option<Value> {
    let said: Value = serde_json::from_str(line).ok()?;
    (said.get("event")?.as_str()? == name).then_some(said)
}
