//! Another process: this test program once more, told by a variable what to be.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Names the folder that the child works in; without it a child is nothing.
pub const FOLDER: &str = "NAMEPLATE_TEST_FOLDER";
/// What the child prints that is meant for its parent.
const MARK: &str = "» ";

/// A running child.
pub struct ChildProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl ChildProcess {
    /// Starts the test `child` of this program, and nothing else of it.
    pub fn start(folder: &Path, variables: &[(&str, String)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    pub fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").and_then(|()| self.input.flush()).unwrap();
    }

    /// What it says next; `None` where it has ended.
    pub fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.trim_end().split_once(MARK) {
                return Some(said.to_owned());
            }
            line.clear();
        }
        None
    }

    /// Ends it at once, as the system does, wherever it is; what it had still said.
    pub fn kill(mut self) -> Vec<String> {
        // One that has come to its end by itself is past killing.
        let _ = self.child.kill();
        let said = std::iter::from_fn(|| self.hear()).collect();
        self.child.wait().unwrap();
        said
    }

    /// Waits for its end; whether it came to it by itself.
    pub fn ended_well(mut self) -> bool {
        drop(self.input);
        self.child.wait().unwrap().success()
    }
}

/// In the child: says something to the parent.
pub fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{MARK}{text}").and_then(|()| out.flush()).unwrap();
}
