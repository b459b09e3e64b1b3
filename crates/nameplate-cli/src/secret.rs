//! Reads a secret from standard input: one line, hidden on a terminal.

use std::io::{BufRead, IsTerminal, Read, stdin};

use nameplate::{Code, Error, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::output::Output;

/// Longest secret, in bytes; the rest of the line is not read.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// How often a user types a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    Once,
    /// Twice, until both are equal, because it cannot be reset.
    Twice,
}

/// Reads a secret. On a terminal, `prompt` is the key of the message to show.
pub fn read(output: &Output, prompt: &str, typed: Typed) -> Result<SecretString> {
    if !stdin().is_terminal() {
        return line();
    }
    loop {
        let first = hidden(output, prompt)?;
        if typed == Typed::Once || first.expose_secret() == hidden(output, "again")?.expose_secret()
        {
            return Ok(first);
        }
        output.line(&output.messages().command("not_the_same", &[]));
    }
}

fn hidden(output: &Output, prompt: &str) -> Result<SecretString> {
    let prompt = output.messages().command(prompt, &[]);
    rpassword::prompt_password(format!("{prompt} ")).map(SecretString::from).map_err(unreadable)
}

fn line() -> Result<SecretString> {
    let mut line = String::new();
    stdin().lock().take(MAX_SECRET_BYTES).read_line(&mut line).map_err(unreadable)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line.into())
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Code::Cancelled).with_detail(error)
}
