//! The profiles of the workspace, for a package outside of it.

use crate::project;
use anyhow::Result;
use std::fs;

/// The tables of a profile in the workspace's manifest, with those of its packages.
pub fn tables(profile: &str) -> Result<String> {
    let manifest = fs::read_to_string(project::root().join("Cargo.toml"))?;
    let name = format!("profile.{profile}");
    let tables = manifest.split("\n[").filter(|table| table.starts_with(&name));
    Ok(tables.map(|table| format!("[{}\n", table.trim_end())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_its_overrides() {
        let release = tables("release").unwrap();
        assert!(release.starts_with("[profile.release]\n") && !release.contains("[profile.dev"));
        assert!(release.contains("\n[profile.release.package.image]\nopt-level = 3\n"));
    }
}
