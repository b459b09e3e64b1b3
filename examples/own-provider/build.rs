//! Generates what Tauri needs.

use std::fs;
use std::path::Path;

fn main() {
    // A page with other files is embedded again.
    println!("cargo:rerun-if-changed=../minimal/dist");
    // Where `cargo package` verifies the crate there is no page, and its files must stay as they are.
    let is_packaged =
        Path::new("Cargo.toml.orig").exists() && !Path::new("../minimal/dist").exists();
    if is_packaged {
        println!(r#"cargo:rustc-env=TAURI_CONFIG={{"build":{{"frontendDist":null}}}}"#);
    }
    tauri_build::build();
    if is_packaged {
        // Schemas for editors. Cargo reports the folder if it stays.
        let _ = fs::remove_dir_all("gen");
    }
}
