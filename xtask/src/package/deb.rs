//! The package of Debian, by `dpkg-deb`.

use super::{filled, output_of};
use crate::setup::command::{command, run};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The programs whose libraries the package depends on.
const PROGRAMS: [&str; 3] =
    ["usr/bin/nameplate-desktop", "usr/bin/nameplate", "usr/lib/nameplate/demo-provider"];

/// Builds it in the folder, with this version and level of compression.
pub fn build(tree: &Path, folder: &Path, version: &str, level: u32) -> Result<PathBuf> {
    let architecture = output_of("dpkg", &["--print-architecture"], folder)?;
    let size = output_of("du", &["--summarize", "--block-size=1024", "usr"], tree)?;
    let size = size.split_whitespace().next().context("du prints a size")?;
    let control = filled(
        "control",
        &[
            ("VERSION", version),
            ("ARCHITECTURE", &architecture),
            ("SIZE", size),
            ("LIBRARIES", &libraries(tree, folder)?),
        ],
    )?;
    let data = tree.join("DEBIAN");
    fs::create_dir_all(&data)?;
    fs::write(data.join("control"), control)?;
    let sums =
        output_of("sh", &["-c", "find usr -type f -print0 | sort -z | xargs -0 md5sum"], tree)?;
    fs::write(data.join("md5sums"), format!("{sums}\n"))?;
    let deb = folder.join(format!("nameplate_{version}_{architecture}.deb"));
    let level = format!("-z{level}");
    run(command("dpkg-deb", &["--build", "--root-owner-group", "-Zxz", &level])
        .arg(tree)
        .arg(&deb))?;
    fs::remove_dir_all(data)?;
    Ok(deb)
}

/// The packages of the shared libraries, with versions. `dpkg-shlibdeps` looks for a source package.
fn libraries(tree: &Path, folder: &Path) -> Result<String> {
    fs::create_dir_all(folder.join("debian"))?;
    fs::write(
        folder.join("debian/control"),
        "Source: nameplate\n\nPackage: nameplate\nArchitecture: any\n",
    )?;
    let programs: Vec<_> =
        PROGRAMS.iter().map(|program| format!("-e{}", tree.join(program).display())).collect();
    let mut arguments = vec!["-O"];
    arguments.extend(programs.iter().map(String::as_str));
    let found = output_of("dpkg-shlibdeps", &arguments, folder)?;
    let libraries =
        found.strip_prefix("shlibs:Depends=").context("dpkg-shlibdeps finds nothing")?;
    Ok(libraries.to_owned())
}
