//! The command line beside the window, at the same home.

use crate::boundary::handler;
use crate::keychain::service;
use crate::listed::{account, accounts};
use crate::plain_client;
use crate::scene::{App, NICKNAME, OTHER, OTHERS_NICKNAME, PERSON, play};
use crate::secrets::{contains, files};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use xtask::stage::running::Running;
use xtask::stage::{Cast, Stage};

/// A sign-in by the command line shows in the open window within a second, and nobody touched the window.
#[tokio::test]
async fn its_sign_in_shows_in_the_open_window() -> Result<()> {
    play("its_sign_in_shows_in_the_open_window", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let (mut terminal, url) = sign_in(stage, &app.home, "google", &[]).await?;
        stage.browser()?.open(&url).await?;

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

/// U20: so does one of somebody else, beside whoever is here already; so does signing out of it.
#[tokio::test]
async fn somebody_else_shows_in_the_open_window() -> Result<()> {
    play("somebody_else_shows_in_the_open_window", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let (mut terminal, url) = sign_in(stage, &app.home, "google", &[]).await?;
        plain_client::follow(&url, OTHER, "allow").await?;
        ensure!(terminal.ended().await?.code() == Some(0));
        app.sees(OTHERS_NICKNAME).await?;
        app.click("[data-testid=people]").await?;
        app.window.page().shown("li + li [data-testid=person]").await?;
        let google = account(stage, &app.home, "google").await?;
        let left = stage.command_line(&app.home).args(["sign-out", &google]).output().await?;
        ensure!(left.status.success(), "{}", String::from_utf8_lossy(&left.stdout));
        app.sees(NICKNAME).await?;
        app.loses("li + li [data-testid=person]").await
    })
    .await
}

/// The provider's own form, a plain HTTP client in place of the browser: signed in, exit code 0.
#[tokio::test]
async fn a_plain_http_client_can_follow_it() -> Result<()> {
    play("a_plain_http_client_can_follow_it", Cast::Usual, async |stage| {
        let home = stage.home()?;
        for provider in ["discord", "google", "kakao", "company"] {
            let (mut terminal, url) = sign_in(stage, &home, provider, &[]).await?;
            let end = plain_client::follow(&url, PERSON, "allow").await?;
            ensure!(end.path() == "/done" && end.query().is_none(), "ended at {}", end.path());
            let said = terminal.line(|line| event(line, "signed_in")).await?;
            ensure!(
                said.pointer("/user/nickname").and_then(Value::as_str) == Some(NICKNAME),
                "{said}"
            );
            ensure!(terminal.ended().await?.code() == Some(0));
        }
        ensure!(stage.opened()?.is_empty(), "opened: {:?}", stage.opened()?);
        Ok(())
    })
    .await
}

/// S18: 3 where the person says no, 4 where nobody answers.
#[tokio::test]
async fn exit_codes_tell_how_a_sign_in_ended() -> Result<()> {
    play("exit_codes_tell_how_a_sign_in_ended", Cast::Usual, async |stage| {
        let home = stage.home()?;
        let (mut terminal, url) = sign_in(stage, &home, "discord", &[]).await?;
        plain_client::follow(&url, PERSON, "deny").await?;
        let said = terminal.line(|line| event(line, "error")).await?;
        ensure!(said.get("code").and_then(Value::as_str) == Some("access_denied"), "{said}");
        ensure!(terminal.ended().await?.code() == Some(3));

        let (mut terminal, _) = sign_in(stage, &home, "discord", &["--timeout", "1"]).await?;
        let said = terminal.line(|line| event(line, "error")).await?;
        ensure!(said.get("code").and_then(Value::as_str) == Some("timed_out"), "{said}");
        ensure!(terminal.ended().await?.code() == Some(4));
        ensure!(accounts(stage, &home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S46: what it could not do is never reported as done: renewing without a refresh token, and
/// leaving everywhere where the provider offers no way.
#[tokio::test]
async fn it_says_what_it_could_not_do() -> Result<()> {
    play("it_says_what_it_could_not_do", Cast::Usual, async |stage| {
        let home = stage.home()?;
        let run = async |arguments: &[&str]| {
            let output = stage.command_line(&home).args(arguments).output().await?;
            let said = String::from_utf8(output.stdout)?;
            let lines =
                said.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
            let text = |line: &Value, name| line[name].as_str().unwrap_or_default().to_owned();
            let told = lines.iter().map(|line| (text(line, "event"), text(line, "code")));
            anyhow::Ok((output.status.code(), told.collect::<Vec<_>>()))
        };
        let told = |event: &str, code: &str| (event.to_owned(), code.to_owned());
        for provider in ["github", "microsoft"] {
            let (mut terminal, url) = sign_in(stage, &home, provider, &[]).await?;
            plain_client::follow(&url, PERSON, "allow").await?;
            ensure!(terminal.ended().await?.code() == Some(0));
        }
        let github = account(stage, &home, "github").await?;
        let alone = run(&["refresh", &github]).await?;
        ensure!(alone == (Some(1), vec![told("error", "no_refresh_token")]), "{alone:?}");
        let all = run(&["refresh"]).await?;
        let expected = vec![told("refreshed", ""), told("notice", "no_refresh_token")];
        ensure!(all == (Some(0), expected), "{all:?}");
        let microsoft = account(stage, &home, "microsoft").await?;
        let left = run(&["sign-out", &microsoft, "--everywhere"]).await?;
        ensure!(left == (Some(1), vec![told("error", "revoke_unavailable")]), "{left:?}");
        let left = run(&["refresh"]).await?;
        ensure!(left == (Some(1), vec![told("error", "no_refresh_token")]), "{left:?}");
        Ok(())
    })
    .await
}

/// S50: 5 where there is no keychain, before any address is printed.
#[tokio::test]
async fn it_needs_a_keychain() -> Result<()> {
    play("it_needs_a_keychain", Cast::NoKeychain, async |stage| {
        let home = stage.home()?;
        let mut command = stage.command_line(&home);
        command.args(["sign-in", "discord", "--no-browser"]);
        let output = command.output().await?;
        ensure!(output.status.code() == Some(5), "{}", output.status);
        let said = String::from_utf8(output.stdout)?;
        ensure!(said.lines().all(|line| event(line, "authorize").is_none()), "{said}");
        ensure!(said.lines().any(|line| event(line, "error").is_some()), "{said}");
        Ok(())
    })
    .await
}

/// Forgetting leaves no entry, no handler, and nobody's name.
#[tokio::test]
async fn forgetting_leaves_nothing() -> Result<()> {
    play("forgetting_leaves_nothing", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        ensure!(!handler(stage).await?.is_empty(), "no handler is registered");
        let home = app.quit(stage).await?;
        let service = service(&home)?;
        ensure!(
            !stage.keychain()?.search(&[("service", &service)]).await?.is_empty(),
            "nothing is in the keychain"
        );
        let output = stage.command_line(&home).args(["forget", "--yes"]).output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_nobody_is_left(stage, &home).await?;
        ensure!(handler(stage).await?.is_empty(), "the handler is still registered");
        Ok(())
    })
    .await
}

/// The keychain holds nothing of this home, and no file of it knows anybody.
pub async fn assert_nobody_is_left(stage: &Stage, home: &Path) -> Result<()> {
    let found = stage.keychain()?.search(&[("service", &service(home)?)]).await?;
    ensure!(found.is_empty(), "the keychain holds something");
    // The files stay for whoever has them open; nobody is in them any more.
    for file in files(home).iter().filter(|file| !file.ends_with("providers.toml")) {
        let content = fs::read(file)?;
        let names = [NICKNAME, PERSON, OTHERS_NICKNAME, "mira@example.com"];
        let left = names.iter().find(|name| contains(&content, name.as_bytes()));
        ensure!(left.is_none(), "{} still knows {left:?}", file.display());
    }
    Ok(())
}

/// Begins a sign-in; the address that a browser would open.
async fn sign_in(
    stage: &Stage,
    home: &Path,
    provider: &str,
    more: &[&str],
) -> Result<(Running, String)> {
    let mut command = stage.command_line(home);
    command.args(["sign-in", provider, "--no-browser"]).args(more);
    let mut terminal = Running::start("nameplate-cli", command, &stage.folders().logs())?;
    let said = terminal.line(|line| event(line, "authorize")).await?;
    let url = said.get("url").and_then(Value::as_str).context("no url")?.to_owned();
    Ok((terminal, url))
}

fn event(line: &str, name: &str) -> Option<Value> {
    let said: Value = serde_json::from_str(line).ok()?;
    (said.get("event")?.as_str()? == name).then_some(said)
}
