//! The log: one file per day in the home's folder, seven files and 4 MiB at most. No
//! token, code, verifier or secret is logged.

use std::io::Write;
use std::path::{Path, PathBuf};

use tracing::Subscriber;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::home::{Home, log_files};
use crate::private_fs::private_file;

/// Largest size of all files together, in bytes.
const LIMIT: u64 = 4 << 20;
/// Bytes written between two checks of the limit.
const STEP: usize = 64 << 10;

/// A writer that keeps the folder of log files within [`LIMIT`]. Several processes may write: each
/// appends, so that a file may be truncated at any time.
struct Limited<W> {
    file: W,
    folder: PathBuf,
    /// First part of the names of the files.
    name: String,
    unmeasured: usize,
}

impl<W: Write> Limited<W> {
    fn new(file: W, folder: &Path, name: &str) -> Self {
        Self { file, folder: folder.to_owned(), name: name.to_owned(), unmeasured: STEP }
    }
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.unmeasured >= STEP {
            make_room(&self.folder, &self.name);
            self.unmeasured = 0;
        }
        self.unmeasured += line.len();
        self.file.write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Deletes the oldest files over the limit. The newest, to which other processes may write, is
/// truncated if it is over the limit by itself.
fn make_room(folder: &Path, name: &str) {
    let mut files = log_files(folder, name);
    // The names are dates.
    files.sort_by(|one, other| other.cmp(one));
    let mut total = 0;
    for (age, file) in files.iter().enumerate() {
        total += file.metadata().map_or(0, |metadata| metadata.len());
        let done = match (total > LIMIT, age) {
            (false, _) => Ok(()),
            (true, 0) => {
                total = 0;
                std::fs::write(file, "")
            }
            (true, _) => std::fs::remove_file(file),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the log is larger than it should be");
        }
    }
}

/// Flushes the log when dropped.
pub struct Log(#[allow(dead_code)] WorkerGuard);

/// Libraries may log URLs with authorization codes at INFO and below. A debug build of the deep
/// link plugin logs URLs of other schemes at WARN.
fn filter(target: &str) -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("nameplate", LevelFilter::INFO)
        .with_target("native_oauth", LevelFilter::INFO)
        .with_target("tauri_plugin_nameplate", LevelFilter::INFO)
        .with_target("tauri_plugin_deep_link", LevelFilter::OFF)
        .with_target(target, LevelFilter::INFO)
}

/// A subscriber that writes the log of a home, and what flushes it. `target` is a target of the
/// program itself that is logged at INFO and above. The program makes it the global one, by
/// [`tracing::subscriber::set_global_default`]; `None` if the folder cannot be written.
pub fn subscriber(
    home: &Home,
    target: &str,
) -> Option<(impl Subscriber + Send + Sync + 'static, Log)> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix(&home.identity().log_file)
        .filename_suffix("log")
        .max_log_files(7)
        .build(home.logs())
        .ok()?;
    // A file created at midnight gets its mode at the next start.
    for file in home.log_files() {
        let _ = private_file(&file);
    }
    let (writer, guard) =
        tracing_appender::non_blocking(Limited::new(file, &home.logs(), &home.identity().log_file));
    let subscriber = tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer))
        .with(filter(target));
    Some((subscriber, Log(guard)))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// The files stay within the limit and have the newest lines.
    #[test]
    fn the_log_has_a_size() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("notes.2026-01-01.log"), vec![b'x'; 3 << 20]).unwrap();
        std::fs::write(at("notes.2026-01-02.log"), vec![b'x'; 1 << 20]).unwrap();
        let today = at("notes.2026-01-03.log");
        let open = || std::fs::File::options().create(true).append(true).open(&today).unwrap();
        let (mut one, mut two) =
            (Limited::new(open(), dir.path(), "notes"), Limited::new(open(), dir.path(), "notes"));
        std::fs::write(at("other.log"), vec![b'x'; 5 << 20]).unwrap();
        let line = [&[b'y'; 1023][..], b"\n"].concat();
        for _ in 0..10_000 {
            one.write_all(&line).unwrap();
            two.write_all(&line).unwrap();
        }
        one.write_all(b"the newest line").unwrap();
        let size = |file: &Path| file.metadata().unwrap().len();
        assert_eq!(size(&at("other.log")), 5 << 20, "not one of ours");
        std::fs::remove_file(at("other.log")).unwrap();
        let files = std::fs::read_dir(dir.path()).unwrap().flatten();
        let sizes: Vec<_> = files.map(|file| size(&file.path())).collect();
        let total: u64 = sizes.iter().sum();
        assert!(total <= LIMIT + 2 * STEP as u64 + 2048, "{total} in {} files", sizes.len());
        let newest = std::fs::read(&today).unwrap();
        assert!(newest.ends_with(b"the newest line"));
    }

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// S48, S60: libraries log no deep link.
    #[test]
    fn no_link_is_logged() {
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        let log = tracing_subscriber::registry().with(layer).with(filter("notes"));
        tracing::subscriber::with_default(log, || {
            let link = "other:/callback/discord?code=s3cret";
            tracing::warn!(target: "tauri_plugin_deep_link", "argument {link} does not match");
            tracing::error!(target: "tauri_plugin_deep_link::imp", "{link}");
            tracing::info!(target: "hyper_util::client", "{link}");
            tracing::warn!(target: "hyper_util::client", "a warning");
        });
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("a warning") && !written.contains("s3cret"), "{written}");
    }

    /// S53: the log is private, also a file that was made with another mode.
    #[test]
    fn the_log_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
        home.prepare().unwrap();
        let earlier = home.logs().join("notes.2026-01-01.log");
        std::fs::write(&earlier, "").unwrap();
        std::fs::set_permissions(&earlier, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _log = subscriber(&home, "notes");
        let files: Vec<_> = std::fs::read_dir(home.logs()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 2);
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
