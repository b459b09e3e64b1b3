//! The log: a file for each day, in the home's folder, kept for a week. No token, code, verifier
//! or secret is ever given to it.

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

use crate::home::Home;

/// Writes what is left when it goes.
pub struct Log(#[allow(dead_code)] WorkerGuard);

/// Starts the log of a home; `None` where the folder cannot be written, which stops nothing.
pub fn start(home: &Home) -> Option<Log> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("nameplate")
        .filename_suffix("log")
        .max_log_files(7)
        .build(home.logs())
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    // Libraries may log whole URLs at finer levels, and with them a code.
    let filter = EnvFilter::new("warn,login=info,nameplate_desktop=info");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init()
        .ok()?;
    Some(Log(guard))
}
