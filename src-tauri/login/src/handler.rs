//! Who opens our deep links: the one file of this crate that knows which desktop it runs on.

use std::io;
use std::path::Path;

use crate::home::Home;

/// Makes the operating system hand the deep links of this run to `program`. Elsewhere than on
/// Linux the installer or the window's plugin does that.
///
/// # Errors
/// Where the handler cannot be written.
#[cfg(target_os = "linux")]
pub fn register_handler(home: &Home, program: &Path) -> io::Result<()> {
    linux::register(home, program)
}

/// See the Linux form.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn register_handler(_: &Home, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Takes back what [`register_handler`] wrote.
///
/// # Errors
/// Where the handler cannot be removed.
#[cfg(target_os = "linux")]
pub fn remove_handler(home: &Home) -> io::Result<()> {
    linux::remove(home)
}

/// See the Linux form.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn remove_handler(_: &Home) -> io::Result<()> {
    Ok(())
}

/// Whether deep links of this run have a handler; where only the installer knows, yes.
pub fn has_handler(home: &Home) -> bool {
    #[cfg(target_os = "linux")]
    return linux::file(home).is_some_and(|file| file.exists())
        || linux::is_installed(&home.scheme());
    #[cfg(not(target_os = "linux"))]
    return !home.identifier().is_empty();
}

#[cfg(target_os = "linux")]
mod linux {
    //! A desktop entry of our own, because an `%u` and the run's home must stand in its `Exec`
    //! line, and because two builds must not share one file (U1, U4).

    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use crate::home::{HOME_VARIABLE, Home};

    pub(super) fn file(home: &Home) -> Option<PathBuf> {
        Some(dirs::data_dir()?.join("applications").join(format!("{}.desktop", home.identifier())))
    }

    pub(super) fn register(home: &Home, program: &Path) -> io::Result<()> {
        // A package brings its own entry; one of ours would shadow it.
        if home.own_dir().is_none() && is_installed(&home.scheme()) {
            return Ok(());
        }
        let Some(file) = file(home) else { return Err(io::Error::from(ErrorKind::NotFound)) };
        let folder = file.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder)?;
        let entry = entry(home, program);
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
        forget_default(&format!("{}.desktop", home.identifier()))
    }

    /// Whether a package registered the scheme for everybody.
    pub(super) fn is_installed(scheme: &str) -> bool {
        let folders = std::env::var_os("XDG_DATA_DIRS")
            .unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        std::env::split_paths(&folders).any(|folder| {
            let entries =
                std::fs::read_dir(folder.join("applications")).into_iter().flatten().flatten();
            entries
                .filter(|entry| {
                    entry.file_name().to_string_lossy().to_lowercase().contains("nameplate")
                })
                .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
                .any(|text| text.contains(&format!("{};", mime(scheme))))
        })
    }

    fn entry(home: &Home, program: &Path) -> String {
        let program = quoted(&program.to_string_lossy());
        let exec = match home.own_dir() {
            Some(dir) => {
                format!("env {HOME_VARIABLE}={} {program} %u", quoted(&dir.to_string_lossy()))
            }
            None => format!("{program} %u"),
        };
        format!(
            "[Desktop Entry]\nType=Application\nName=Nameplate\nExec={exec}\nTerminal=false\nNoDisplay=true\nMimeType={};\n",
            mime(&home.scheme())
        )
    }

    fn mime(scheme: &str) -> String {
        format!("x-scheme-handler/{scheme}")
    }

    /// An argument of an `Exec` line: quoted, then escaped once more as a value of the file
    /// (Desktop Entry Specification, "The Exec key").
    pub(super) fn quoted(argument: &str) -> String {
        let mut text = String::from("\"");
        for c in argument.chars() {
            match c {
                '"' | '`' | '$' => text.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
                '\\' => text.push_str("\\\\\\\\"),
                '%' => text.push_str("%%"),
                c => text.push(c),
            }
        }
        text.push('"');
        text
    }

    /// The line that `xdg-mime` wrote.
    fn forget_default(name: &str) -> io::Result<()> {
        let Some(list) = dirs::config_dir().map(|dir| dir.join("mimeapps.list")) else {
            return Ok(());
        };
        let Ok(text) = std::fs::read_to_string(&list) else { return Ok(()) };
        let kept: String = text.split_inclusive('\n').filter(|line| !line.contains(name)).collect();
        if kept == text { Ok(()) } else { std::fs::write(&list, kept) }
    }

    /// A helper of the desktop; one that is missing only means a desktop without that cache.
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::linux::quoted;

    #[test]
    fn a_path_with_everything_in_it_stays_one_argument() {
        assert_eq!(quoted("/a b"), "\"/a b\"");
        assert_eq!(quoted(r#"/a"b$c`d\e%f"#), r#""/a\\"b\\$c\\`d\\\\e%%f""#);
    }
}
