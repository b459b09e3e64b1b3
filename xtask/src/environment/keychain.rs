//! A Secret Service of its own: gnome-keyring with a new, unlocked login keyring.

use super::child_process::{ChildProcess, TIMEOUT};
use super::env_vars::EnvVars;
use super::folders::Folders;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use tokio::time::timeout;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// The interfaces by which items are found, unlocked and read.
const ASKED: [&str; 4] = ["Service", "Collection", "Item", "Prompt"];

/// Records the calls to the keychain.
#[derive(Debug)]
pub struct Listening {
    monitor: ChildProcess,
}

impl Listening {
    /// The calls up to the first of this name.
    pub async fn until(&mut self, last: &str) -> Result<Vec<String>> {
        let mut calls = Vec::new();
        loop {
            let call = self.monitor.line(called).await?;
            calls.push(call);
            if calls.last().is_some_and(|call| call == last) {
                return Ok(calls);
            }
        }
    }
}

/// `Unlock`, from `method call time=.. sender=.. interface=org.freedesktop.Secret.Service; member=Unlock`.
fn called(line: &str) -> Option<String> {
    line.starts_with("method call").then_some(())?;
    Some(line.split_once("member=")?.1.trim().to_owned())
}

/// A running gnome-keyring-daemon.
#[derive(Debug)]
pub struct Keychain {
    daemon: ChildProcess,
    env_vars: EnvVars,
}

impl Keychain {
    /// Starts it and waits until it is on the bus.
    pub async fn start(folders: &Folders, env_vars: &EnvVars) -> Result<Self> {
        let mut command = env_vars.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        command.arg(format!("--control-directory={}", folders.path("run/keyring").display()));
        let mut daemon =
            ChildProcess::start_with_input("keyring", command, &folders.logs(), "password").await?;
        daemon.drain();
        let mut wait = env_vars.command("gdbus");
        wait.args(["wait", "--session", "--timeout", "60", "org.freedesktop.secrets"]);
        let status =
            timeout(TIMEOUT, wait.status()).await.context("the keychain did not come up")??;
        ensure!(status.success(), "no Secret Service on the bus: {}", daemon.log());
        Ok(Self { daemon, env_vars: env_vars.clone() })
    }

    /// The output of `secret-tool search --all` for these attributes; empty if nothing is found.
    pub async fn search(&self, attributes: &[(&str, &str)]) -> Result<String> {
        let mut command = self.env_vars.command("secret-tool");
        command.args(["search", "--all"]);
        for (name, value) in attributes {
            command.args([name, value]);
        }
        let output = command.output().await?;
        // The secret is on stdout, the attributes are on stderr. It fails without output if nothing is found.
        let found = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&found).into_owned())
    }

    /// Stores an item, as another program would.
    pub async fn store(
        &self,
        label: &str,
        attributes: &[(&str, &str)],
        secret: &str,
    ) -> Result<()> {
        let mut command = self.env_vars.command("secret-tool");
        command.args(["store", "--label", label]);
        for (name, value) in attributes {
            command.args([name, value]);
        }
        command.stdin(std::process::Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        tokio::io::AsyncWriteExt::write_all(&mut stdin, secret.as_bytes()).await?;
        drop(stdin);
        ensure!(child.wait().await?.success(), "secret-tool store failed");
        Ok(())
    }

    /// Locks it; only the password unlocks it.
    pub async fn lock(&self) -> Result<()> {
        let mut command = self.env_vars.command("gdbus");
        command.args(["call", "--session", "--dest", SERVICE, "--object-path", ROOT]);
        command.args(["--method", "org.freedesktop.Secret.Service.Lock"]);
        command.arg(format!("['{COLLECTION}']"));
        ensure!(command.output().await?.status.success(), "the keychain does not lock");
        ensure!(self.is_locked().await?, "the keychain is open");
        Ok(())
    }

    /// Whether it is locked.
    pub async fn is_locked(&self) -> Result<bool> {
        let mut command = self.env_vars.command("gdbus");
        command.args(["call", "--session", "--dest", SERVICE, "--object-path", COLLECTION]);
        command.args(["--method", "org.freedesktop.DBus.Properties.Get"]);
        command.args(["org.freedesktop.Secret.Collection", "Locked"]);
        let output = command.output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).contains("true"))
    }

    /// Records every call from now on.
    pub async fn listen(&self, logs: &Path) -> Result<Listening> {
        let mut command = self.env_vars.command("dbus-monitor");
        command.arg("--session").args(
            ASKED.map(|asked| {
                format!("type='method_call',interface='org.freedesktop.Secret.{asked}'")
            }),
        );
        let mut monitor = ChildProcess::start("keychain-calls", command, logs)?;
        // Its first messages are about itself; after NameLost it monitors.
        monitor.line(|line| line.contains("member=NameLost").then_some(())).await?;
        Ok(Listening { monitor })
    }

    /// Stops it.
    pub async fn stop(&mut self) {
        self.daemon.stop().await;
    }
}
