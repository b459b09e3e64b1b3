//! Packages that must be installed: Debian's, and Node.

use super::command::{command, exists, run};
use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stdin};

/// A Debian package and its purpose.
pub type Needed = (&'static str, &'static str);

/// Those of the tests.
const NEEDED: &[Needed] = &[
    ("build-essential", "the linker and the C parts of some libraries"),
    ("pkg-config", "finding the libraries below"),
    ("libwebkit2gtk-4.1-dev", "the window"),
    ("librsvg2-dev", "icons in the window"),
    ("webkit2gtk-driver", "WebDriver into the window"),
    ("xvfb", "a display without a screen"),
    ("dbus", "a session bus"),
    ("dbus-x11", "a session bus"),
    ("gnome-keyring", "the keychain"),
    ("libsecret-tools", "reading the keychain"),
    ("xdg-utils", "opening links"),
    ("desktop-file-utils", "registering the deep link"),
    ("libglib2.0-bin", "gio, which opens links"),
    ("at-spi2-core", "accessibility of the window"),
    ("python3-gi", "what a screen reader is told of the window"),
    ("gir1.2-atspi-2.0", "what a screen reader is told of the window"),
    ("chromium", "the browser"),
    ("chromium-driver", "WebDriver into the browser"),
    ("fonts-noto-cjk", "Korean letters"),
    ("imagemagick", "screenshots of the display"),
    ("sqlite3", "comparison in the bench"),
    ("time", "memory of a command in the bench"),
    ("python3", "servers of other projects"),
    ("python3-venv", "their virtual environment"),
];

/// Programs that must be found on a system that is not Debian.
const PROGRAMS: &[&str] = &[
    "cc",
    "pkg-config",
    "Xvfb",
    "dbus-daemon",
    "gnome-keyring-daemon",
    "secret-tool",
    "xdg-open",
    "update-desktop-database",
    "gio",
    "gdbus",
    "chromium",
    "chromedriver",
    "WebKitWebDriver",
    "setpriv",
    "sqlite3",
    "time",
    "python3",
];

/// The oldest supported version of Node.
const NODE: (u32, u32) = (20, 19);

/// Installs missing packages with apt; elsewhere an error lists them.
pub fn install_missing() -> Result<()> {
    if exists("dpkg-query") {
        install_with_apt(NEEDED)?;
    } else {
        let absent: Vec<_> = PROGRAMS.iter().filter(|program| !exists(program)).copied().collect();
        ensure!(absent.is_empty(), "{}", needed_elsewhere(&absent));
    }
    check_node()
}

fn missing_packages(needed: &[Needed]) -> Result<Vec<&'static str>> {
    let names = needed.iter().map(|(name, _)| *name);
    let mut query = command("dpkg-query", &["-W", "-f=${Package} ${db:Status-Abbrev}\n"]);
    // It fails if a package is unknown; its output is complete all the same.
    let output = query.args(names.clone()).output().context("cannot ask dpkg-query")?;
    Ok(not_installed(needed, &String::from_utf8_lossy(&output.stdout)))
}

fn not_installed(needed: &[Needed], output: &str) -> Vec<&'static str> {
    let installed: BTreeSet<&str> = output
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, state)| state.starts_with("ii"))
        .map(|(name, _)| name)
        .collect();
    needed.iter().map(|(name, _)| *name).filter(|name| !installed.contains(name)).collect()
}

/// Installs those that are missing, as root or after a question.
pub fn install_with_apt(needed: &[Needed]) -> Result<()> {
    let missing = &missing_packages(needed)?[..];
    if missing.is_empty() {
        return Ok(());
    }
    let root = geteuid().is_root();
    let line = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    eprintln!("These packages are missing:");
    for (name, what) in needed.iter().filter(|(name, _)| missing.contains(name)) {
        eprintln!("  {name:24} {what}");
    }
    if stdin().is_terminal() {
        let sudo = if root { "" } else { "sudo " };
        ensure!(agreed(&format!("{sudo}{line}"))?, "nothing was installed");
        apt(root, &["update"])?;
        return apt(root, &[&["install", "--no-install-recommends", "-y"], missing].concat());
    }
    ensure!(root, "install them first: sudo {line}");
    apt(root, &["update"])?;
    apt(root, &[&["install", "--no-install-recommends", "-y"], missing].concat())
}

fn agreed(line: &str) -> Result<bool> {
    eprint!("\n    {line}\n\nRun this now? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn apt(root: bool, arguments: &[&str]) -> Result<()> {
    let mut words = vec!["apt-get"];
    words.extend(arguments);
    let (program, rest) = if root { ("apt-get", words.split_off(1)) } else { ("sudo", words) };
    run(command(program, &rest).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn needed_elsewhere(absent: &[&str]) -> String {
    let names: Vec<_> = NEEDED.iter().map(|(name, what)| format!("  {name:24} {what}")).collect();
    format!(
        "this is no Debian, so nothing is installed by itself. Not found: {}.\nUnder Debian the packages are:\n{}",
        absent.join(", "),
        names.join("\n")
    )
}

fn check_node() -> Result<()> {
    let output = command("node", &["--version"]).output();
    let wanted = format!("Node {}.{} or newer with npm is needed (nodejs.org)", NODE.0, NODE.1);
    let Ok(output) = output else { bail!(wanted) };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(version_of(&version).is_some_and(|found| found >= NODE), "{wanted}; found {version:?}");
    ensure!(exists("npm"), "{wanted}; npm was not found");
    Ok(())
}

fn version_of(output: &str) -> Option<(u32, u32)> {
    let mut parts = output.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let output = NEEDED.iter().map(|(name, _)| format!("{name} ii \n")).collect::<String>();
        let not_installed = |output: &str| not_installed(NEEDED, output);
        assert!(not_installed(&output).is_empty());
        // Removed, but its configuration is left.
        assert_eq!(not_installed(&output.replace("xvfb ii", "xvfb rc")), ["xvfb"]);
        assert_eq!(not_installed("").len(), NEEDED.len());
    }

    #[test]
    fn reads_the_version_of_node() {
        assert_eq!(version_of("v20.20.2"), Some((20, 20)));
        assert_eq!(version_of("what"), None);
    }
}
