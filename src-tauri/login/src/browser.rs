//! The system browser: never a webview, not even where no browser can be found (S1).

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::error::{Code, Error, Result};

/// A launcher that still runs after this has a browser of its own to look after.
const LAUNCHING: Duration = Duration::from_secs(3);

/// Opens an address in the system browser.
///
/// # Errors
/// [`Code::NoBrowser`] where every launcher of the system refuses.
pub async fn open(url: &str) -> Result<()> {
    for command in open::commands(url) {
        if launch(Command::from(command)).await {
            return Ok(());
        }
    }
    Err(Error::new(Code::NoBrowser))
}

async fn launch(mut command: Command) -> bool {
    for (name, _) in std::env::vars_os() {
        if stays_here(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut launcher) = spawned else { return false };
    match tokio::time::timeout(LAUNCHING, launcher.wait()).await {
        Ok(ended) => ended.is_ok_and(|status| status.success()),
        Err(_) => true,
    }
}

/// Client secrets are nobody else's; an AppImage's libraries break the programs it starts (U10).
fn stays_here(variable: &str) -> bool {
    let bundled = std::env::var_os("APPIMAGE").is_some();
    variable.ends_with("_CLIENT_SECRET") || (bundled && variable == "LD_LIBRARY_PATH")
}
