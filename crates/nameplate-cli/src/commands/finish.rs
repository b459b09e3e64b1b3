//! `finish`: completes a pending sign-in of any process.

use std::io::{BufRead, IsTerminal, Read};

use nameplate::{Code, Error, Nameplate, Result};

use super::sign_in_report::{finish_pictures, report_outcome};
use crate::output::Output;

/// Longest response, in bytes; the rest of the input is not read.
const MAX_RESPONSE_BYTES: u64 = 64 * 1024;

pub async fn run(nameplate: &Nameplate, output: &Output, url: &str) -> Result<()> {
    let address = match url {
        "-" => from_input()?,
        url => {
            output.aside(&output.messages().command("history_warning", &[]));
            url.to_owned()
        }
    };
    let provider = nameplate.sign_ins().provider_of(&address).unwrap_or_default();
    let outcome = nameplate.sign_ins().complete(&address).await?;
    report_outcome(nameplate, output, &outcome, &provider)?;
    finish_pictures(nameplate).await;
    Ok(())
}

fn from_input() -> Result<String> {
    let (mut text, input) = (String::new(), std::io::stdin().lock());
    let terminal = input.is_terminal();
    let mut input = input.take(MAX_RESPONSE_BYTES);
    // On a terminal the input ends with the line.
    let read = match terminal {
        true => input.read_line(&mut text),
        false => input.read_to_string(&mut text),
    };
    read.map_err(|error| Error::new(Code::NotAResponse).with_detail(error))?;
    Ok(text)
}
