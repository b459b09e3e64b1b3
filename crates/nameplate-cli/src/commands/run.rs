//! `run`: one command with an access token in its environment.

use std::process::{Command, ExitCode};

use nameplate::{Nameplate, RefreshPolicy, Result, TokenType};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::arguments::Run;
use crate::output::Output;

/// As the shell and `env` report a command that is not found.
const NOT_FOUND: u8 = 127;
/// As they report any other command that cannot be run.
const NOT_RUN: u8 = 126;

/// The command with the token in its environment.
pub async fn prepare(nameplate: &Nameplate, output: &Output, request: Run) -> Result<Command> {
    let Run { account, env, command } = request;
    let account = nameplate.accounts().find(&account.account)?;
    let sessions = nameplate.sessions();
    let given = sessions.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await?;
    if given.token_type == TokenType::Dpop {
        output.aside(&output.messages().command("token_bound", &[]));
    }
    let mut words = command.into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).env(env, given.token.expose_secret());
    Ok(command)
}

/// Replaces this process by the command. Returns only if that fails.
#[cfg(unix)]
pub fn replace(output: &Output, mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    report(output, &command, &error)
}

/// Runs the command and ends with its exit code, where a process cannot be replaced.
#[cfg(not(unix))]
pub fn replace(output: &Output, mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => report(output, &command, &error),
    }
}

fn report(output: &Output, command: &Command, error: &std::io::Error) -> ExitCode {
    let program = command.get_program().to_string_lossy().into_owned();
    let filled = [("command", program.as_str()), ("reason", &error.to_string())];
    let message = output.messages().command("not_run", &filled);
    output.event("error", json!({ "code": "not_run", "message": message, "detail": program }));
    output.aside(&message);
    ExitCode::from(match error.kind() {
        std::io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_RUN,
    })
}
