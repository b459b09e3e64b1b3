//! A program that stands in for Nameplate: it opens our scheme, and what it is given comes back to the test.

use anyhow::{Result, ensure};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use xtask::stage::Stage;
use xtask::stage::browser::SCHEME;

/// Registers it; from now on a link of our scheme is heard as a web link, [`heard`].
pub async fn register(stage: &mut Stage) -> Result<()> {
    let applications = stage.folders().path("data/applications");
    let program = stage.folders().path("bin/stand-in");
    fs::write(&program, format!("#!/bin/sh\nexec xdg-open \"{}\"\n", heard("$1")))?;
    fs::set_permissions(&program, Permissions::from_mode(0o755))?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Stand-in\nExec=\"{}\" %u\nMimeType=x-scheme-handler/{SCHEME};\n",
        program.display()
    );
    fs::write(applications.join("stand-in.desktop"), entry)?;
    let mut update = stage.surroundings().command("update-desktop-database");
    ensure!(update.arg(&applications).status().await?.success());
    Ok(())
}

/// As which web link a link is heard.
pub fn heard(link: &str) -> String {
    format!("http://handled.invalid/?{link}")
}
