//! Files and folders that nobody else can read, as each operating system has them.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a folder that nobody else can read.
#[cfg(unix)]
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Makes a folder; on Windows the person's own folders are private already.
#[cfg(not(unix))]
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)
}

/// Lets nobody else read a file (S53).
#[cfg(unix)]
pub(crate) fn private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// See [`private_dir`].
#[cfg(not(unix))]
pub(crate) fn private_file(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a file that nobody else can read, or empties the one that is there (S53).
#[cfg(unix)]
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// See [`private_dir`].
#[cfg(not(unix))]
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// Whether others can read a file.
#[cfg(unix)]
pub(crate) fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

/// See [`private_dir`].
#[cfg(not(unix))]
pub(crate) fn is_open(_: &Path) -> bool {
    false
}

/// A new file that nobody else can read, from its first byte on.
#[cfg(unix)]
pub(crate) fn create_private(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// See [`private_dir`].
#[cfg(not(unix))]
pub(crate) fn create_private(path: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)
}
