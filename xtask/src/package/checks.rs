//! Checks of the packages: validators, and an installation on this machine.

use crate::setup::command::{command, run};
use crate::setup::packages;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Debian packages that the checks need besides those of the tests, each with its purpose.
pub const NEEDED: [packages::Needed; 5] = [
    ("lintian", "checking the deb"),
    ("appstream", "checking the metadata"),
    ("rpm", "building the rpm"),
    ("socat", "the demo provider by https"),
    ("openssl", "its certificate"),
];

/// Runs every check; leaves nothing installed.
pub fn run_all(deb: &Path, older: &Path, folder: &Path) -> Result<()> {
    ensure!(rustix::process::geteuid().is_root(), "only root can install the package");
    run(&mut command("desktop-file-validate", &["packaging/app.nameplate.desktop.desktop"]))?;
    let metainfo = "packaging/app.nameplate.desktop.metainfo.xml";
    run(&mut command("appstreamcli", &["validate", "--no-net", metainfo]))?;
    run(command("lintian", &["--fail-on", "error", "--allow-root"]).arg(deb))?;
    let test = ["test", "-p", "xtask", "--test", "package", "--", "--nocapture"];
    let mut test = command("cargo", &test);
    test.env("NAMEPLATE_DEB", deb).env("NAMEPLATE_OLDER_DEB", older);
    run(test.env("NAMEPLATE_BIN_DIR", installed(folder)?))
}

/// A folder with links to the installed programs, for the private desktop of the test.
fn installed(folder: &Path) -> Result<PathBuf> {
    let folder = folder.join("installed");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, place) in [
        ("nameplate-desktop", "/usr/bin/nameplate-desktop"),
        ("nameplate", "/usr/bin/nameplate"),
        ("demo-provider", "/usr/lib/nameplate/demo-provider"),
    ] {
        symlink(place, folder.join(name)).context("no link to an installed program")?;
    }
    Ok(folder)
}
