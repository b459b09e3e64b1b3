//! The log: one file per day in the home's folder, seven files and 4 MiB at most. No
//! token, code, verifier or secret is logged.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Subscriber;
use tracing_appender::rolling::{Builder, RollingFileAppender, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::home::{Home, log_files};
use crate::private_fs::private_file;

/// Largest size of all files together, in bytes.
const LIMIT: u64 = 4 << 20;
/// Bytes written between two checks of the limit.
const STEP: usize = 64 << 10;

/// A writer that keeps the folder of log files within [`LIMIT`]. Several processes may write: each
/// appends, so that a file may be truncated at any time. The file is opened at the first line, since
/// most runs of the command line log nothing.
struct Limited {
    home: Home,
    /// `None` before the first line.
    file: Option<RollingFileAppender>,
    unmeasured: usize,
}

impl Limited {
    fn new(home: Home) -> Self {
        Self { home, file: None, unmeasured: STEP }
    }

    fn file(&mut self) -> std::io::Result<&mut RollingFileAppender> {
        let file = match self.file.take() {
            Some(file) => file,
            None => open(&self.home)?,
        };
        Ok(self.file.insert(file))
    }
}

impl Write for Limited {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.unmeasured >= STEP {
            make_room(&self.home.logs(), &self.home.identity().log_file);
            self.unmeasured = 0;
        }
        self.unmeasured += line.len();
        self.file()?.write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file()?.flush()
    }
}

fn open(home: &Home) -> std::io::Result<RollingFileAppender> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix(&home.identity().log_file)
        .filename_suffix("log")
        .max_log_files(7)
        .build(home.logs())
        .map_err(std::io::Error::other)?;
    // A file created at midnight gets its mode at the next start.
    for file in home.log_files() {
        let _ = private_file(&file);
    }
    Ok(file)
}

/// Writes one line after the other, also after a panic in between.
struct Lines(Mutex<Limited>);

struct Line<'a>(MutexGuard<'a, Limited>);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
        // It cannot be logged: the writer is in use. The next step tries again.
        drop(done);
    }
}

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

/// A subscriber that writes the log of a home. `target` is a target of the program itself that is
/// logged at INFO and above. The program makes it the global one, by
/// [`tracing::subscriber::set_global_default`]. Where the folder cannot be written, nothing is logged.
pub fn subscriber(home: &Home, target: &str) -> impl Subscriber + Send + Sync + 'static {
    let writer = Lines(Mutex::new(Limited::new(home.clone())));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).log_internal_errors(false);
    tracing_subscriber::registry().with(lines.with_writer(writer)).with(filter(target))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use tempfile::TempDir;

    use super::*;

    fn home() -> (TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
        home.prepare().unwrap();
        (dir, home)
    }

    /// The files stay within the limit and have the newest lines.
    #[test]
    fn the_log_has_a_size() {
        let (_dir, home) = home();
        let at = |name: &str| home.logs().join(name);
        std::fs::write(at("notes.2026-01-01.log"), vec![b'x'; 3 << 20]).unwrap();
        std::fs::write(at("notes.2026-01-02.log"), vec![b'x'; 1 << 20]).unwrap();
        let (mut one, mut two) = (Limited::new(home.clone()), Limited::new(home.clone()));
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
        let mut files = home.log_files();
        let sizes: Vec<_> = files.iter().map(|file| size(file)).collect();
        let total: u64 = sizes.iter().sum();
        assert!(total <= LIMIT + 2 * STEP as u64 + 2048, "{total} in {} files", sizes.len());
        files.sort();
        let newest = std::fs::read(files.last().unwrap()).unwrap();
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
        let (_dir, home) = home();
        let earlier = home.logs().join("notes.2026-01-01.log");
        std::fs::write(&earlier, "").unwrap();
        std::fs::set_permissions(&earlier, std::fs::Permissions::from_mode(0o644)).unwrap();
        tracing::subscriber::with_default(subscriber(&home, "notes"), || tracing::warn!("a line"));
        let files: Vec<_> = std::fs::read_dir(home.logs()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 2);
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
