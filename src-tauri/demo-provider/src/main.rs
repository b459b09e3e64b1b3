//! `demo-provider`: runs the demo provider until it is interrupted.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demo_provider::DemoProvider;

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
    /// Let that file name every provider that is played, with their device endpoints.
    #[arg(long, requires = "write_config")]
    all_providers: bool,
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
    let provider = DemoProvider::start(&arguments.listen).await?;
    // The file stands before the line is printed, so that who waits for the line can read it.
    if let Some(file) = &arguments.write_config {
        let text = if arguments.all_providers {
            provider.providers_toml_all()
        } else {
            provider.providers_toml()
        };
        write_private(file, &text)?;
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

/// The file holds client secrets, so only its owner may read it, as with a real one.
fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}
