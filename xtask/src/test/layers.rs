//! The layers: checks with `cargo tree` that packages do not have forbidden dependencies.

use crate::setup::command::command;
use anyhow::{Context, Result, ensure};

/// Packages with the forbidden prefixes of their dependencies.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "native-oauth",
        &["nameplate", "tauri", "webkit", "rusqlite", "keyring", "notify", "image", "toml"],
    ),
    ("nameplate", &["nameplate-", "tauri", "webkit"]),
    // Generic over Tauri's runtime.
    ("tauri-plugin-nameplate", &["nameplate-", "wry", "tauri-runtime-wry"]),
    ("nameplate-desktop", &["nameplate-"]),
    // Neither Nameplate's desktop app nor the demo provider.
    ("nameplate-cli", &["nameplate-desktop", "nameplate-demo-provider", "tauri", "webkit"]),
    ("nameplate-demo-provider", &["nameplate ", "native-oauth", "tauri", "webkit"]),
];

/// An error if a package has a forbidden dependency. Dev-dependencies are exempt: tests use the demo
/// provider.
pub fn check() -> Result<()> {
    for (package, forbidden) in LAYERS {
        let arguments = [
            "tree",
            "--package",
            package,
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
        let found = found(&String::from_utf8_lossy(&output.stdout), forbidden);
        ensure!(found.is_empty(), "{package} depends on {}", found.join(", "));
    }
    Ok(())
}

/// The packages of a tree, without its root, that have one of the prefixes.
fn found(tree: &str, forbidden: &[&str]) -> Vec<String> {
    let lines = tree.lines().skip(1);
    let mut found: Vec<_> = lines
        .filter(|line| forbidden.iter().any(|beginning| line.starts_with(beginning)))
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_of_another_layer_is_found() {
        let tree = "nameplate v0.1.0 (/x)\ntauri-utils v2\nwebkit2gtk v2\ntauri-utils v2";
        let forbidden = ["nameplate", "tauri", "webkit"];
        assert_eq!(found(tree, &forbidden), ["tauri-utils", "webkit2gtk"]);
        assert!(found("nameplate v0.1.0 (/x)\nserde v1", &forbidden).is_empty());
    }
}
