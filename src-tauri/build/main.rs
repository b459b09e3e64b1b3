//! Tells Tauri where this project keeps its capability file.

fn main() {
    for path in ["src-tauri/capabilities", "src-tauri/permissions", "ui/dist", "tauri.conf.json"] {
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
}
