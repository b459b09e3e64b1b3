//! Starts the app when the user logs in: an entry for the desktop (Desktop Application Autostart Specification).

use std::path::PathBuf;
use std::{fs, io};

use tauri::{AppHandle, Manager, Runtime};

/// The argument of a start at login, which shows no window where there is a tray.
pub const IN_BACKGROUND: &str = "--background";

/// Whether there is an entry; `None` where there can be none.
pub fn is_on<R: Runtime>(app: &AppHandle<R>) -> Option<bool> {
    let entry = fs::read_to_string(file(app)?);
    Some(entry.is_ok_and(|entry| linux::is_on(&entry)))
}

/// Writes the entry, or removes it.
///
/// # Errors
/// If the folder cannot be written, or the path of the program cannot stand in an entry.
pub fn set<R: Runtime>(app: &AppHandle<R>, wanted: bool) -> io::Result<()> {
    let Some(file) = file(app) else { return Ok(()) };
    if !wanted {
        return fs::remove_file(file);
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, linux::entry(&tauri::process::current_binary(&app.env())?)?)
}

/// Other systems than Linux: not built yet.
fn file<R: Runtime>(app: &AppHandle<R>) -> Option<PathBuf> {
    let folder = app.path().config_dir().ok().filter(|_| cfg!(target_os = "linux"))?;
    Some(folder.join("autostart").join(format!("{}.desktop", app.config().identifier)))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::path::Path;

    use gtk::glib::{KeyFile, KeyFileFlags};

    use super::IN_BACKGROUND;

    /// Whether the desktop follows an entry. Settings of desktops turn one off by one of these keys instead of deleting it:
    /// `Hidden` of the specification, and that of GNOME.
    pub fn is_on(entry: &str) -> bool {
        let keys = KeyFile::new();
        let has = |key, value| keys.boolean("Desktop Entry", key).is_ok_and(|found| found == value);
        keys.load_from_data(entry, KeyFileFlags::NONE).is_ok()
            && !has("Hidden", true)
            && !has("X-GNOME-Autostart-enabled", false)
    }

    /// `TryExec` makes desktops pass over it once the program is removed.
    pub fn entry(program: &Path) -> io::Result<String> {
        let refused = || io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8");
        let program = program.to_str().ok_or_else(refused)?;
        let exec = nameplate::exec_argument(program)?;
        let check = if exec == program { format!("TryExec={program}\n") } else { String::new() };
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName=Nameplate\nExec={exec} {IN_BACKGROUND}\n{check}Terminal=false\n"
        ))
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    pub fn is_on(_: &str) -> bool {
        false
    }

    pub fn entry(_: &std::path::Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::linux::{entry, is_on};

    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn the_entry_starts_the_program_in_the_background() {
        let plain = entry(Path::new("/usr/bin/nameplate-desktop")).unwrap();
        assert!(plain.contains("\nExec=/usr/bin/nameplate-desktop --background\n"), "{plain}");
        assert!(plain.contains("\nTryExec=/usr/bin/nameplate-desktop\n"), "{plain}");
        let spaced = entry(Path::new("/opt/my apps/nameplate-desktop")).unwrap();
        assert!(spaced.contains("\nExec=\"/opt/my apps/nameplate-desktop\" --background\n"));
        assert!(entry(Path::new("/a\nExec=evil")).is_err());
    }

    /// The desktop's own settings may have turned it off.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn an_entry_may_be_turned_off() {
        let entry = entry(Path::new("/usr/bin/nameplate-desktop")).unwrap();
        assert!(is_on(&entry));
        assert!(is_on(&format!("{entry}Hidden=false\nX-GNOME-Autostart-enabled=true\n")));
        for off in ["Hidden=true", "X-GNOME-Autostart-enabled=false"] {
            assert!(!is_on(&format!("{entry}{off}\n")), "{off}");
        }
        assert!(!is_on("Hidden=true"));
    }
}
