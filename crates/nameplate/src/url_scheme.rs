//! Registers the private-use URI scheme with the desktop (RFC 8252, section 7.1).

use std::io;
use std::path::Path;

use crate::home::Home;

/// Registers `program` for the URL scheme of the home. On Windows and macOS the installer or the
/// deep link plugin does that.
///
/// # Errors
/// If the desktop entry cannot be written, or a path cannot be put into it.
#[cfg(target_os = "linux")]
pub fn register_url_scheme(home: &Home, program: &Path) -> io::Result<()> {
    linux::register(home, program)
}

/// Does nothing.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn register_url_scheme(_: &Home, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Undoes [`register_url_scheme`].
///
/// # Errors
/// If the desktop entry cannot be deleted.
#[cfg(target_os = "linux")]
pub fn unregister_url_scheme(home: &Home) -> io::Result<()> {
    linux::remove(home)
}

/// Does nothing.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn unregister_url_scheme(_: &Home) -> io::Result<()> {
    Ok(())
}

/// A path as an argument of the `Exec` line of a desktop entry.
///
/// # Errors
/// If it has a control character.
#[cfg(target_os = "linux")]
pub fn exec_argument(path: &str) -> io::Result<String> {
    linux::argument(path)
}

/// Whether the URL scheme of the home has a handler; true where only the installer knows.
pub fn is_url_scheme_registered(home: &Home) -> bool {
    #[cfg(target_os = "linux")]
    return linux::file(home).is_some_and(|file| file.exists())
        || linux::is_installed(&home.scheme());
    #[cfg(not(target_os = "linux"))]
    return !home.identifier().is_empty();
}

#[cfg(target_os = "linux")]
mod linux {
    //! A desktop entry per home, because its `Exec` line has `%u` and the home, and because two
    //! builds must not share one file (U1, U4).

    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use crate::home::Home;
    use crate::identity::is_one_line;

    pub(super) fn file(home: &Home) -> Option<PathBuf> {
        Some(dirs::data_dir()?.join("applications").join(format!("{}.desktop", home.identifier())))
    }

    pub(super) fn register(home: &Home, program: &Path) -> io::Result<()> {
        // A desktop entry in the user's folder would shadow that of the package.
        if home.own_dir().is_none() && is_installed(&home.scheme()) {
            return Ok(());
        }
        let Some(file) = file(home) else { return Err(io::Error::from(ErrorKind::NotFound)) };
        let folder = file.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder)?;
        let entry = entry(home, program)?;
        if std::fs::read_to_string(&file).is_ok_and(|written| written == entry) {
            return Ok(());
        }
        std::fs::write(&file, entry)?;
        run("update-desktop-database", &[folder.as_os_str()]);
        let name = format!("{}.desktop", home.identifier());
        run("xdg-mime", &["default".as_ref(), name.as_ref(), mime(&home.scheme()).as_ref()]);
        Ok(())
    }

    pub(super) fn remove(home: &Home) -> io::Result<()> {
        let Some(file) = file(home) else { return Ok(()) };
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        run("update-desktop-database", &[file.parent().unwrap_or(Path::new("/")).as_os_str()]);
        remove_default(&format!("{}.desktop", home.identifier()))
    }

    /// Whether a system-wide desktop entry has the scheme.
    pub(super) fn is_installed(scheme: &str) -> bool {
        let folders = std::env::var_os("XDG_DATA_DIRS")
            .unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        std::env::split_paths(&folders).any(|folder| {
            let entries =
                std::fs::read_dir(folder.join("applications")).into_iter().flatten().flatten();
            entries
                .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
                .any(|text| text.contains(&format!("{};", mime(scheme))))
        })
    }

    pub(super) fn entry(home: &Home, program: &Path) -> io::Result<String> {
        let program = argument(text(program)?)?;
        let exec = match home.own_dir() {
            Some(dir) => {
                let name = home.identity().home_variable();
                let variable = argument(&format!("{name}={}", text(dir)?))?;
                format!("env {variable} {program} %u")
            }
            None => format!("{program} %u"),
        };
        let icon = match text(&home.icon_file()) {
            Ok(icon) if home.icon_file().exists() => format!("Icon={}\n", value(icon)?),
            Ok(_) | Err(_) => String::new(),
        };
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName={}\nExec={exec}\n{icon}Terminal=false\nNoDisplay=true\nMimeType={};\n",
            home.identity().name.replace('\\', "\\\\"),
            mime(&home.scheme())
        ))
    }

    /// The path as UTF-8, which desktop entries are.
    ///
    /// # Errors
    /// If it is not UTF-8.
    fn text(path: &Path) -> io::Result<&str> {
        let error = || io::Error::new(ErrorKind::InvalidInput, "a path is not UTF-8");
        path.to_str().ok_or_else(error)
    }

    fn mime(scheme: &str) -> String {
        format!("x-scheme-handler/{scheme}")
    }

    /// An argument of an `Exec` line: quoted if it has a reserved character, then escaped as a
    /// value of the file (Desktop Entry Specification 1.5, "Possible value types" and "The Exec
    /// key"). Other arguments stay unquoted, because the shell script `xdg-open` does not parse
    /// quotes.
    ///
    /// # Errors
    /// If it has a control character, which programs read differently.
    pub(super) fn argument(text: &str) -> io::Result<String> {
        if !is_one_line(text) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "a path has a control character"));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c);
        if !text.is_empty() && text.chars().all(is_plain) {
            return Ok(text.to_owned());
        }
        let mut quoted = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
                '\\' => quoted.push_str("\\\\\\\\"),
                '%' => quoted.push_str("%%"),
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        Ok(quoted)
    }

    /// A text as a value of a desktop entry.
    ///
    /// # Errors
    /// If it has a control character.
    fn value(text: &str) -> io::Result<String> {
        match is_one_line(text) {
            true => Ok(text.replace('\\', "\\\\")),
            false => Err(io::Error::new(ErrorKind::InvalidInput, "a path has a control character")),
        }
    }

    /// Deletes the line that `xdg-mime` wrote.
    fn remove_default(name: &str) -> io::Result<()> {
        let Some(list) = dirs::config_dir().map(|dir| dir.join("mimeapps.list")) else {
            return Ok(());
        };
        let Ok(text) = std::fs::read_to_string(&list) else { return Ok(()) };
        let kept: String = text.split_inclusive('\n').filter(|line| !line.contains(name)).collect();
        if kept == text { Ok(()) } else { std::fs::write(&list, kept) }
    }

    /// Runs a helper of the desktop. A desktop without it needs no cache to be updated.
    fn run(program: &str, arguments: &[&std::ffi::OsStr]) {
        let ended = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = ended {
            tracing::warn!(program, %error, "a desktop helper did not run");
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
