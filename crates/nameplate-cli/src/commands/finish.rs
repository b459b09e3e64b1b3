//! `finish`: completes a pending sign-in of any process.

use std::io::{BufRead, IsTerminal, Read};

use nameplate::{Code, Error, Login, Result};

use super::sign_in::{finish_pictures, report_done};
use crate::output::Output;

/// Longest response, in bytes; the rest of the input is not read.
const LONGEST: u64 = 64 * 1024;

pub async fn run(login: &Login, output: &Output, url: &str) -> Result<()> {
    let address = match url {
        "-" => from_input()?,
        url => {
            output.aside(&output.messages().command("history_warning", &[]));
            url.to_owned()
        }
    };
    let provider = login.provider_of(&address).unwrap_or_default();
    let done = login.take(&address).await?;
    report_done(login, output, &done, &provider);
    finish_pictures(login).await;
    Ok(())
}

fn from_input() -> Result<String> {
    let (mut text, input) = (String::new(), std::io::stdin().lock());
    let terminal = input.is_terminal();
    let mut input = input.take(LONGEST);
    // On a terminal the input ends with the line.
    let read = match terminal {
        true => input.read_line(&mut text),
        false => input.read_to_string(&mut text),
    };
    read.map_err(|error| Error::new(Code::NotAnAnswer).detail(error))?;
    Ok(text)
}
