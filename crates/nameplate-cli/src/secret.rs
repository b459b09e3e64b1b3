//! A secret from standard input: one line, which a terminal does not show.

use std::io::{BufRead, IsTerminal, Read, stdin};

use nameplate::{Code, Error, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::say::Say;

/// No secret is longer; the rest of an endless line is not read.
const LONGEST: u64 = 64 * 1024;

/// How often a person types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    Once,
    /// What nobody can restore is typed again, until both are the same.
    Twice,
}

/// Reads a secret. Where a person types, `prompt` names the sentence that asks for it.
pub fn read(say: &Say, prompt: &str, typed: Typed) -> Result<SecretString> {
    if !stdin().is_terminal() {
        return line();
    }
    loop {
        let first = hidden(say, prompt)?;
        if typed == Typed::Once || first.expose_secret() == hidden(say, "again")?.expose_secret() {
            return Ok(first);
        }
        say.line(&say.messages().command("not_the_same", &[]));
    }
}

fn hidden(say: &Say, prompt: &str) -> Result<SecretString> {
    let prompt = say.messages().command(prompt, &[]);
    rpassword::prompt_password(format!("{prompt} ")).map(SecretString::from).map_err(unreadable)
}

fn line() -> Result<SecretString> {
    let mut line = String::new();
    stdin().lock().take(LONGEST).read_line(&mut line).map_err(unreadable)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line.into())
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Code::Cancelled).detail(error)
}
