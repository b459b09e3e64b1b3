//! Runs commands with their output on stderr; stdout is for the result of a task.

use crate::project;
use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::io;
use std::process::{Command, Stdio};

/// A command in the project's top folder.
pub fn command(program: &str, arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(project::root()).stdin(Stdio::null());
    command
}

/// Runs a command with its output on stderr; a failure is an error with its command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line_of(command);
    eprintln!("$ {line}");
    let status = command
        .stdout(Stdio::from(io::stderr()))
        .status()
        .with_context(|| format!("cannot start: {line}"))?;
    ensure!(status.success(), "failed: {line} ({status})");
    Ok(())
}

/// Whether a program is on PATH.
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The command line.
pub fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
