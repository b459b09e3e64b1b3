//! A tray on the private session bus.

use super::Environment;
use super::child_process::ChildProcess;
use anyhow::{Result, ensure};

/// The bindings are those of the system's own Python.
const PYTHON: &str = "/usr/bin/python3";

const TRAY: &str = include_str!("tray.py");

/// The running tray.
#[derive(Debug)]
pub struct Tray {
    watcher: ChildProcess,
}

impl Tray {
    /// Starts it.
    pub async fn start(env: &mut Environment) -> Result<Self> {
        let mut command = env.env_vars().command(PYTHON);
        command.args(["-c", TRAY]);
        let mut watcher = ChildProcess::start("tray", command, &env.folders().logs())?;
        watcher.line(|line| (line == "watching").then_some(())).await?;
        Ok(Self { watcher })
    }

    /// Waits for the next item; its name on the bus.
    pub async fn item(&mut self) -> Result<String> {
        self.watcher.line(|line| line.strip_prefix("item ").map(str::to_owned)).await
    }

    /// Waits until an item is gone.
    pub async fn gone(&mut self, item: &str) -> Result<()> {
        self.watcher.line(|line| (line.strip_prefix("left ") == Some(item)).then_some(())).await
    }

    /// Ends it, as a panel that crashes.
    pub async fn stop(mut self) {
        self.watcher.stop().await;
    }

    /// The entries of an item's menu that can be pressed.
    pub async fn menu(&self, env: &mut Environment, item: &str) -> Result<Vec<String>> {
        run(env, &[item]).await
    }

    /// Presses an entry.
    pub async fn press(&self, env: &mut Environment, item: &str, label: &str) -> Result<()> {
        let entries = run(env, &[item, label]).await?;
        ensure!(entries.iter().any(|entry| entry == label), "{label} is not in {entries:?}");
        Ok(())
    }
}

async fn run(env: &mut Environment, arguments: &[&str]) -> Result<Vec<String>> {
    let mut command = env.env_vars().command(PYTHON);
    let output = command.args(["-c", TRAY]).args(arguments).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
