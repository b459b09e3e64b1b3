//! Client ids and secrets from the environment and from `.env`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use native_oauth::provider_config::ClientCredentials;
use secrecy::SecretString;

use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::private_fs::is_open;

/// The clients that are set outside of `providers.toml`.
#[derive(Default)]
pub(super) struct Clients {
    pub(super) environment: Environment,
    /// The variables of `.env`; not exported to the environment.
    pub(super) dotenv: BTreeMap<String, String>,
}

impl Clients {
    /// The client of a provider: from the environment, else from `.env`; id and secret together.
    pub(super) fn of(&self, entry: &str) -> Option<ClientCredentials> {
        client(entry, |name| self.environment.text(name))
            .or_else(|| client(entry, |name| self.dotenv.get(name).cloned()))
    }
}

/// Name of the variable with a provider's client id.
pub fn id_variable(entry: &str) -> String {
    format!("{}_CLIENT_ID", upper(entry))
}

/// Name of the variable with a provider's client secret.
pub fn secret_variable(entry: &str) -> String {
    format!("{}_CLIENT_SECRET", upper(entry))
}

fn upper(entry: &str) -> String {
    entry.replace('-', "_").to_uppercase()
}

fn client(entry: &str, value: impl Fn(&str) -> Option<String>) -> Option<ClientCredentials> {
    let given = |name: String| value(&name).filter(|value| !value.trim().is_empty());
    let id = given(id_variable(entry))?;
    Some(ClientCredentials { id, secret: given(secret_variable(entry)).map(SecretString::from) })
}

/// Reads `.env`: the client variables, and whether others can read the file.
pub(super) fn read(path: &Path) -> Result<(BTreeMap<String, String>, bool)> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((parse(&text)?, is_open(path))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((BTreeMap::new(), false)),
        Err(error) => Err(Error::caused(Code::ConfigUnreadable, error)),
    }
}

/// `NAME=value` lines, `#` comments, an optional `export` and optional quotes. Only client ids and
/// secrets are read.
fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            let words = format!("line {}: expected NAME=value", number + 1);
            return Err(Error::new(Code::ConfigUnreadable).with_detail(words));
        };
        let name = name.trim();
        if name.ends_with("_CLIENT_ID") || name.ends_with("_CLIENT_SECRET") {
            variables.insert(name.to_owned(), unquote(value.trim()).to_owned());
        }
    }
    Ok(variables)
}

fn unquote(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_client_variables_are_read() {
        let read =
            parse("# x\nexport DISCORD_CLIENT_ID='1'\nDISCORD_CLIENT_SECRET=\"s\"\nPATH=/evil\n\n")
                .unwrap();
        assert_eq!(read.len(), 2);
        let clients = Clients { dotenv: read, ..Clients::default() };
        let client = client("discord", |name| clients.dotenv.get(name).cloned()).unwrap();
        assert_eq!(client.id, "1");
        assert!(client.secret.is_some());
        assert_eq!(parse("oops").unwrap_err().detail(), Some("line 1: expected NAME=value"));
    }

    #[test]
    fn id_and_secret_come_from_one_source() {
        let only_secret = |name: &str| (name == "DISCORD_CLIENT_SECRET").then(|| "s".to_owned());
        assert!(client("discord", only_secret).is_none());
        assert_eq!(id_variable("my-company"), "MY_COMPANY_CLIENT_ID");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        std::fs::write(&path, "KAKAO_CLIENT_ID=1\n").unwrap();
        for (mode, open) in [(0o644, true), (0o600, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).unwrap().1, open);
        }
    }

    #[test]
    fn only_a_file_that_is_not_there_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(&dir.path().join(".env")).unwrap().0.is_empty());
        assert_eq!(read(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
        let file = dir.path().join("file");
        std::fs::write(&file, "KAKAO_CLIENT_ID = \"k\"\n# x\nKAKAO_CLIENT_SECRET='s'\n").unwrap();
        let (read, _) = read(&file).unwrap();
        assert_eq!(
            (read["KAKAO_CLIENT_ID"].as_str(), read["KAKAO_CLIENT_SECRET"].as_str()),
            ("k", "s")
        );
        assert_eq!(secret_variable("my-company"), "MY_COMPANY_CLIENT_SECRET");
    }

    /// An empty value counts as missing.
    #[test]
    fn an_empty_client_is_none() {
        let of = |id: &str, secret: &str| {
            let dotenv = [("A_B_CLIENT_ID", id), ("A_B_CLIENT_SECRET", secret)];
            let dotenv = dotenv.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            Clients { dotenv, ..Clients::default() }
                .of("a-b")
                .map(|client| (client.id, client.secret.is_some()))
        };
        assert_eq!(of("c", "s"), Some(("c".into(), true)));
        assert_eq!(of("c", " "), Some(("c".into(), false)));
        assert_eq!(of(" ", "s"), None);
    }
}
