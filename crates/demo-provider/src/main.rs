//! `demo-provider`: runs the demo provider until it is interrupted.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demo_provider::{DemoProvider, Place, private};

/// Plays the providers that Nameplate knows, and an OpenID Connect issuer, on this machine.
#[derive(Debug, Parser)]
#[command(name = "demo-provider", version)]
struct Arguments {
    /// Loopback address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:9400", value_name = "ADDRESS")]
    listen: String,
    /// Write a providers.toml that points Nameplate here.
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
    /// Loopback address of the bounce page; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    bounce_listen: SocketAddr,
    /// Keep the key of the bounce page in this file, so that it is the same at the next start.
    #[arg(long, value_name = "FILE")]
    bounce_key: Option<PathBuf>,
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
    let bounce = Place { listen: arguments.bounce_listen, key: arguments.bounce_key.clone() };
    let provider = DemoProvider::start_beside(&arguments.listen, bounce).await?;
    // The file stands before the line is printed, so that who waits for the line can read it.
    if let Some(file) = &arguments.write_config {
        private::write(file, provider.providers_toml())?;
    }
    let told = serde_json::json!({
        "listening": provider.base(),
        "bounce": provider.bounce(),
        "bounce_spki": provider.bounce_spki(),
    });
    let mut out = io::stdout();
    writeln!(out, "{}", told)?;
    out.flush()?;
    interrupted().await?;
    provider.stop().await;
    Ok(())
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
