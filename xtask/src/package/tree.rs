//! The tree of files that both packages contain.

use super::{output_of, packaging, version};
use crate::project;
use crate::setup::command::{command, run};
use anyhow::{Context, Result};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PROGRAM: u32 = 0o755;
const FILE: u32 = 0o644;

/// Built programs and their places.
const PROGRAMS: [(&str, &str); 3] = [
    ("nameplate-desktop", "usr/bin/nameplate-desktop"),
    ("nameplate", "usr/bin/nameplate"),
    ("demo-provider", "usr/lib/nameplate/demo-provider"),
];

/// Files of the repository and their places.
const FILES: [(&str, &str); 11] = [
    (
        "packaging/app.nameplate.desktop.desktop",
        "usr/share/applications/app.nameplate.desktop.desktop",
    ),
    (
        "packaging/app.nameplate.desktop.metainfo.xml",
        "usr/share/metainfo/app.nameplate.desktop.metainfo.xml",
    ),
    ("packaging/lintian-overrides", "usr/share/lintian/overrides/nameplate"),
    ("packaging/copyright", "usr/share/doc/nameplate/copyright"),
    ("src-tauri/icons/32x32.png", "usr/share/icons/hicolor/32x32/apps/app.nameplate.desktop.png"),
    (
        "src-tauri/icons/128x128.png",
        "usr/share/icons/hicolor/128x128/apps/app.nameplate.desktop.png",
    ),
    (
        "src-tauri/icons/128x128@2x.png",
        "usr/share/icons/hicolor/256x256/apps/app.nameplate.desktop.png",
    ),
    ("ui/src/assets/icon.svg", "usr/share/icons/hicolor/scalable/apps/app.nameplate.desktop.svg"),
    ("README.md", "usr/share/doc/nameplate/README.md"),
    ("README.ko.md", "usr/share/doc/nameplate/README.ko.md"),
    ("CHANGELOG.md", "usr/share/doc/nameplate/CHANGELOG.md"),
];

/// Shells and the places of their completion scripts.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/nameplate"),
    ("zsh", "usr/share/zsh/vendor-completions/_nameplate"),
    ("fish", "usr/share/fish/vendor_completions.d/nameplate.fish"),
];

/// Writes it; what was there is deleted.
pub fn write(tree: &Path, programs: &Path) -> Result<()> {
    if tree.exists() {
        fs::remove_dir_all(tree)?;
    }
    for (name, place) in PROGRAMS {
        put(tree, place, &fs::read(programs.join(name)).context(name)?, PROGRAM)?;
        run(command("strip", &[tree.join(place)]).arg("--strip-unneeded"))?;
    }
    for (name, place) in FILES {
        put(tree, place, &fs::read(project::root().join(name)).context(name)?, FILE)?;
    }
    for page in fs::read_dir(project::root().join("docs"))? {
        let page = page?.path();
        if page.extension().is_some_and(|extension| extension == "md") {
            let name = page.file_name().unwrap_or_default().to_string_lossy();
            put(tree, &format!("usr/share/doc/nameplate/docs/{name}"), &fs::read(&page)?, FILE)?;
        }
    }
    let nameplate = programs.join("nameplate").display().to_string();
    for (shell, place) in COMPLETIONS {
        let script = output_of(&nameplate, &["completions", shell], tree)?;
        put(tree, place, format!("{script}\n").as_bytes(), FILE)?;
    }
    write_compressed(tree, &nameplate)
}

/// Manual pages and the changelog of the package.
fn write_compressed(tree: &Path, nameplate: &str) -> Result<()> {
    let man = tree.join("usr/share/man/man1");
    fs::create_dir_all(&man)?;
    run(command(nameplate, &["man-pages"]).arg(&man))?;
    fs::copy(packaging("nameplate-desktop.1"), man.join("nameplate-desktop.1"))?;
    let date = output_of("date", &["-R"], tree)?;
    let changelog = format!(
        "nameplate ({}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- The Nameplate authors <nameplate@nameplate.invalid>  {date}\n",
        version(),
    );
    let place = "usr/share/doc/nameplate/changelog";
    put(tree, place, changelog.as_bytes(), FILE)?;
    let pages = fs::read_dir(&man)?.map(|page| Ok(page?.path()));
    for file in pages.chain([Ok(tree.join(place))]).collect::<Result<Vec<_>>>()? {
        run(command("gzip", &["-9n"]).arg(&file))?;
    }
    Ok(())
}

fn put(tree: &Path, place: &str, content: &[u8], mode: u32) -> Result<()> {
    let file = tree.join(place);
    fs::create_dir_all(file.parent().context("a place is in a folder")?)?;
    fs::write(&file, content)?;
    Ok(fs::set_permissions(file, Permissions::from_mode(mode))?)
}
