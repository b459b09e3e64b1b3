//! Opens the system browser; never a webview (S1; RFC 8252, section 8.12).

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::error::{Code, Error, Result};

/// A launcher that runs longer than this is the browser itself.
const LAUNCHING: Duration = Duration::from_secs(3);

/// Opens an address in the system browser.
///
/// # Errors
/// [`Code::NoBrowser`] if every launcher of the system fails.
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
        if is_withheld(&name.to_string_lossy()) {
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

/// Whether a variable is not passed to the browser: client secrets (S31), and the library path of
/// an AppImage, which breaks the programs that it starts (U10).
fn is_withheld(variable: &str) -> bool {
    let bundled = std::env::var_os("APPIMAGE").is_some();
    // Variable names on Windows are case-insensitive.
    let secret = variable.to_ascii_uppercase().ends_with("_CLIENT_SECRET");
    secret || (bundled && variable == "LD_LIBRARY_PATH")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    /// Set for the child process that opens the browser, because a test cannot change its
    /// environment.
    const OPENS: &str = "NAMEPLATE_TEST_OPENS";

    /// S31, U10: the browser's environment has no client secret and no library path of an AppImage.
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

    /// The child process of [`the_browser_gets_no_client_secret`]; otherwise does nothing.
    #[tokio::test]
    async fn opens() {
        let Ok(url) = std::env::var(OPENS) else { return };
        super::open(&url).await.unwrap();
    }
}
