//! From the callback to the nickname that is known, beside the web stack.

use super::Extent;
use super::report::{Report, Target};
use super::session::{Session, field};
use super::statistics::Pairs;
use super::web_stack::WebStack;
use crate::sign_in_pages;
use anyhow::{Result, ensure};
use std::time::Instant;

/// How long the provider takes for each response in the second run, in milliseconds.
const DELAY: u64 = 100;
/// Requests that a sign-in at Discord needs, one after the other: token and profile.
const REQUESTS: u64 = 2;

/// With a provider that answers at once, and with one that takes its time.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let stack = WebStack::start(session).await?;
    // Both have loaded everything then.
    stack.sign_in(session, 0).await?;
    sign_in(session, "sign-in-first", 0).await?;
    let floor = (REQUESTS * DELAY) as f64;
    for (delay, limit, what) in [
        (0, 85.0, "Callback to `signed_in`, provider answers at once"),
        (DELAY, floor + 60.0, "the same, provider answers after 100 ms (two requests: 200 ms)"),
    ] {
        let mut pairs = Pairs::default();
        for turn in 0..extent.times(6, 30) {
            let ours = sign_in(session, &format!("sign-in-{delay}-{turn}"), delay).await?;
            pairs.push(ours, stack.sign_in(session, delay).await?);
        }
        report.pairs(what, "ms", "web stack", &pairs, Target::AtMost(limit));
    }
    Ok(())
}

/// Signs a user in at a new home; milliseconds from the callback to the line on standard output.
async fn sign_in(session: &Session, name: &str, delay: u64) -> Result<f64> {
    let home = session.home(name)?;
    let mut command = session.nameplate(&home);
    command.args(["sign-in", "discord", "--no-browser"]);
    let mut running = session.start("sign-in", command)?;
    let authorize = running.line(|line| field(line, "authorize", "/url")).await?;
    let response = sign_in_pages::allow(&authorize).await?;
    session.demo.delay(delay).await?;
    let start = Instant::now();
    // As a browser does: it opens the page that the port leads to while the terminal waits.
    let browser = tokio::spawn(async move { sign_in_pages::follow(response).await });
    let nickname = running.line(|line| field(line, "signed_in", "/user/nickname")).await?;
    let time = start.elapsed();
    browser.await??;
    ensure!(running.ended().await?.success(), "the sign-in failed");
    session.demo.delay(0).await?;
    ensure!(!nickname.is_empty(), "no sign-in");
    Ok(time.as_secs_f64() * 1e3)
}
