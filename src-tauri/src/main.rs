//! Starts the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write;

use nameplate_desktop::Printed;

/// For wrong arguments.
const USAGE: u8 = 2;

fn main() -> std::process::ExitCode {
    match nameplate_desktop::answer_of_arguments() {
        Some(Printed::Answer(text)) => {
            // A closed pipe is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return std::process::ExitCode::SUCCESS;
        }
        Some(Printed::Refusal(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
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
