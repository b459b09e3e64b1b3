//! The log: a file for each day, in the home's folder, kept for a week. No token, code, verifier
//! or secret is ever given to it.

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

use crate::home::Home;
use crate::platform::private_file;

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
    // The folder keeps others out; one that is begun at midnight is made private at the next start.
    for entry in std::fs::read_dir(home.logs()).into_iter().flatten().flatten() {
        let _ = private_file(&entry.path());
    }
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// S53: nobody else reads the log, whatever an earlier version left open.
    #[test]
    fn the_log_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(dir.path()).unwrap();
        home.prepare().unwrap();
        let earlier = home.logs().join("nameplate.2026-01-01.log");
        std::fs::write(&earlier, "").unwrap();
        std::fs::set_permissions(&earlier, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _log = start(&home);
        let files: Vec<_> = std::fs::read_dir(home.logs()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 2);
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
