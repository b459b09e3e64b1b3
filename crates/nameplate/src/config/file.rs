//! `providers.toml`: one table per provider.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::provider_table::Table;

/// Which keychain is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeychainKind {
    /// That of the desktop: Secret Service, macOS Keychain or Windows Credential Manager.
    #[default]
    System,
    /// The Linux kernel's persistent keyring, whose content is lost when the computer restarts.
    #[cfg(target_os = "linux")]
    Kernel,
}

/// The content of the file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) keychain: KeychainKind,
    pub(super) tables: BTreeMap<String, Table>,
}

/// Not derived: `#[serde(flatten)]` loses the lines of errors.
impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FileVisitor)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = File;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tables of providers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
        let mut file = File::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "keychain" => file.keychain = map.next_value()?,
                _ => drop(file.tables.insert(key, map.next_value()?)),
            }
        }
        Ok(file)
    }
}

/// Reads the file; without a file there are no tables.
pub(super) fn read(path: &Path) -> Result<File> {
    let read = match std::fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(Error::caused(Code::ConfigUnreadable, error)),
    };
    read.map_err(|error| in_file(path, error))
}

/// The error with the name of the file before its detail.
pub(super) fn in_file(path: &Path, error: Error) -> Error {
    let name = path.file_name().unwrap_or_default().display();
    let detail = format!("{name}, {}", error.detail().unwrap_or_default());
    error.with_detail(detail)
}

/// The content of a text. An error has the line and the reason, never a value.
pub(super) fn parse(text: &str) -> Result<File> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().map_or(text, |span| text.get(..span.start).unwrap_or(text));
        let line = before.matches('\n').count() + 1;
        Error::new(Code::ConfigUnreadable)
            .with_detail(format!("line {line}: {}", without_value(error.message())))
    })
}

/// A parser's message about a wrong type, without the value, which may be a secret. The name of an
/// unknown field stays.
fn without_value(message: &str) -> String {
    let (found, expected) = message.split_once(", expected").unwrap_or((message, ""));
    if found.starts_with("unknown field") || expected.is_empty() {
        return message.to_owned();
    }
    let kind = found.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("{kind}, expected{expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        parse(text).unwrap_err().detail().unwrap().to_owned()
    }

    /// S48: an error names line and reason, and not the value, which may be a secret.
    #[test]
    fn an_error_names_the_line_and_never_a_value() {
        assert!(
            words("[discord]\nredirect_ports = \"s3cret\"\n")
                .starts_with("line 2: invalid type: string, expected")
        );
        assert!(words("[discord]\nmethod = \"s3cret\"\n").starts_with("line 2: "));
        assert!(!words("[discord]\nmethod = \"s3cret\"\n").contains("s3cret"));
        assert!(
            words("\n\n[discord]\nclient_idd = \"x\"\n")
                .starts_with("line 4: unknown field `client_idd`")
        );
    }

    /// The keychain is chosen beside the tables, and errors in it and after it have their lines.
    #[test]
    fn a_keychain_is_chosen() {
        let file = parse("keychain = \"system\"\n[discord]\nclient_id = \"c\"").unwrap();
        assert_eq!((file.keychain, file.tables.len()), (KeychainKind::System, 1));
        #[cfg(target_os = "linux")]
        assert_eq!(parse("keychain = \"kernel\"").unwrap().keychain, KeychainKind::Kernel);
        assert!(words("\nkeychain = \"file\"").starts_with("line 2: unknown variant"));
        assert!(words("keychain = \"system\"\n[x]\ny = 1").starts_with("line 3: unknown field"));
    }

    #[test]
    fn only_a_file_that_is_not_there_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(&dir.path().join("providers.toml")).unwrap().tables.is_empty());
        assert_eq!(read(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
        let file = dir.path().join("file");
        std::fs::write(&file, "[discord]\nclient_id = \"c\"").unwrap();
        assert_eq!(read(&file).unwrap().tables["discord"].client().unwrap().id, "c");
    }
}
