//! A child process: this test program, started with a variable that names its role.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Variable with the child's folder; without it the test `child` does nothing.
pub const FOLDER: &str = "NAMEPLATE_TEST_FOLDER";
/// Prefix of lines for the parent.
const MARK: &str = "» ";

/// A running child.
pub struct ChildProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl ChildProcess {
    /// Starts only the test `child` of this program.
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

    /// The next line for the parent; `None` after the end.
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

    /// Kills the process; returns its remaining lines.
    pub fn kill(mut self) -> Vec<String> {
        // It may have ended already.
        let _ = self.child.kill();
        let said = std::iter::from_fn(|| self.hear()).collect();
        self.child.wait().unwrap();
        said
    }

    /// Waits for the end; whether it succeeded.
    pub fn ended_well(mut self) -> bool {
        drop(self.input);
        self.child.wait().unwrap().success()
    }
}

/// In the child: sends a line to the parent.
pub fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{MARK}{text}").and_then(|()| out.flush()).unwrap();
}
