//! `finish`: completes a sign-in that waits, whichever process began it.

use std::io::Read;

use login::{Code, Error, Login, Result};

use super::sign_in::report;
use crate::say::Say;

/// No answer is longer; the rest of an endless input is not read.
const LONGEST: u64 = 64 * 1024;

pub async fn run(login: &Login, say: &Say, url: &str) -> Result<()> {
    let address = if url == "-" { from_input()? } else { url.to_owned() };
    let user = login.finish(&address).await?;
    let provider = user.accounts.last().map(|account| account.provider.clone()).unwrap_or_default();
    report(say, &user, &provider);
    Ok(())
}

fn from_input() -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Error::new(Code::NotAnAnswer).detail(error))?;
    Ok(text)
}
