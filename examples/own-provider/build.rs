//! Generates what Tauri needs.

fn main() {
    // A page with other files is embedded again.
    println!("cargo:rerun-if-changed=../minimal/dist");
    tauri_build::build();
}
