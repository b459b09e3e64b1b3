//! The command line must not drag a window along.

use crate::setup::command::command;
use anyhow::{Context, Result, ensure};

/// Asks cargo what the command line is made of.
pub fn check() -> Result<()> {
    let arguments = [
        "tree",
        "--package",
        "nameplate-cli",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let output = command("cargo", &arguments).output().context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "cargo tree failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let found = windowed(&String::from_utf8_lossy(&output.stdout));
    ensure!(found.is_empty(), "nameplate-cli needs {}", found.join(", "));
    Ok(())
}

fn windowed(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let mut found: Vec<_> = names
        .filter(|name| name.contains("tauri") || name.contains("webkit"))
        .map(str::to_owned)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_a_window_in_the_tree() {
        assert_eq!(
            windowed(
                "nameplate v0.1.0 (/crates/nameplate)\ntauri-utils v2\nwebkit2gtk v2\ntauri-utils v2"
            ),
            ["tauri-utils", "webkit2gtk"]
        );
        assert!(windowed("nameplate v0.1.0 (/crates/nameplate)").is_empty());
    }
}
