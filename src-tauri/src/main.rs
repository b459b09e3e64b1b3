//! Starts the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write;

use nameplate_desktop::Answer;

/// For wrong arguments.
const USAGE: u8 = 2;

fn main() -> std::process::ExitCode {
    match nameplate_desktop::answer_of_arguments() {
        Some(answer @ (Answer::Help | Answer::Version)) => {
            // A closed pipe is no failure.
            let _ = std::io::stdout().write_all(answer.text().as_bytes());
            return std::process::ExitCode::SUCCESS;
        }
        Some(answer @ Answer::Unknown(_)) => {
            let _ = std::io::stderr().write_all(answer.text().as_bytes());
            return USAGE.into();
        }
        None => {}
    }
    match nameplate_desktop::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nameplate-desktop: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
