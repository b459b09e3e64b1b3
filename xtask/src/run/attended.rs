//! With a display: runs the demo provider and the window on the user's own desktop until the window is closed.

use crate::environment::child_process::ChildProcess;
use crate::{project, setup::command};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tokio::process::Command;

/// Fixed, so that accounts of one run are valid in the next.
const LISTEN: &str = "127.0.0.1:9400";
/// The https redirect page; the browser asks once whether to trust its certificate.
const HTTPS_REDIRECT: &str = "127.0.0.1:9443";

/// Runs until the window is closed.
pub async fn run() -> Result<()> {
    let top = project::target().join("demo");
    let home = top.join("home");
    fs::create_dir_all(&home)?;
    let mut demo = demo_provider(&home, &top).await?;
    eprintln!("\nNameplate is open. Sign in with any account; close the window to end.");
    let mut window = Command::new(project::program("nameplate-desktop"));
    window.env("NAMEPLATE_HOME", &home);
    let _registered = Registered(&home);
    let mut window = ChildProcess::start("nameplate", window, &top)?;
    window.drain();
    // Programs that the window opened, such as the browser, keep running.
    let status = window.wait().await?;
    demo.stop().await;
    eprintln!(
        "Accounts stay for the next run. To delete everything: {} --home {} reset",
        project::program("nameplate").display(),
        home.display()
    );
    let log = top.join("nameplate.log");
    ensure!(status.success(), "the window failed; see {}", log.display());
    Ok(())
}

/// Unregisters the deep link of this run on drop, also after an interrupt.
struct Registered<'a>(&'a Path);

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let program = project::program("unregister-url-scheme");
        let mut unregister = command::command(&program.to_string_lossy(), &[self.0]);
        if let Err(error) = command::run(&mut unregister) {
            eprintln!("the deep link of this run is still registered: {error:#}");
        }
    }
}

async fn demo_provider(home: &Path, logs: &Path) -> Result<ChildProcess> {
    let mut command = Command::new(project::program("demo-provider"));
    command.args(["--listen", LISTEN, "--https-redirect-listen", HTTPS_REDIRECT]);
    command.arg("--https-redirect-key").arg(logs.join("https-redirect.key"));
    command.arg("--write-config").arg(home.join("providers.toml"));
    let mut demo = ChildProcess::start("demo-provider", command, logs)?;
    demo.line(|line| serde_json::from_str::<Value>(line).ok()?.get("listening").cloned())
        .await
        .with_context(|| {
            format!("the demo provider cannot listen at {LISTEN} and {HTTPS_REDIRECT}")
        })?;
    demo.drain();
    Ok(demo)
}
