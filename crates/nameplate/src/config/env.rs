//! Client ids and secrets from the environment and from `.env`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use native_oauth::provider_config::ClientCredentials;
use secrecy::SecretString;

use super::file::in_file;
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
    let read = match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).map(|variables| (variables, is_open(path))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((BTreeMap::new(), false)),
        Err(error) => Err(Error::caused(Code::ConfigUnreadable, error)),
    };
    read.map_err(|error| in_file(path, error))
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
mod tests;
