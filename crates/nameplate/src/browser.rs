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
    // Windows finds a variable in any letter case.
    let secret = variable.to_ascii_uppercase().ends_with("_CLIENT_SECRET");
    secret || (bundled && variable == "LD_LIBRARY_PATH")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    /// Set for the process that opens the browser: a test cannot change its own environment.
    const OPENS: &str = "NAMEPLATE_TEST_OPENS";

    /// S31, U10: no client secret is in the environment of the browser, and no library path of an
    /// AppImage.
    #[test]
    fn the_browser_gets_no_client_secret() {
        let dir = tempfile::tempdir().unwrap();
        let (launcher, seen) = (dir.path().join("xdg-open"), dir.path().join("seen"));
        let script = format!("#!/bin/sh\n/usr/bin/env > '{}'\n", seen.display());
        std::fs::write(&launcher, script).unwrap();
        std::fs::set_permissions(&launcher, std::fs::Permissions::from_mode(0o755)).unwrap();
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "browser::tests::opens"])
            .env(OPENS, "http://127.0.0.1:1/")
            .env("PATH", dir.path())
            .env("DISCORD_CLIENT_ID", "an id")
            .env("DISCORD_CLIENT_SECRET", "s3cret-1")
            .env("MY_COMPANY_CLIENT_SECRET", "s3cret-2")
            .env("google_client_secret", "s3cret-3")
            .env("APPIMAGE", "/x.AppImage")
            .env("LD_LIBRARY_PATH", "/bundled")
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let seen = std::fs::read_to_string(seen).unwrap();
        assert!(seen.contains("an id"), "the launcher has no environment: {seen}");
        assert!(!seen.contains("s3cret") && !seen.contains("/bundled"), "{seen}");
    }

    /// The process of [`the_browser_gets_no_client_secret`]; does nothing by itself.
    #[tokio::test]
    async fn opens() {
        let Ok(url) = std::env::var(OPENS) else { return };
        super::open(&url).await.unwrap();
    }
}
