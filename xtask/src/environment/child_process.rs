//! A child process in its own process group, with its output in a log; killed on drop.

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Limit of every wait: far above what a slow machine needs.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How long a child may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// A child process.
#[derive(Debug)]
pub struct ChildProcess {
    name: String,
    child: Child,
    group: Option<Pid>,
    output: Option<Lines<BufReader<ChildStdout>>>,
    log: PathBuf,
}

impl ChildProcess {
    /// Starts it with an empty standard input.
    pub fn start(name: &str, mut command: Command, logs: &Path) -> Result<Self> {
        command.stdin(Stdio::null());
        Self::spawn(name, command, logs)
    }

    /// Starts it and writes `input` to its standard input.
    pub async fn start_with_input(
        name: &str,
        mut command: Command,
        logs: &Path,
        input: &str,
    ) -> Result<Self> {
        command.stdin(Stdio::piped());
        let mut running = Self::spawn(name, command, logs)?;
        let mut stdin = running.child.stdin.take().context("no standard input")?;
        stdin.write_all(input.as_bytes()).await?;
        Ok(running)
    }

    /// Reads its output until `find` returns a value.
    pub async fn line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        match timeout(TIMEOUT, self.find_line(find)).await {
            Ok(found) => found,
            Err(_) => Err(self.error("did not print the awaited line")),
        }
    }

    /// Copies the rest of its output to the log.
    pub fn drain(&mut self) {
        let Some(mut output) = self.output.take() else {
            return;
        };
        let log = self.log.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                append(&log, &line);
            }
        });
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it has ended; an error after the timeout.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        match timeout(TIMEOUT, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => Err(self.error("did not end")),
        }
    }

    /// Waits without a timeout until it has ended.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.group = None;
        Ok(status)
    }

    /// Sends SIGTERM to the group, and SIGKILL if it does not end.
    pub async fn stop(&mut self) {
        self.signal(Signal::TERM);
        if timeout(GRACE, self.child.wait()).await.is_err() {
            self.signal(Signal::KILL);
            let _ = self.child.wait().await;
        }
        // The number of the group may be reused from now on.
        self.group = None;
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn spawn(name: &str, mut command: Command, logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let errors = OpenOptions::new().create(true).append(true).open(&log)?;
        command.stdout(Stdio::piped()).stderr(errors).process_group(0).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let output = child.stdout.take().map(|pipe| BufReader::new(pipe).lines());
        Ok(Self { name: name.to_owned(), child, group, output, log })
    }

    async fn find_line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        loop {
            let Some(output) = self.output.as_mut() else {
                bail!("the output of {} is drained already", self.name)
            };
            let Some(line) = output.next_line().await? else {
                return Err(self.error("ended too early"));
            };
            append(&self.log, &line);
            if let Some(found) = find(&line) {
                return Ok(found);
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // An error means that the group has ended already.
        let _ = self.group.map(|group| kill_process_group(group, signal));
    }

    fn error(&self, what: &str) -> anyhow::Error {
        let log = self.log();
        let tail: Vec<&str> = log.lines().rev().take(15).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        anyhow!("{} {what}; the end of its log:\n{}", self.name, tail.join("\n"))
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn append(log: &Path, line: &str) {
    // A log that cannot be written does not end the run.
    let _ = File::options().append(true).open(log).and_then(|mut file| writeln!(file, "{line}"));
}
