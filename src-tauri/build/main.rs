//! Tells Tauri where this project keeps its capability file, and lists the licences of the libraries.

#![allow(clippy::print_stdout, reason = "Cargo reads it")]

mod licences;

use std::fs;
use std::path::Path;

fn main() {
    // Where `cargo package` verifies the crate there is no page and no workspace, and its files must stay as they are.
    let is_packaged =
        Path::new("Cargo.toml.orig").exists() && !Path::new("ui/dist/index.html").exists();
    if is_packaged {
        println!(r#"cargo:rustc-env=TAURI_CONFIG={{"build":{{"frontendDist":null}}}}"#);
    }
    for path in ["src-tauri/capabilities", "src-tauri/permissions", "ui/dist", "tauri.conf.json"]
        .into_iter()
        .chain(licences::INPUTS)
    {
        println!("cargo:rerun-if-changed={path}");
    }
    let permissions =
        tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(permissions);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
    if is_packaged {
        // Schemas for editors. Cargo reports the folder if it stays.
        let _ = fs::remove_dir_all("gen");
    }
    if let Err(error) = licences::write(is_packaged) {
        println!("cargo:warning=the licences of the libraries are not known: {error}");
        std::process::exit(1);
    }
}
