//! An app outside of the workspace that has the plugin from its archives: what `cargo package` and `npm pack` write.

use super::command::{command, run};
use super::examples::guest;
use super::interface::npm;
use super::profiles;
use crate::project;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The crates that the app gets, each after those that it depends on.
pub const CRATES: [&str; 3] = ["native-oauth", "nameplate", "tauri-plugin-nameplate"];

/// The name of the app's program.
pub const APP: &str = "outside-app";

/// Its manifest. With the lock file and the profiles of the workspace, the libraries of others are not built again.
const MANIFEST: &str = r#"[package]
name = "outside-app"
version = "0.1.0"
edition = "2024"

[features]
default = ["custom-protocol"]
custom-protocol = ["tauri/custom-protocol"]

[dependencies]
serde_json = "1"
tauri = { version = "2.12", features = [] }
tauri-plugin-nameplate = "@VERSION@"

[build-dependencies]
tauri-build = { version = "2.7", features = [] }

[workspace]
"#;

/// The archives, and the app that is built of them.
#[derive(Debug)]
pub struct OutsideApp {
    folder: TempDir,
}

impl OutsideApp {
    /// Packs everything, unpacks it outside of the repository, and builds the minimal example with it. The program
    /// is with the others in the target folder.
    pub fn build() -> Result<Self> {
        let app = Self { folder: tempfile::Builder::new().prefix("outside-").tempdir()? };
        let crates = app.unpacked_crates()?;
        let package = app.packed_page()?;
        app.write_project(&crates, &package)?;
        run(&mut npm(&app.path("app"), &["install", "--no-audit", "--no-fund"]))?;
        run(&mut npm(&app.path("app"), &["run", "build"]))?;
        let mut build = command("cargo", &["build"]);
        build.current_dir(app.path("app/src-tauri")).env("CARGO_TARGET_DIR", project::target());
        run(&mut build)?;
        Ok(app)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the archives that `cargo package` writes. The app is their verification.
    fn unpacked_crates(&self) -> Result<Vec<(&'static str, PathBuf)>> {
        let mut package = command("cargo", &["package", "--allow-dirty", "--no-verify"]);
        run(package.args(CRATES.iter().flat_map(|name| ["--package", name])))?;
        let unpacked = |name: &'static str| {
            let archive = format!("{name}-{}.crate", version());
            let archive = project::target().join("package").join(archive);
            run(command("tar", &["--extract", "--gzip", "--file"])
                .arg(archive)
                .arg("--directory")
                .arg(self.folder.path()))?;
            Ok((name, self.path(&format!("{name}-{}", version()))))
        };
        CRATES.into_iter().map(unpacked).collect()
    }

    /// The archive that `npm pack` writes.
    fn packed_page(&self) -> Result<PathBuf> {
        let folder = self.folder.path().to_string_lossy().into_owned();
        run(&mut npm(&guest(), &["pack", "--pack-destination", &folder]))?;
        Ok(self.path(&format!("tauri-plugin-nameplate-api-{}.tgz", version())))
    }

    /// The minimal example, with the archives in place of paths into the repository.
    fn write_project(&self, crates: &[(&str, PathBuf)], package: &Path) -> Result<()> {
        let example = project::root().join("examples/minimal");
        for name in [
            "index.html",
            "vite.config.ts",
            "tsconfig.json",
            "src/main.ts",
            "src/styles.css",
            "src-tauri/build.rs",
            "src-tauri/src/main.rs",
            "src-tauri/tauri.conf.json",
            "src-tauri/capabilities/default.json",
        ] {
            self.put(name, &fs::read_to_string(example.join(name)).context(name)?)?;
        }
        let conf = self.path("app/src-tauri/tauri.conf.json");
        let icon = project::root().join("src-tauri/icons/icon.png").display().to_string();
        fs::write(&conf, fs::read_to_string(&conf)?.replace("icons/icon.png", &icon))?;
        let npm = fs::read_to_string(example.join("package.json"))?;
        let here = "file:../../crates/tauri-plugin-nameplate/guest-js";
        self.put("package.json", &npm.replace(here, &format!("file:{}", package.display())))?;
        let patches = crates.iter().map(|(name, path)| format!("{name} = {{ path = {path:?} }}\n"));
        let manifest = MANIFEST.replace("@VERSION@", version());
        let (patches, profile) = (patches.collect::<String>(), profiles::tables("dev")?);
        let patches = format!("\n[patch.crates-io]\n{patches}\n{profile}");
        self.put("src-tauri/Cargo.toml", &(manifest + &patches))?;
        self.put("src-tauri/Cargo.lock", &fs::read_to_string(project::root().join("Cargo.lock"))?)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let file = self.path("app").join(name);
        fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        Ok(fs::write(file, text)?)
    }
}

/// Of all crates, and of the npm package.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
