//! `finish`: completes a sign-in that waits, whichever process began it.

use std::io::Read;

use login::{Code, Done, Error, Login, Result};

use super::sign_in::report_done;
use crate::say::Say;

/// No answer is longer; the rest of an endless input is not read.
const LONGEST: u64 = 64 * 1024;

pub async fn run(login: &Login, say: &Say, url: &str) -> Result<()> {
    let address = if url == "-" { from_input()? } else { url.to_owned() };
    let done = login.take(&address).await?;
    let last = match &done {
        Done::SignedIn(user) => user.accounts.last().map(|account| account.provider.clone()),
        Done::BotAdded(bot) => Some(bot.provider.clone()),
    };
    report_done(login, say, &done, &last.unwrap_or_default());
    Ok(())
}

fn from_input() -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Error::new(Code::NotAnAnswer).detail(error))?;
    Ok(text)
}
