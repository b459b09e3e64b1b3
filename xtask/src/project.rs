//! Where the parts of the project lie on disk.

use std::path::{Path, PathBuf};

/// The top folder of the project.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The folder for everything that is made, not written.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder with the built programs: the one that this program was built into, so that both are of one profile.
pub fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("NAMEPLATE_BIN_DIR") {
        return PathBuf::from(folder);
    }
    let folder = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_path_buf));
    match folder {
        Some(folder) if folder.ends_with("deps") => {
            folder.parent().map_or(folder.clone(), Path::to_path_buf)
        }
        Some(folder) => folder,
        None => target().join("debug"),
    }
}

/// A built program by its name.
pub fn program(name: &str) -> PathBuf {
    programs().join(name)
}
