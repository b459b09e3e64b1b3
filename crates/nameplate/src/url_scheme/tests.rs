use std::path::Path;

use proptest::prelude::*;

use super::linux::{argument, entry};
use crate::home::Home;
use crate::identity::is_one_line;
use crate::identity::testing::identity;

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
        let Ok(home) = Home::own(&identity(), &dir.path().join(&name)) else {
            prop_assert!(!is_one_line(&name));
            return Ok(());
        };
        let entry = entry(&home, Path::new("/opt/a 100% \"good\"/program")).unwrap();
        let lines: Vec<_> = entry.split(['\n', '\r', '\u{85}', '\u{2028}']).collect();
        prop_assert_eq!(lines.len(), 8, "{}", &entry);
        let exec = lines[3].strip_prefix("Exec=").unwrap();
        let variable = format!("NOTES_HOME={}", home.own_dir().unwrap().display());
        let wanted = ["env", variable.as_str(), "/opt/a 100% \"good\"/program", "%u"];
        prop_assert_eq!(arguments(exec), wanted);
    }
}

/// A path that cannot be written into the entry is refused, not changed.
#[test]
fn a_path_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let home = Home::own(&identity(), dir.path()).unwrap();
    let program = Path::new(std::ffi::OsStr::from_bytes(b"/opt/\xff/program"));
    assert!(entry(&home, program).is_err());
    assert!(entry(&home, Path::new("/opt/a\nExec=evil")).is_err());
}

/// The icon that the app wrote is that of the entry.
#[test]
fn an_entry_has_the_icon_of_its_home() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::own(&identity(), &dir.path().join("a b")).unwrap();
    home.prepare().unwrap();
    let program = Path::new("/usr/bin/nameplate-desktop");
    assert!(!entry(&home, program).unwrap().contains("Icon="));
    std::fs::write(home.icon_file(), b"png").unwrap();
    let written = entry(&home, program).unwrap();
    assert!(written.contains(&format!("\nIcon={}\n", home.icon_file().display())), "{written}");
}
