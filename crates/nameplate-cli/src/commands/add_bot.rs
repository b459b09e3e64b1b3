//! `add-bot`: adds a bot to a server.

use nameplate::{Nameplate, Result};

use super::browser_sign_in::{channel, until_done};
use super::sign_in::report_outcome;
use crate::arguments::AddBot;
use crate::output::Output;

pub async fn run(nameplate: &Nameplate, output: &Output, request: AddBot) -> Result<()> {
    let AddBot { provider, permissions, browser } = request;
    let mut request = nameplate.sign_ins().request_bot_with(&provider, permissions)?;
    request.channel = channel(nameplate, &provider, &browser);
    let outcome = until_done(nameplate, output, request, &browser).await?;
    report_outcome(nameplate, output, &outcome, &provider)
}
