//! Paths of the project.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();

/// The root folder.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The target folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Takes the programs from this folder from now on. Only the first call has an effect.
pub fn use_programs(folder: PathBuf) {
    let _ = PROGRAMS.set(folder);
}

/// The folder of the built programs: that of [`use_programs`], else that of this program, so that both have the same
/// profile.
pub fn programs() -> PathBuf {
    if let Some(folder) = PROGRAMS.get() {
        return folder.clone();
    }
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

/// A built program.
pub fn program(name: &str) -> PathBuf {
    programs().join(name)
}
