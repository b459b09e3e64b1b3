//! What a screen reader is told of the window, by AT-SPI.

use super::Environment;
use super::child_process::ChildProcess;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;

/// Where distributions put the program that starts the accessibility bus.
const LAUNCHERS: &[&str] =
    &["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"];

/// The bindings are those of the system's own Python.
const PYTHON: &str = "/usr/bin/python3";

const DUMP: &str = include_str!("accessibility.py");

/// The accessibility bus; it must be there before the window starts.
#[derive(Debug)]
pub struct Accessibility {
    _launcher: ChildProcess,
}

/// One accessible of the window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Node {
    /// How deep it is in the tree.
    pub depth: usize,
    /// Its role, in AT-SPI's words.
    pub role: String,
    /// Its name.
    pub name: String,
    /// How its changes are told: `polite`, `assertive`, or empty.
    pub live: String,
    /// Level of a heading.
    pub level: String,
    /// Of `focused`, `checked`, `expanded`, `focusable`, `showing`.
    pub states: Vec<String>,
}

impl Node {
    /// Whether it has a state.
    pub fn is(&self, state: &str) -> bool {
        self.states.iter().any(|has| has == state)
    }
}

impl Accessibility {
    /// Starts the bus.
    pub fn start(env: &mut Environment) -> Result<Self> {
        let launcher = LAUNCHERS.iter().find(|path| Path::new(path).exists());
        let launcher = launcher.context("there is no at-spi-bus-launcher")?;
        env.env_vars().set("NO_AT_BRIDGE", "0");
        let mut command = env.env_vars().command(launcher);
        command.args(["--launch-immediately", "--a11y=1", "--screen-reader=1"]);
        let mut launcher = ChildProcess::start("at-spi", command, &env.folders().logs())?;
        launcher.drain();
        Ok(Self { _launcher: launcher })
    }

    /// The whole tree of the window.
    pub async fn tree(&self, env: &mut Environment) -> Result<Vec<Node>> {
        let mut command = env.env_vars().command(PYTHON);
        let output = command.args(["-c", DUMP]).output().await?;
        if !output.status.success() {
            bail!("no tree: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Waits until an accessible is what is looked for.
    pub async fn shown(
        &self,
        env: &mut Environment,
        what: &str,
        is_it: impl Fn(&Node) -> bool,
    ) -> Result<Node> {
        let mut last = Vec::new();
        for _ in 0..TRIES {
            last = self.tree(env).await.unwrap_or_default();
            if let Some(node) = last.iter().find(|node| is_it(node)) {
                return Ok(node.clone());
            }
        }
        bail!("{what} is not there: {last:#?}")
    }
}

/// Each look takes about half a second.
const TRIES: usize = 60;
