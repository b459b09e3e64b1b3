//! Private files and folders, per operating system.

use std::fs::File;
use std::io;
use std::path::Path;

/// Creates a folder with mode 0700. An existing folder loses the permissions of group and others;
/// one of another user stays as it is, which `doctor` reports.
#[cfg(unix)]
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if let Err(error) = narrow(dir) {
        tracing::warn!(%error, "a folder can be read by others");
    }
    Ok(())
}

/// Creates a folder; the user's own folders on Windows are private.
#[cfg(not(unix))]
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)
}

/// Sets mode 0600 (S53).
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

/// Removes the permissions of group and others from a file or folder (S53).
///
/// # Errors
/// For a folder with a sticky bit, such as /tmp: it is shared on purpose.
#[cfg(unix)]
pub(crate) fn narrow(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    if mode & 0o1000 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the folder is shared"));
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700))
}

/// See [`private_dir`].
#[cfg(not(unix))]
pub(crate) fn narrow(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a lock file, or creates it. Refuses symbolic links and anything but regular files; the
/// content is not changed.
#[cfg(unix)]
pub(crate) fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = File::options()
        .write(true)
        .create(create)
        .truncate(false)
        .mode(0o600)
        // Without O_NONBLOCK, opening a named pipe would block.
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the lock is no regular file"));
    }
    if data.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// See the form for Unix.
#[cfg(not(unix))]
pub(crate) fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    File::options().write(true).create(create).truncate(false).open(path)
}

/// Whether an open file is the one at the path.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    Ok(file_id(path) == Some((open.dev(), open.ino())))
}

/// Without inode numbers, no file is replaced.
#[cfg(not(unix))]
pub(crate) fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Device and inode of the file at the path.
#[cfg(unix)]
pub(crate) fn file_id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(path).ok().map(|data| (data.dev(), data.ino()))
}

/// See [`is_at`].
#[cfg(not(unix))]
pub(crate) fn file_id(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Whether group or others have any permission.
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

/// Creates a file with mode 0600; fails if it exists.
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
