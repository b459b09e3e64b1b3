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
pub fn register_url_scheme(home: &Home, program: &Path) -> io::Result<()> {
    linux::register(home, program)
}

/// See the Linux form.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn register_url_scheme(_: &Home, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Takes back what [`register_url_scheme`] wrote.
///
/// # Errors
/// Where the handler cannot be removed.
#[cfg(target_os = "linux")]
pub fn unregister_url_scheme(home: &Home) -> io::Result<()> {
    linux::remove(home)
}

/// See the Linux form.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn unregister_url_scheme(_: &Home) -> io::Result<()> {
    Ok(())
}

/// Whether deep links of this run have a handler; where only the installer knows, yes.
pub fn is_url_scheme_registered(home: &Home) -> bool {
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

    use crate::home::{HOME_VARIABLE, Home, is_one_line};

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

    pub(super) fn entry(home: &Home, program: &Path) -> io::Result<String> {
        let program = argument(text(program)?)?;
        let exec = match home.own_dir() {
            Some(dir) => {
                let variable = argument(&format!("{HOME_VARIABLE}={}", text(dir)?))?;
                format!("env {variable} {program} %u")
            }
            None => format!("{program} %u"),
        };
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName=Nameplate\nExec={exec}\nTerminal=false\nNoDisplay=true\nMimeType={};\n",
            mime(&home.scheme())
        ))
    }

    /// A desktop entry is UTF-8, and a path that is not would name another file.
    fn text(path: &Path) -> io::Result<&str> {
        let error = || io::Error::new(ErrorKind::InvalidInput, "a path is not UTF-8");
        path.to_str().ok_or_else(error)
    }

    fn mime(scheme: &str) -> String {
        format!("x-scheme-handler/{scheme}")
    }

    /// An argument of an `Exec` line, quoted as a whole where it has a reserved character, then
    /// escaped once more as a value of the file (Desktop Entry Specification 1.5, "Possible value
    /// types" and "The Exec key"). Plain paths stay unquoted, because the shell script `xdg-open`
    /// does not read quotes.
    ///
    /// # Errors
    /// Where it has a control character: programs do not agree on how one is read.
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

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::linux::{argument, entry};
    use crate::home::{Home, is_one_line};

    #[test]
    fn a_path_with_everything_in_it_stays_one_argument() {
        assert_eq!(argument("/a b").unwrap(), "\"/a b\"");
        assert_eq!(argument(r#"/a"b$c`d\e%f"#).unwrap(), r#""/a\\"b\\$c\\`d\\\\e%%f""#);
        assert_eq!(argument("A=/usr/bin/x-1.2").unwrap(), "A=/usr/bin/x-1.2");
        assert!(argument("/a\nExec=evil").is_err());
    }

    /// The arguments of an `Exec` value, read as the specification says.
    fn arguments(value: &str) -> Vec<String> {
        let unescaped = unescape(value);
        let mut chars = unescaped.chars().peekable();
        let (mut found, mut argument, mut quoted) = (Vec::new(), String::new(), false);
        while let Some(c) = chars.next() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => found.push(std::mem::take(&mut argument)),
                '\\' if quoted => argument.push(chars.next().unwrap()),
                '%' if chars.next_if_eq(&'%').is_some() => argument.push('%'),
                c => argument.push(c),
            }
        }
        assert!(!quoted, "{value}");
        found.push(argument);
        found
    }

    fn unescape(value: &str) -> String {
        let mut text = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.push(match chars.next().unwrap() {
                    's' => ' ',
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '\\' => '\\',
                    other => panic!("no escape: {other:?}"),
                }),
                c => text.push(c),
            }
        }
        text
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        /// U1: whatever the home is called, the entry has its seven lines, and starts the program
        /// with that home and the link; or there is none.
        #[test]
        fn no_home_adds_to_the_entry(name in r#"[a-c \n\r\t\\"'`$%;=\[\]#~&<>|*?()\u{85}\u{2028}가]{1,20}"#) {
            let dir = tempfile::tempdir().unwrap();
            let Ok(home) = Home::own(&dir.path().join(&name)) else {
                prop_assert!(!is_one_line(&name));
                return Ok(());
            };
            let entry = entry(&home, Path::new("/opt/a 100% \"good\"/program")).unwrap();
            let lines: Vec<_> = entry.split(['\n', '\r', '\u{85}', '\u{2028}']).collect();
            prop_assert_eq!(lines.len(), 8, "{}", &entry);
            let exec = lines[3].strip_prefix("Exec=").unwrap();
            let variable = format!("NAMEPLATE_HOME={}", home.own_dir().unwrap().display());
            let wanted = ["env", variable.as_str(), "/opt/a 100% \"good\"/program", "%u"];
            prop_assert_eq!(arguments(exec), wanted);
        }
    }

    /// A path that cannot be written into the entry is refused, not changed.
    #[test]
    fn a_path_that_is_not_utf_8_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(dir.path()).unwrap();
        let program = Path::new(std::ffi::OsStr::from_bytes(b"/opt/\xff/program"));
        assert!(entry(&home, program).is_err());
        assert!(entry(&home, Path::new("/opt/a\nExec=evil")).is_err());
    }
}
