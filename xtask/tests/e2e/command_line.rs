//! The command line, alone and beside the window at the same home.

use crate::account_list::{account, accounts};
use crate::fixture::{App, NICKNAME, OTHER_NICKNAME, OTHER_USER, USER, run};
use crate::keychain::service;
use crate::secret_leaks::{contains, files};
use crate::webview_security::handler;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use xtask::environment::child_process::ChildProcess;
use xtask::environment::{Environment, Services};
use xtask::sign_in_pages;

/// A sign-in by the command line appears in the open window, which shows the command for its token: that prints it.
#[tokio::test]
async fn a_sign_in_appears_in_the_open_window() -> Result<()> {
    run("a_sign_in_appears_in_the_open_window", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let (mut terminal, url) = sign_in(env, &app.home, "google", &[]).await?;
        env.browser()?.open(&url).await?;

        env.browser()?.answer(USER, "allow").await?;
        let said = terminal.line(|line| event(line, "signed_in")).await?;
        ensure!(said.pointer("/user/nickname").and_then(Value::as_str) == Some(NICKNAME), "{said}");
        ensure!(terminal.ended().await?.code() == Some(0));
        app.sees(NICKNAME).await?;
        app.click("[data-testid=open-account]").await?;
        let shown = app.window.page().text("[data-testid=copy-command]").await?;
        let home = app.home.display();
        let (_, name) = shown
            .split_once(&format!("nameplate --home {home} token "))
            .with_context(|| format!("the window shows {shown}"))?;
        ensure!(name.trim() == "google:haneul@gmail.com", "{name}");
        let output = env.command_line(&app.home).args(["token", name.trim()]).output().await?;
        let printed = String::from_utf8(output.stdout)?;
        ensure!(printed.lines().any(|line| event(line, "token").is_some()), "{printed}");
        Ok(())
    })
    .await
}

/// U20: a sign-in and a sign-out of a second user appear in the open window.
#[tokio::test]
async fn a_second_user_appears_in_the_open_window() -> Result<()> {
    run("a_second_user_appears_in_the_open_window", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        let (mut terminal, url) = sign_in(env, &app.home, "google", &[]).await?;
        sign_in_pages::follow(sign_in_pages::submit(&url, OTHER_USER, "allow").await?).await?;
        ensure!(terminal.ended().await?.code() == Some(0));
        app.sees(OTHER_NICKNAME).await?;
        app.click("[data-testid=people]").await?;
        app.window.page().shown("li + li [data-testid=person]").await?;
        let google = account(env, &app.home, "google").await?;
        let left = env.command_line(&app.home).args(["sign-out", &google]).output().await?;
        ensure!(left.status.success(), "{}", String::from_utf8_lossy(&left.stdout));
        app.sees(NICKNAME).await?;
        app.loses("li + li [data-testid=person]").await
    })
    .await
}

/// `sign-in --no-browser` works with a plain HTTP client instead of the browser, with exit code 0.
#[tokio::test]
async fn a_sign_in_works_with_a_plain_http_client() -> Result<()> {
    run("a_sign_in_works_with_a_plain_http_client", Services::Standard, async |env| {
        let home = env.home()?;
        for provider in ["discord", "google", "kakao", "company"] {
            let (mut terminal, url) = sign_in(env, &home, provider, &[]).await?;
            let end =
                sign_in_pages::follow(sign_in_pages::submit(&url, USER, "allow").await?).await?;
            ensure!(end.path() == "/done" && end.query().is_none(), "ended at {}", end.path());
            let said = terminal.line(|line| event(line, "signed_in")).await?;
            ensure!(
                said.pointer("/user/nickname").and_then(Value::as_str) == Some(NICKNAME),
                "{said}"
            );
            ensure!(terminal.ended().await?.code() == Some(0));
        }
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        Ok(())
    })
    .await
}

/// S18: exit code 3 after a denial, 4 after the timeout.
#[tokio::test]
async fn exit_codes_distinguish_denial_and_timeout() -> Result<()> {
    run("exit_codes_distinguish_denial_and_timeout", Services::Standard, async |env| {
        let home = env.home()?;
        let (mut terminal, url) = sign_in(env, &home, "discord", &[]).await?;
        sign_in_pages::follow(sign_in_pages::submit(&url, USER, "deny").await?).await?;
        let said = terminal.line(|line| event(line, "error")).await?;
        ensure!(said.get("code").and_then(Value::as_str) == Some("access_denied"), "{said}");
        ensure!(terminal.ended().await?.code() == Some(3));

        let (mut terminal, _) = sign_in(env, &home, "discord", &["--timeout", "1"]).await?;
        let said = terminal.line(|line| event(line, "error")).await?;
        ensure!(said.get("code").and_then(Value::as_str) == Some("timed_out"), "{said}");
        ensure!(terminal.ended().await?.code() == Some(4));
        ensure!(accounts(env, &home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S46: a refresh without a refresh token and a sign-out everywhere without revocation are errors.
#[tokio::test]
async fn what_was_not_done_is_an_error() -> Result<()> {
    run("what_was_not_done_is_an_error", Services::Standard, async |env| {
        let home = env.home()?;
        let run = async |arguments: &[&str]| {
            let output = env.command_line(&home).args(arguments).output().await?;
            let said = String::from_utf8(output.stdout)?;
            let lines =
                said.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
            let text = |line: &Value, name| line[name].as_str().unwrap_or_default().to_owned();
            let told = lines.iter().map(|line| (text(line, "event"), text(line, "code")));
            anyhow::Ok((output.status.code(), told.collect::<Vec<_>>()))
        };
        let told = |event: &str, code: &str| (event.to_owned(), code.to_owned());
        for provider in ["github", "microsoft"] {
            let (mut terminal, url) = sign_in(env, &home, provider, &[]).await?;
            sign_in_pages::follow(sign_in_pages::submit(&url, USER, "allow").await?).await?;
            ensure!(terminal.ended().await?.code() == Some(0));
        }
        let github = account(env, &home, "github").await?;
        let alone = run(&["refresh", &github]).await?;
        ensure!(alone == (Some(1), vec![told("error", "no_refresh_token")]), "{alone:?}");
        let all = run(&["refresh"]).await?;
        let expected = vec![told("refreshed", ""), told("notice", "no_refresh_token")];
        ensure!(all == (Some(0), expected), "{all:?}");
        let microsoft = account(env, &home, "microsoft").await?;
        let left = run(&["sign-out", &microsoft, "--everywhere"]).await?;
        ensure!(left == (Some(1), vec![told("error", "revoke_unavailable")]), "{left:?}");
        let left = run(&["refresh"]).await?;
        ensure!(left == (Some(1), vec![told("error", "no_refresh_token")]), "{left:?}");
        Ok(())
    })
    .await
}

/// S50: without a keychain the exit code is 5, before an address is printed.
#[tokio::test]
async fn a_sign_in_needs_a_keychain() -> Result<()> {
    run("a_sign_in_needs_a_keychain", Services::WithoutKeychain, async |env| {
        let home = env.home()?;
        let mut command = env.command_line(&home);
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

/// `reset` leaves no keychain item, no desktop entry and no name of a user.
#[tokio::test]
async fn a_reset_deletes_everything() -> Result<()> {
    run("a_reset_deletes_everything", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        ensure!(!handler(env).await?.is_empty(), "no handler is registered");
        let home = app.quit(env).await?;
        let service = service(&home)?;
        ensure!(
            !env.keychain()?.search(&[("service", &service)]).await?.is_empty(),
            "nothing is in the keychain"
        );
        let output = env.command_line(&home).args(["forget", "--yes"]).output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_no_user_data(env, &home).await?;
        ensure!(handler(env).await?.is_empty(), "the handler is still registered");
        Ok(())
    })
    .await
}

/// Asserts that no keychain item and no file of this home refers to a user.
pub async fn assert_no_user_data(env: &Environment, home: &Path) -> Result<()> {
    let found = env.keychain()?.search(&[("service", &service(home)?)]).await?;
    ensure!(found.is_empty(), "the keychain holds something");
    // The files exist as long as a process has them open; they contain no user.
    for file in files(home).iter().filter(|file| !file.ends_with("providers.toml")) {
        let content = fs::read(file)?;
        let names = [NICKNAME, USER, OTHER_NICKNAME, "mira@example.com"];
        let left = names.iter().find(|name| contains(&content, name.as_bytes()));
        ensure!(left.is_none(), "{} still knows {left:?}", file.display());
    }
    Ok(())
}

/// Starts `sign-in --no-browser`; returns the process and the printed address.
pub async fn sign_in(
    env: &Environment,
    home: &Path,
    provider: &str,
    more: &[&str],
) -> Result<(ChildProcess, String)> {
    let mut command = env.command_line(home);
    command.args(["sign-in", provider, "--no-browser"]).args(more);
    let mut terminal = ChildProcess::start("nameplate-cli", command, &env.folders().logs())?;
    let said = terminal.line(|line| event(line, "authorize")).await?;
    let url = said.get("url").and_then(Value::as_str).context("no url")?.to_owned();
    Ok((terminal, url))
}

pub fn event(line: &str, name: &str) -> Option<Value> {
    let said: Value = serde_json::from_str(line).ok()?;
    (said.get("event")?.as_str()? == name).then_some(said)
}
