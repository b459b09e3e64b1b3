//! `discord add-bot`: adds a bot to a server.

use nameplate::{Nameplate, Result};

use super::browser_sign_in::{method, until_done};
use super::sign_in_report::{finish, report_outcome};
use crate::arguments::AddBot;
use crate::output::Output;

/// The only provider that has bots.
const PROVIDER: &str = "discord";

pub async fn run(nameplate: &Nameplate, output: &Output, request: AddBot) -> Result<()> {
    let AddBot { permissions, browser } = request;
    let mut request = nameplate.sign_ins().request_extra_grant_with(PROVIDER, permissions)?;
    request.method = method(nameplate, PROVIDER, &browser);
    let outcome = until_done(nameplate, output, request, &browser).await;
    let reported =
        outcome.and_then(|outcome| report_outcome(nameplate, output, &outcome, PROVIDER));
    finish(nameplate).await;
    reported
}
