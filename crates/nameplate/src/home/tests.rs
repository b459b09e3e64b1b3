use super::*;
use crate::identity::testing::identity;

#[test]
fn each_home_has_names_of_its_own() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (a, b) =
        (Home::own(&identity(), a.path()).unwrap(), Home::own(&identity(), b.path()).unwrap());
    assert_ne!(a.identifier(), b.identifier());
    assert!(a.identifier().starts_with("com.example.notes.h"));
    assert!(a.database().starts_with(a.own_dir().unwrap()));
    assert!(a.providers_file().starts_with(a.own_dir().unwrap()));
}

/// S53: opening a home makes Nameplate's files in it private; other files, existing folders and the
/// targets of symbolic links stay, and are reported as far as they are Nameplate's.
#[cfg(unix)]
#[test]
fn the_files_of_an_existing_home_are_made_private() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let outside = tempfile::tempdir().unwrap();
    let dir = outside.path().join("home");
    for folder in ["logs", "locks"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
        set(&dir.join(folder), 0o777);
    }
    set(&dir, 0o775);
    let ours = [
        "providers.toml",
        "nameplate.db",
        "nameplate.db-wal",
        "nameplate.db.damaged-1",
        "logs/notes.2026-01-01.log",
        "locks/account-1.lock",
    ];
    let others = ["notes.txt", ".env", "logs/other.log", "locks/other.lock"];
    for name in ours.iter().chain(&others) {
        std::fs::write(dir.join(name), "").unwrap();
        set(&dir.join(name), 0o664);
    }
    let linked = outside.path().join("linked");
    std::fs::write(&linked, "").unwrap();
    set(&linked, 0o644);
    std::os::unix::fs::symlink(&linked, dir.join("logs/link.log")).unwrap();

    let home = Home::own(&identity(), &dir).unwrap();
    home.prepare().unwrap();
    for (folder, before) in [("", 0o775), ("logs", 0o777), ("locks", 0o777)] {
        assert_eq!(mode(&dir.join(folder)), before, "{folder}");
    }
    ours.iter().for_each(|name| assert_eq!(mode(&dir.join(name)), 0o600, "{name}"));
    others.iter().for_each(|name| assert_eq!(mode(&dir.join(name)), 0o664, "{name}"));
    assert_eq!(mode(&linked), 0o644);
    assert_eq!(home.open_to_others(), [home.data_dir(), &home.logs(), &home.locks()]);
    for folder in ["", "logs", "locks"] {
        set(&dir.join(folder), 0o700);
    }
    assert!(home.open_to_others().is_empty());
    set(&dir.join("logs"), 0o755);
    set(&dir.join("nameplate.db"), 0o644);
    assert_eq!(home.open_to_others(), [home.logs(), home.database()]);
}

/// S53: what Nameplate creates is private.
#[cfg(unix)]
#[test]
fn a_new_home_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let outside = tempfile::tempdir().unwrap();
    let home = Home::own(&identity(), &outside.path().join("of/a person")).unwrap();
    home.prepare().unwrap();
    for folder in [home.data_dir(), &home.logs(), &home.locks()] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    assert!(home.open_to_others().is_empty());
}

/// A folder that was there for something else keeps its mode, and is reported; also once Nameplate
/// has written into it.
#[cfg(unix)]
#[test]
fn a_folder_of_others_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("notes.txt"), "").unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(dir.path(), open).unwrap();
    let home = Home::own(&identity(), dir.path()).unwrap();
    home.prepare().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    std::fs::write(home.database(), "").unwrap();
    std::fs::write(home.providers_file(), "").unwrap();
    for home in [home.clone(), Home::own(&identity(), dir.path()).unwrap()] {
        home.prepare().unwrap();
        assert_eq!(mode(dir.path()), 0o755);
        assert_eq!(mode(&home.logs()), 0o700);
        assert_eq!(home.open_to_others(), [home.data_dir()]);
    }
}

/// A folder with a sticky bit, such as /tmp, is shared on purpose and keeps its mode.
#[cfg(unix)]
#[test]
fn a_shared_folder_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let shared = std::fs::Permissions::from_mode(0o1777);
    std::fs::set_permissions(dir.path(), shared).unwrap();
    let home = Home::own(&identity(), dir.path()).unwrap();
    home.prepare().unwrap();
    assert_eq!(dir.path().metadata().unwrap().permissions().mode() & 0o7777, 0o1777);
    assert!(home.open_to_others().contains(&home.data_dir().to_owned()));
}

/// A path with a line break is refused, also behind a symbolic link.
#[cfg(unix)]
#[test]
fn a_path_with_a_control_character_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a\nExec=evil", "a\rb", "a\tb", "\u{7f}", "\u{85}", "a\u{2028}b"] {
        let refused = Home::own(&identity(), &dir.path().join(name)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{name:?}");
        assert!(!dir.path().join(name).exists());
    }
    let hidden = dir.path().join("a\nb");
    std::fs::create_dir(&hidden).unwrap();
    std::os::unix::fs::symlink(&hidden, dir.path().join("link")).unwrap();
    assert!(Home::own(&identity(), &dir.path().join("link")).is_err());
}

/// S8, U4: reverse-DNS, and a home of its own never answers to the installed program's scheme.
#[test]
fn the_scheme_is_reverse_dns() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Home::own(&identity(), dir.path()).unwrap().scheme(), "com.example.notes.dev");
}
