//! Starts the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write;

fn main() -> std::process::ExitCode {
    if let Some(text) = nameplate_desktop::answer_of_arguments() {
        // A closed pipe is no failure.
        let _ = std::io::stdout().write_all(text.as_bytes());
        return std::process::ExitCode::SUCCESS;
    }
    match nameplate_desktop::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nameplate-desktop: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
