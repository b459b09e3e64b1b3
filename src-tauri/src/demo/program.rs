//! Where the demo provider is, and who can change it.

use std::io;
use std::path::{Path, PathBuf};

/// Beside the program in a development build; installed programs have it in a folder of its own.
///
/// # Errors
/// Where there is none, or others than the user and root can change it (S70).
pub fn find() -> io::Result<PathBuf> {
    let name = format!("demo-provider{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe()?;
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let folder = here.parent().ok_or_else(missing)?;
    let beside = folder.join(&name);
    if cfg!(debug_assertions) && beside.is_file() {
        return Ok(beside);
    }
    let installed = folder.parent().ok_or_else(missing)?.join("lib/nameplate").join(&name);
    check(&installed, Path::new("/"))?;
    Ok(installed)
}

/// Whether it is a file that only the user and root can change or replace, which a folder above it would allow.
/// The folders are looked at up to `top`.
#[cfg(unix)]
fn check(program: &Path, top: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    if !program.symlink_metadata()?.is_file() {
        return Err(io::Error::other(format!("{}: no file", program.display())));
    }
    for part in program.ancestors().take_while(|part| part.starts_with(top)) {
        // Of a link itself, which everybody can write to by its mode: links are refused.
        let found = part.symlink_metadata()?;
        let of_others = ![0, user].contains(&found.uid());
        if of_others || found.mode() & 0o022 != 0 {
            let problem = format!("{}: others can change it", part.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
        }
    }
    Ok(())
}

/// The folder of installed programs is an administrator's. Never run.
#[cfg(not(unix))]
fn check(program: &Path, _top: &Path) -> io::Result<()> {
    program.metadata().map(drop)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a failed test panics")]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// S70: what another user put there, or could change, is not started.
    #[test]
    fn a_program_that_others_can_change_is_not_started() {
        let folder = tempfile::tempdir().unwrap();
        let check = |program: &Path| check(program, folder.path());
        let above = folder.path().join("lib");
        let program = above.join("demo-provider");
        std::fs::create_dir(&above).unwrap();
        std::fs::write(&program, "").unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        set(&above, 0o755);
        set(&program, 0o755);
        check(&program).unwrap();
        for (path, mode) in
            [(&program, 0o757), (&program, 0o775), (&above, 0o777), (&above, 0o1777)]
        {
            set(path, mode);
            let refused = check(&program).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
            assert!(refused.to_string().starts_with(path.to_str().unwrap()), "{refused}");
            set(path, 0o755);
        }
        check(&program).unwrap();

        let link = folder.path().join("demo-provider");
        symlink(&program, &link).unwrap();
        check(&link).unwrap_err();
        let linked = folder.path().join("linked");
        symlink(&above, &linked).unwrap();
        check(&linked.join("demo-provider")).unwrap_err();
        check(&above).unwrap_err();
        check(&above.join("missing")).unwrap_err();

        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            for path in [&program, &above] {
                std::os::unix::fs::chown(path, Some(65534), None).unwrap();
                let refused = check(&program).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{}", path.display());
                std::os::unix::fs::chown(path, Some(0), None).unwrap();
            }
            check(&program).unwrap();
        }
    }
}
