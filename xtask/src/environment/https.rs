//! The demo provider by https, as an installed program demands, with a certificate that programs and browser trust.

use super::child_process::ChildProcess;
use super::demo_provider::DemoProvider;
use super::env_vars::EnvVars;
use super::folders::Folders;
use super::until::until;
use anyhow::{Context, Result, ensure};
use std::net::TcpListener;
use tokio::net::TcpStream;

/// A port with TLS before the demo provider.
#[derive(Debug)]
pub struct Https {
    base: String,
    proxy: ChildProcess,
}

impl Https {
    /// Starts it; every program that is started from now on trusts its certificate. The key is that of the demo
    /// provider's https page, which the browser trusts.
    pub async fn start(
        folders: &Folders,
        env_vars: &mut EnvVars,
        demo: &DemoProvider,
    ) -> Result<Self> {
        let paths = ["https-redirect.key", "https.key", "https.pem"].map(|name| folders.path(name));
        let [Some(key), Some(pem), Some(certificate)] = paths.each_ref().map(|path| path.to_str())
        else {
            anyhow::bail!("a path is not UTF-8");
        };
        let convert = ["pkey", "-inform", "DER", "-in", key, "-out", pem];
        let sign = ["req", "-x509", "-key", pem, "-out", certificate, "-subj", "/CN=localhost"];
        let for_localhost = ["-addext", "subjectAltName=DNS:localhost"];
        let for_servers = ["-addext", "basicConstraints=critical,CA:FALSE"];
        for arguments in [&convert[..], &[&sign[..], &for_localhost, &for_servers].concat()] {
            let output = env_vars.command("openssl").args(arguments).output().await?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut socat = env_vars.command("socat");
        socat
            .arg(format!(
                "OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,verify=0,cert={certificate},key={pem}"
            ))
            .arg(demo.base().replace("http://", "TCP:"));
        let proxy =
            ChildProcess::start("socat", socat, &folders.logs()).context("is socat installed?")?;
        until("the port with TLS is not open", async || {
            Ok(TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;
        env_vars.set("SSL_CERT_FILE", certificate);
        Ok(Self { base: format!("https://localhost:{port}"), proxy })
    }

    /// Its address, without a path.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Ends it.
    pub async fn stop(&mut self) {
        self.proxy.stop().await;
    }
}
