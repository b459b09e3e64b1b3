//! `providers.toml`: one table per provider.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use native_oauth::provider::{Channel, TokenEndpointAuthMethod};
use native_oauth::provider_config::{ClientCredentials, IssRule};
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Code, Error, Result};

/// A table as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) kind: Option<String>,
    pub(super) label: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
    pub(super) client_auth: Option<TokenEndpointAuthMethod>,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) jwks_uri: Option<String>,
    pub(super) people_endpoint: Option<String>,
    pub(super) revocation_endpoint: Option<String>,
    pub(super) emails_endpoint: Option<String>,
    pub(super) photo_endpoint: Option<String>,
    pub(super) device_authorization_endpoint: Option<String>,
    pub(super) avatar_base: Option<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) redirect_ports: Option<Vec<u16>>,
    pub(super) channel: Option<Channel>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) iss: Option<IssRule>,
    pub(super) email_trusted: Option<bool>,
    pub(super) trusted_audiences: Option<Vec<String>>,
    pub(super) device_client_id: Option<String>,
    pub(super) device_client_secret: Option<SecretString>,
    pub(super) bot_permissions: Option<u64>,
}

impl Table {
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

/// Reads the file; without a file there are no tables.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Table>> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(Error::new(Code::ConfigUnreadable).detail(error)),
    }
}

/// The tables of a text. An error has the line and the reason, never a value.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Table>> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().map_or(text, |span| text.get(..span.start).unwrap_or(text));
        let line = before.matches('\n').count() + 1;
        Error::new(Code::ConfigUnreadable)
            .detail(format!("line {line}: {}", without_value(error.message())))
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
        parse(text).unwrap_err().words().unwrap().to_owned()
    }

    /// S48: an error names line and reason, and not the value, which may be a secret.
    #[test]
    fn an_error_names_the_line_and_never_a_value() {
        assert!(
            words("[discord]\nredirect_ports = \"s3cret\"\n")
                .starts_with("line 2: invalid type: string, expected")
        );
        assert!(words("[discord]\nchannel = \"s3cret\"\n").starts_with("line 2: "));
        assert!(!words("[discord]\nchannel = \"s3cret\"\n").contains("s3cret"));
        assert!(
            words("\n\n[discord]\nclient_idd = \"x\"\n")
                .starts_with("line 4: unknown field `client_idd`")
        );
    }

    #[test]
    fn a_client_is_its_id_with_or_without_a_secret() {
        let table = |text: &str| parse(&format!("[x]\n{text}")).unwrap().remove("x").unwrap();
        let both = table("client_id = \"c\"\nclient_secret = \"s\"\ndevice_client_id = \"d\"");
        assert!(both.client().is_some_and(|client| client.id == "c" && client.secret.is_some()));
        assert!(
            both.device_client().is_some_and(|client| client.id == "d" && client.secret.is_none())
        );
        assert!(table("client_id = \" \"\nclient_secret = \"s\"").client().is_none());
        assert!(table("client_secret = \"s\"").device_client().is_none());
    }

    #[test]
    fn only_a_file_that_is_not_there_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(&dir.path().join("providers.toml")).unwrap().is_empty());
        assert_eq!(read(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
        let file = dir.path().join("file");
        std::fs::write(&file, "[discord]\nclient_id = \"c\"").unwrap();
        assert_eq!(read(&file).unwrap()["discord"].client().unwrap().id, "c");
    }
}
