//! `completions` and `man-pages`, which need no home.

use std::path::Path;
use std::process::ExitCode;

use clap_complete::Shell;

use crate::arguments::command;

/// Prints the completion script of a shell.
pub fn print(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "nameplate", &mut script);
    ended(std::io::Write::write_all(&mut std::io::stdout(), &script))
}

/// Writes a manual page for each command.
pub fn write_man_pages(dir: &Path) -> ExitCode {
    ended(clap_mangen::generate_to(command(), dir))
}

fn ended(written: std::io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nameplate: {error}");
            ExitCode::FAILURE
        }
    }
}
