//! `finish`: completes a sign-in that waits, whichever process began it.

use std::io::{BufRead, IsTerminal, Read};

use nameplate::{Code, Error, Login, Result};

use super::sign_in::{finish_pictures, report_done};
use crate::say::Say;

/// No answer is longer; the rest of an endless input is not read.
const LONGEST: u64 = 64 * 1024;

pub async fn run(login: &Login, say: &Say, url: &str) -> Result<()> {
    let address = match url {
        "-" => from_input()?,
        url => {
            say.aside(&say.messages().command("history_warning", &[]));
            url.to_owned()
        }
    };
    let provider = login.provider_of(&address).unwrap_or_default();
    let done = login.take(&address).await?;
    report_done(login, say, &done, &provider);
    finish_pictures(login).await;
    Ok(())
}

fn from_input() -> Result<String> {
    let (mut text, input) = (String::new(), std::io::stdin().lock());
    let terminal = input.is_terminal();
    let mut input = input.take(LONGEST);
    // Whoever pastes at a terminal ends with a line, not with the end of all input.
    let read = match terminal {
        true => input.read_line(&mut text),
        false => input.read_to_string(&mut text),
    };
    read.map_err(|error| Error::new(Code::NotAnAnswer).detail(error))?;
    Ok(text)
}
