//! `add-bot`: a bot is added to a server, and nobody is signed in by it.

use nameplate::{Login, Result};

use super::sign_in::report_done;
use super::waiting::{channel, until_done};
use crate::arguments::AddBot;
use crate::say::Say;

pub async fn run(login: &Login, say: &Say, wish: AddBot) -> Result<()> {
    let AddBot { provider, permissions, way } = wish;
    let ask = login.ask_bot_with(&provider, permissions, channel(login, &provider, &way))?;
    let done = until_done(login, say, ask, &way).await?;
    report_done(login, say, &done, &provider);
    Ok(())
}
