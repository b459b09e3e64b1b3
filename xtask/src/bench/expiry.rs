//! Many processes ask for a token that is about to end: one refreshes it, and all get the new one.

use super::Extent;
use super::report::{Report, Target};
use super::session::Session;
use super::statistics::Pairs;
use super::token::service;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::process::Command;

const PROCESSES: usize = 50;

/// How long the last of them waits, beside one alone.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let home = session.home("expiry")?;
    let account = session.sign_in(&home).await?;
    let service = service(&home)?;
    let mut pairs = Pairs::default();
    for _ in 0..extent.times(2, 10) {
        let alone = last(session, &home, &account, 1).await?;
        pairs.push(last(session, &home, &account, PROCESSES).await?, alone);
    }
    let what = "50 processes request a token at expiry, one refresh, the last response";
    report.pairs(what, "ms", "1 process", &pairs, Target::Ratio(3.0));
    let mut pairs = Pairs::default();
    for _ in 0..extent.times(2, 10) {
        let lookups = || {
            let mut command = session.command("secret-tool");
            command.args(["lookup", "service", &service, "username", &account]);
            command
        };
        let floor = at_once(PROCESSES, lookups).await?.0;
        pairs.push(last(session, &home, &account, PROCESSES).await?, floor);
    }
    let against = "50 `secret-tool lookup` at once";
    report.pairs("the same 50 processes", "ms", against, &pairs, Target::Ratio(1.2));
    Ok(())
}

/// Milliseconds until the last of so many processes has the token that one of them refreshed.
async fn last(session: &Session, home: &Path, account: &str, processes: usize) -> Result<f64> {
    expire(session, home, account).await?;
    let before = refreshes(session).await?;
    let tokens = || {
        let mut command = session.nameplate(home);
        command.args(["token", account]);
        command
    };
    let (time, mut tokens) = at_once(processes, tokens).await?;
    tokens.dedup();
    ensure!(tokens.len() == 1, "the processes got {} tokens", tokens.len());
    let made = refreshes(session).await? - before;
    ensure!(made == 1, "{made} refreshes by {processes} processes");
    Ok(time)
}

/// Starts so many processes of a command at once; milliseconds until the last has ended, and what
/// each has printed.
async fn at_once(processes: usize, command: impl Fn() -> Command) -> Result<(f64, Vec<Vec<u8>>)> {
    let start = Instant::now();
    let mut running = Vec::new();
    for _ in 0..processes {
        running.push(command().stdout(Stdio::piped()).spawn()?);
    }
    let mut printed = Vec::new();
    for process in running {
        let output = process.wait_with_output().await?;
        ensure!(output.status.success(), "a process got no token");
        printed.push(output.stdout);
    }
    Ok((start.elapsed().as_secs_f64() * 1e3, printed))
}

async fn refreshes(session: &Session) -> Result<u64> {
    let log = session.demo.request_log().await?;
    let count = log.pointer("/grants/discord/refresh_token").and_then(Value::as_u64);
    Ok(count.unwrap_or_default())
}

/// Lets the token end a second ago: what the keychain says of it is replaced.
async fn expire(session: &Session, home: &Path, account: &str) -> Result<()> {
    let attributes = [("service", service(home)?), ("username", account.to_owned())];
    let mut lookup = session.command("secret-tool");
    lookup.arg("lookup").args(attributes.iter().flat_map(|(name, value)| [*name, value.as_str()]));
    let (_, found) = session.run(lookup).await?;
    let mut stored: Value = serde_json::from_slice(&found).context("not a session")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    stored["expires_at"] = json!(now - 1);
    session.replace_secret(&attributes, &stored.to_string()).await
}
