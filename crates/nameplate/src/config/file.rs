//! `providers.toml`: one table per provider.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use native_oauth::provider::{Grant, TokenEndpointAuthMethod};
use native_oauth::provider_config::{ClientCredentials, ExtensionPolicy, IssRule};
use secrecy::SecretString;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

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

/// A table as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) kind: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) client_auth: Option<TokenEndpointAuthMethod>,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    pub(crate) people_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) emails_endpoint: Option<String>,
    pub(crate) photo_endpoint: Option<String>,
    pub(crate) device_authorization_endpoint: Option<String>,
    pub(crate) pushed_authorization_request_endpoint: Option<String>,
    pub(crate) avatar_base: Option<String>,
    pub(crate) plc_directory: Option<String>,
    pub(crate) handle_resolver: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) redirect_ports: Option<Vec<u16>>,
    #[serde(alias = "channel")]
    pub(crate) method: Option<Grant>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) iss: Option<IssRule>,
    pub(crate) dpop: Option<ExtensionPolicy>,
    pub(crate) par: Option<ExtensionPolicy>,
    pub(crate) email_trusted: Option<bool>,
    pub(crate) trusted_audiences: Option<Vec<String>>,
    pub(crate) device_client_id: Option<String>,
    pub(crate) device_client_secret: Option<SecretString>,
    pub(crate) bot_permissions: Option<u64>,
}

/// Fills the fields that `$written` leaves open from `$given`.
macro_rules! fill {
    ($written:ident, $given:ident, $($field:ident),* $(,)?) => {
        Table { $($field: $written.$field.or($given.$field),)* }
    };
}

impl Table {
    /// The table with what the program gives where nothing is written. The program's client is for
    /// the program's issuer: one of another issuer is never sent its secret.
    pub(super) fn or(self, mut given: Self) -> Self {
        if self.client().is_some() || (self.issuer.is_some() && self.issuer != given.issuer) {
            (given.client_id, given.client_secret, given.client_auth) = (None, None, None);
            (given.device_client_id, given.device_client_secret) = (None, None);
        }
        let written = self;
        fill!(
            written,
            given,
            kind,
            label,
            issuer,
            client_id,
            client_secret,
            client_auth,
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            jwks_uri,
            people_endpoint,
            revocation_endpoint,
            emails_endpoint,
            photo_endpoint,
            device_authorization_endpoint,
            pushed_authorization_request_endpoint,
            avatar_base,
            plc_directory,
            handle_resolver,
            redirect_uri,
            redirect_ports,
            method,
            scopes,
            iss,
            dpop,
            par,
            email_trusted,
            trusted_audiences,
            device_client_id,
            device_client_secret,
            bot_permissions,
        )
    }

    /// Id and secret together, or neither.
    pub(super) fn client(&self) -> Option<ClientCredentials> {
        client(self.client_id.as_ref(), self.client_secret.as_ref())
    }

    /// The client of the device flow, if it is another one.
    pub(super) fn device_client(&self) -> Option<ClientCredentials> {
        client(self.device_client_id.as_ref(), self.device_client_secret.as_ref())
    }
}

fn client(id: Option<&String>, secret: Option<&SecretString>) -> Option<ClientCredentials> {
    let id = id.filter(|id| !id.trim().is_empty())?.clone();
    Some(ClientCredentials { id, secret: secret.cloned() })
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
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(Error::caused(Code::ConfigUnreadable, error)),
    }
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
    fn a_client_is_its_id_with_or_without_a_secret() {
        let table =
            |text: &str| parse(&format!("[x]\n{text}")).unwrap().tables.remove("x").unwrap();
        let both = table("client_id = \"c\"\nclient_secret = \"s\"\ndevice_client_id = \"d\"");
        assert!(both.client().is_some_and(|client| client.id == "c" && client.secret.is_some()));
        assert!(
            both.device_client().is_some_and(|client| client.id == "d" && client.secret.is_none())
        );
        assert!(table("client_id = \" \"\nclient_secret = \"s\"").client().is_none());
        assert!(table("client_secret = \"s\"").device_client().is_none());
    }

    /// Every key that is read is in the table of docs/configuration.md.
    #[test]
    fn every_key_is_documented() {
        const PAGE: &str = include_str!("../../../../docs/configuration.md");
        let message = toml::from_str::<Table>("no_such_key = 1").unwrap_err().to_string();
        let (_, keys) = message.split_once("expected one of").unwrap();
        let keys: Vec<_> = keys.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 20, "{message}");
        for key in keys {
            assert!(PAGE.contains(&format!("`{key}`")), "docs/configuration.md lacks {key}");
        }
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
