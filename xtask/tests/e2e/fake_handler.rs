//! A fake handler of the private-use scheme, which passes its argument to the test.

use anyhow::{Result, ensure};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use xtask::environment::Environment;
use xtask::environment::browser::SCHEME;

/// Registers it. A link of the scheme then arrives as the web link [`received`].
pub async fn register(env: &mut Environment) -> Result<()> {
    let applications = env.folders().path("data/applications");
    let program = env.folders().path("bin/stand-in");
    fs::write(&program, format!("#!/bin/sh\nexec xdg-open \"{}\"\n", received("$1")))?;
    fs::set_permissions(&program, Permissions::from_mode(0o755))?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Stand-in\nExec=\"{}\" %u\nMimeType=x-scheme-handler/{SCHEME};\n",
        program.display()
    );
    fs::write(applications.join("stand-in.desktop"), entry)?;
    let mut update = env.env_vars().command("update-desktop-database");
    ensure!(update.arg(&applications).status().await?.success());
    Ok(())
}

/// The web link as which a link arrives.
pub fn received(link: &str) -> String {
    format!("http://handled.invalid/?{link}")
}
