//! `demo-provider`: runs the demo provider until it is interrupted.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use demo_provider::providers::oidc;
use demo_provider::{Audience, DemoProvider, HttpsRedirect, write_private};
use tokio::sync::oneshot;

/// Simulates the providers that Nameplate knows, and an OpenID Connect issuer, on this machine.
#[derive(Debug, Parser)]
#[command(name = "demo-provider", version)]
struct Arguments {
    /// Loopback address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:9400", value_name = "ADDRESS")]
    listen: String,
    /// Write a providers.toml with the endpoints of this server.
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
    /// Loopback address of the https redirect page; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    https_redirect_listen: SocketAddr,
    /// Store the key of the https redirect page in this file, so that it is the same at the next start.
    #[arg(long, value_name = "FILE")]
    https_redirect_key: Option<PathBuf>,
    /// For a user who tries sign-in: serve the OpenID Connect issuer alone, without the control endpoints of tests and
    /// without a log, until standard input ends, and with that the program that started this one.
    #[arg(long, conflicts_with = "write_config")]
    while_stdin: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo-provider: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let https_redirect = HttpsRedirect {
        listen: arguments.https_redirect_listen,
        key: arguments.https_redirect_key.clone(),
    };
    let audience = if arguments.while_stdin { Audience::Person } else { Audience::Tests };
    let provider = DemoProvider::start_with(&arguments.listen, https_redirect, audience).await?;
    // Written before the line is printed, so that a program that waits for the line can read the file.
    if let Some(file) = &arguments.write_config {
        write_private(file, provider.providers_toml())?;
    }
    let started = serde_json::json!({
        "listening": provider.base(),
        "https_redirect": provider.https_redirect(),
        "https_redirect_spki": provider.https_redirect_spki(),
        "oidc": {
            "issuer": format!("{}/oidc", provider.base()),
            "client_id": oidc::CLIENT_ID,
            "label": oidc::LABEL,
        },
    });
    let mut out = io::stdout();
    writeln!(out, "{}", started)?;
    out.flush()?;
    tokio::select! {
        signalled = interrupted() => signalled?,
        () = end_of_stdin(), if arguments.while_stdin => {}
    }
    provider.stop().await;
    Ok(())
}

/// Read in a thread of its own: a runtime waits for its own threads at its end.
async fn end_of_stdin() {
    let (end, ended) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(end);
    });
    let _ = ended.await;
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
