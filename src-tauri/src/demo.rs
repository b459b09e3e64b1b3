//! The demo provider of the package: started on demand on a loopback address, offered while it runs, and ended with
//! the app.

mod program;

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nameplate::providers::{self, ProviderOptions};
use nameplate::{Code, Error, LoopbackProvider, Nameplate, Result};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::identity::DEMO;

/// Tried before any free port, as the port is part of the issuer: one that systems do not give to a program that asks for any
/// port (32768 to 60999 on Linux; 49152 to 65535 by RFC 6335, section 6).
const PORT: u16 = 29147;

/// How long it may take to listen: it generates its keys first.
const START: Duration = Duration::from_secs(30);

/// The demo provider, running or not.
#[derive(Default)]
pub struct Demo(Arc<Mutex<Option<Running>>>);

/// Dropped when the process has ended.
struct Running {
    _provider: LoopbackProvider,
    issuer: String,
    /// The process ends when this is closed, which the end of this process does as well.
    _stdin: ChildStdin,
}

/// The line that it prints when it listens.
#[derive(Deserialize)]
struct Started {
    oidc: Client,
}

/// The client that is registered at it.
#[derive(Deserialize)]
struct Client {
    issuer: String,
    client_id: String,
    label: String,
}

impl Demo {
    /// Starts it, unless it runs. Returns its issuer.
    ///
    /// # Errors
    /// [`Code::LoopbackProviderFailed`], also if `providers.toml` has a provider of its id.
    pub async fn start(&self, nameplate: &Nameplate) -> Result<String> {
        let mut running = self.0.lock().await;
        if let Some(running) = &*running {
            return Ok(running.issuer.clone());
        }
        let failed = |error: io::Error| Error::new(Code::LoopbackProviderFailed).with_detail(error);
        let (mut child, stdin, client) = launch(&ports(nameplate)).await.map_err(failed)?;
        let provider = nameplate.provider_setup().offer_loopback(options(&client))?;
        let issuer = client.issuer;
        *running = Some(Running { _provider: provider, issuer: issuer.clone(), _stdin: stdin });
        let ended = Arc::clone(&self.0);
        tauri::async_runtime::spawn(async move {
            if let Err(error) = child.wait().await {
                tracing::warn!(%error, "the demo provider is not waited for");
            }
            *ended.lock().await = None;
        });
        Ok(issuer)
    }
}

fn options(client: &Client) -> ProviderOptions {
    providers::oidc(DEMO, &client.issuer).client_id(&client.client_id).label(&client.label)
}

/// Whether the package has it, where only the user and root can change it.
pub fn is_available() -> bool {
    match program::find() {
        Ok(_) => true,
        Err(error) => {
            tracing::info!(%error, "there is no demo provider");
            false
        }
    }
}

/// The ports to try: that of an account at the demo, so that the account is the same in the next run, and the usual one.
fn ports(nameplate: &Nameplate) -> Vec<u16> {
    let users = nameplate.accounts().list().unwrap_or_default();
    let accounts = users.iter().flat_map(|user| &user.accounts);
    let issuers =
        accounts.filter(|account| account.provider == DEMO).map(|account| &account.issuer);
    let known = issuers.filter_map(|issuer| tauri::Url::parse(issuer).ok()?.port());
    let mut ports: Vec<_> = known.rev().take(1).chain([PORT]).collect();
    ports.dedup();
    ports
}

/// At the first of these ports that is free, else at any.
async fn launch(ports: &[u16]) -> io::Result<(Child, ChildStdin, Client)> {
    for &port in ports {
        match launch_at(port).await {
            Ok(launched) => return Ok(launched),
            Err(error) => tracing::info!(%error, port, "the demo provider is not at this port"),
        }
    }
    launch_at(0).await
}

/// Without our environment, which may have secrets.
async fn launch_at(port: u16) -> io::Result<(Child, ChildStdin, Client)> {
    let mut command = Command::new(program::find()?);
    command.args(["--while-stdin", "--listen", &format!("127.0.0.1:{port}")]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.env_clear().kill_on_drop(true);
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    let mut child = command.spawn()?;
    let silent = || io::Error::other("the demo provider has no pipes");
    let stdin = child.stdin.take().ok_or_else(silent)?;
    let mut lines = BufReader::new(child.stdout.take().ok_or_else(silent)?).lines();
    let line = timeout(START, lines.next_line()).await??;
    let ended = || io::Error::other("the demo provider ended");
    let started: Started = serde_json::from_str(&line.ok_or_else(ended)?)?;
    Ok((child, stdin, started.oidc))
}
