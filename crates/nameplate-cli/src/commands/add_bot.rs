//! `add-bot`: adds a bot to a server.

use nameplate::{Login, Result};

use super::browser_sign_in::{channel, until_done};
use super::sign_in::report_done;
use crate::arguments::AddBot;
use crate::output::Output;

pub async fn run(login: &Login, output: &Output, request: AddBot) -> Result<()> {
    let AddBot { provider, permissions, browser } = request;
    let ask = login.ask_bot_with(&provider, permissions, channel(login, &provider, &browser))?;
    let done = until_done(login, output, ask, &browser).await?;
    report_done(login, output, &done, &provider);
    Ok(())
}
