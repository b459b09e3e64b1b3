//! With a display: the demo provider and the window run on the person's own desktop until the window is closed.

use crate::stage::running::Running;
use crate::{project, setup::command};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Fixed, so that who is signed in at one run still is at the next.
const LISTEN: &str = "127.0.0.1:9400";
/// The same for the page that Facebook goes back by; the browser asks once whether to trust its certificate.
const BOUNCE: &str = "127.0.0.1:9443";

/// Runs until the window is closed.
pub async fn run() -> Result<()> {
    let top = project::target().join("demo");
    let home = top.join("home");
    fs::create_dir_all(&home)?;
    let mut demo = demo_provider(&home, &top).await?;
    eprintln!("\nNameplate is open. Sign in as anybody; close the window to end.");
    let mut window = Command::new(project::program("nameplate-desktop"));
    window.env("NAMEPLATE_HOME", &home);
    let _registered = Registered(&home);
    let mut window = Running::start("nameplate", window, &top)?;
    window.drain();
    // What the window opened, such as the person's browser, is not ours to end.
    let status = window.wait().await?;
    demo.stop().await;
    eprintln!(
        "Whoever is signed in stays so for the next run. To delete everything: {} --home {} reset",
        project::program("nameplate").display(),
        home.display()
    );
    let log = top.join("nameplate.log");
    ensure!(status.success(), "the window failed; see {}", log.display());
    Ok(())
}

/// The deep link of this run; taken out of the person's desktop again, also when the run is interrupted.
struct Registered<'a>(&'a Path);

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if let Err(error) = unregister(self.0) {
            eprintln!("the deep link of this run is still registered: {error:#}");
        }
    }
}

async fn demo_provider(home: &Path, logs: &Path) -> Result<Running> {
    let mut command = Command::new(project::program("demo-provider"));
    command.args(["--listen", LISTEN, "--https-redirect-listen", BOUNCE]);
    command.arg("--https-redirect-key").arg(logs.join("bounce.key"));
    command.arg("--write-config").arg(home.join("providers.toml"));
    let mut demo = Running::start("demo-provider", command, logs)?;
    demo.line(|line| serde_json::from_str::<Value>(line).ok()?.get("listening").cloned())
        .await
        .with_context(|| format!("the demo provider cannot listen at {LISTEN} and {BOUNCE}"))?;
    demo.drain();
    Ok(demo)
}

/// Takes the deep link of this run out of the person's desktop again.
fn unregister(home: &Path) -> Result<()> {
    let Some(applications) = data_home().map(|data| data.join("applications")) else {
        return Ok(());
    };
    // As the handler names it: with links resolved.
    let home = home.canonicalize()?;
    let Ok(entries) = fs::read_dir(&applications) else {
        return Ok(());
    };
    let mark = format!("NAMEPLATE_HOME=\"{}\"", home.display());
    for entry in entries.flatten() {
        if fs::read_to_string(entry.path()).is_ok_and(|text| text.contains(&mark)) {
            fs::remove_file(entry.path())?;
            forget_default(&applications, &entry.file_name().to_string_lossy())?;
        }
    }
    command::run(&mut command::command("update-desktop-database", &[applications]))
}

/// The default may stand in either of two lists.
fn forget_default(applications: &Path, handler: &str) -> Result<()> {
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home()?.join(".config")));
    let lists = [Some(applications.to_owned()), config]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("mimeapps.list"));
    for list in lists {
        if let Ok(text) = fs::read_to_string(&list)
            && text.contains(handler)
        {
            let kept: Vec<_> = text.lines().filter(|line| !line.contains(handler)).collect();
            fs::write(&list, kept.join("\n") + "\n")?;
        }
    }
    Ok(())
}

fn data_home() -> Option<PathBuf> {
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home()?.join(".local/share")))
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}
