//! Tells Tauri where this project keeps its capability file, and lists the licences of the libraries.

#![allow(clippy::print_stdout, reason = "Cargo reads it")]

mod licences;

fn main() {
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
    if let Err(error) = licences::write() {
        println!("cargo:warning=the licences of the libraries are not known: {error}");
        std::process::exit(1);
    }
}
