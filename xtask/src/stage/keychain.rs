//! The stage's own Secret Service: gnome-keyring with a fresh, unlocked login keyring.

use super::folders::Folders;
use super::running::{PATIENCE, Running};
use super::surroundings::Surroundings;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use tokio::time::timeout;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// All that entries are found, opened and asked for by.
const ASKED: [&str; 4] = ["Service", "Collection", "Item", "Prompt"];

/// Hears what is asked of the keychain.
#[derive(Debug)]
pub struct Listening {
    monitor: Running,
}

impl Listening {
    /// The calls up to the first of this name, which the caller knows to come.
    pub async fn until(&mut self, last: &str) -> Result<Vec<String>> {
        let mut heard = Vec::new();
        loop {
            let call = self.monitor.line(called).await?;
            heard.push(call);
            if heard.last().is_some_and(|call| call == last) {
                return Ok(heard);
            }
        }
    }
}

/// `method call time=.. sender=.. interface=org.freedesktop.Secret.Service; member=Unlock` is about `Unlock`.
fn called(line: &str) -> Option<String> {
    line.starts_with("method call").then_some(())?;
    Some(line.split_once("member=")?.1.trim().to_owned())
}

/// A running gnome-keyring-daemon.
#[derive(Debug)]
pub struct Keychain {
    daemon: Running,
    surroundings: Surroundings,
}

impl Keychain {
    /// Starts it and waits until the bus knows it.
    pub async fn start(folders: &Folders, surroundings: &Surroundings) -> Result<Self> {
        let mut command = surroundings.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        command.arg(format!("--control-directory={}", folders.path("run/keyring").display()));
        let mut daemon =
            Running::start_with_input("keyring", command, &folders.logs(), "stage").await?;
        daemon.drain();
        let mut wait = surroundings.command("gdbus");
        wait.args(["wait", "--session", "--timeout", "60", "org.freedesktop.secrets"]);
        let status =
            timeout(PATIENCE, wait.status()).await.context("the keychain did not come up")??;
        ensure!(status.success(), "no Secret Service on the bus: {}", daemon.log());
        Ok(Self { daemon, surroundings: surroundings.clone() })
    }

    /// What `secret-tool search --all` finds for these attributes: one block of text, empty if nothing.
    pub async fn search(&self, attributes: &[(&str, &str)]) -> Result<String> {
        let mut command = self.surroundings.command("secret-tool");
        command.args(["search", "--all"]);
        for (name, value) in attributes {
            command.args([name, value]);
        }
        let output = command.output().await?;
        // It prints the secret on stdout and the attributes on stderr, and fails without a word when nothing fits.
        let found = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&found).into_owned())
    }

    /// Stores an entry as another program would.
    pub async fn store(
        &self,
        label: &str,
        attributes: &[(&str, &str)],
        secret: &str,
    ) -> Result<()> {
        let mut command = self.surroundings.command("secret-tool");
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

    /// Locks it, as after a night in which the person did not log in; nothing opens it but their password.
    pub async fn lock(&self) -> Result<()> {
        let mut command = self.surroundings.command("gdbus");
        command.args(["call", "--session", "--dest", SERVICE, "--object-path", ROOT]);
        command.args(["--method", "org.freedesktop.Secret.Service.Lock"]);
        command.arg(format!("['{COLLECTION}']"));
        ensure!(command.output().await?.status.success(), "the keychain does not lock");
        ensure!(self.is_locked().await?, "the keychain is open");
        Ok(())
    }

    /// Whether it is locked.
    pub async fn is_locked(&self) -> Result<bool> {
        let mut command = self.surroundings.command("gdbus");
        command.args(["call", "--session", "--dest", SERVICE, "--object-path", COLLECTION]);
        command.args(["--method", "org.freedesktop.DBus.Properties.Get"]);
        command.args(["org.freedesktop.Secret.Collection", "Locked"]);
        let output = command.output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).contains("true"))
    }

    /// Listens to what anybody asks of it from now on.
    pub async fn listen(&self, logs: &Path) -> Result<Listening> {
        let mut command = self.surroundings.command("dbus-monitor");
        command.arg("--session").args(
            ASKED.map(|asked| {
                format!("type='method_call',interface='org.freedesktop.Secret.{asked}'")
            }),
        );
        let mut monitor = Running::start("keychain-calls", command, logs)?;
        // It tells of itself, and then that it listens.
        monitor.line(|line| line.contains("member=NameLost").then_some(())).await?;
        Ok(Listening { monitor })
    }

    /// Ends it.
    pub async fn stop(&mut self) {
        self.daemon.stop().await;
    }
}
