//! The stage's own Secret Service: gnome-keyring with a fresh, unlocked login keyring.

use super::folders::Folders;
use super::running::{PATIENCE, Running};
use super::surroundings::Surroundings;
use anyhow::{Context, Result, ensure};
use tokio::time::timeout;

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

    /// Ends it.
    pub async fn stop(&mut self) {
        self.daemon.stop().await;
    }
}
