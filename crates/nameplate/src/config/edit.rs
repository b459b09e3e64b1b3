//! Edits one table of `providers.toml` and leaves the rest as it is.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::file;
use crate::error::{Code, Error, Result};
use crate::private_fs::create_private;

/// The values to write. A key without a value stays as it is.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    pub(crate) entry: &'a str,
    pub(crate) client_id: &'a str,
    /// For `kind = "oidc"`.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) label: Option<&'a str>,
    pub(crate) redirect_uri: Option<&'a str>,
    /// What to delete of the former table.
    pub(crate) to_delete: ToDelete,
}

/// What to delete of a former table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToDelete {
    Nothing,
    /// The secret in the file: it is replaced by one in the keychain, or belongs to another client
    /// id.
    Secret,
    /// Everything of the former issuer, because secrets of one issuer must not be sent to another,
    /// nor trust be transferred.
    Issuer,
}

impl ToDelete {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Secret => &["client_secret"],
            Self::Issuer => &[
                "client_secret",
                "device_client_id",
                "device_client_secret",
                "email_trusted",
                "trusted_audiences",
                "authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "jwks_uri",
                "people_endpoint",
                "revocation_endpoint",
                "device_authorization_endpoint",
                "pushed_authorization_request_endpoint",
                "emails_endpoint",
                "photo_endpoint",
                "avatar_base",
            ],
        }
    }
}

/// The text of the file; empty if there is none.
///
/// # Errors
/// [`Code::ConfigUnreadable`] if it cannot be read; then it must not be written either.
pub(crate) fn text(path: &Path) -> Result<String> {
    let read = match std::fs::read_to_string(path) {
        Ok(text) => file::parse(&text).map(|_| text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::caused(Code::ConfigUnreadable, error)),
    };
    read.map_err(|error| file::in_file(path, error))
}

/// The text with the edited table; comments, order and other keys stay.
///
/// # Errors
/// [`Code::ConfigUnreadable`] if the text is not TOML, or the value is not a table.
pub(crate) fn edited(text: &str, edit: &Edit<'_>) -> Result<String> {
    let unreadable =
        |words: String| Error::new(Code::ConfigUnreadable).at(edit.entry).with_detail(words);
    let mut document: DocumentMut =
        text.parse().map_err(|_| unreadable(format!("[{}]", edit.entry)))?;
    if !document.contains_key(edit.entry) {
        let mut table = Table::new();
        // A blank line before the table, unless it is the first; a comment at the end of the file
        // stays.
        if !text.trim().is_empty() {
            let last = document.trailing().as_str().unwrap_or_default().to_owned();
            let end = if last.is_empty() || last.ends_with('\n') { "" } else { "\n" };
            table.decor_mut().set_prefix(format!("{last}{end}\n"));
            document.set_trailing("");
        }
        document.insert(edit.entry, Item::Table(table));
    }
    let table = document.get_mut(edit.entry).and_then(Item::as_table_like_mut);
    let table = table.ok_or_else(|| unreadable(format!("[{}] is no table", edit.entry)))?;
    if let Some(issuer) = edit.issuer {
        set(table, "kind", "oidc");
        set(table, "issuer", issuer);
    }
    for key in edit.to_delete.keys() {
        table.remove(key);
    }
    set(table, "client_id", edit.client_id);
    for (key, value) in [("label", edit.label), ("redirect_uri", edit.redirect_uri)] {
        match value.map(str::trim) {
            Some("") => drop(table.remove(key)),
            Some(value) => set(table, key, value),
            None => {}
        }
    }
    Ok(document.to_string())
}

/// Replaces a value and keeps the comment after it.
fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) => {
            let decor = value.decor().clone();
            *value = Value::from(text);
            *value.decor_mut() = decor;
        }
        None => drop(table.insert(key, toml_edit::value(text))),
    }
}

/// Replaces the file atomically, with mode 0600. A symbolic link stays.
///
/// # Errors
/// [`Code::ConfigUnwritable`].
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::caused(Code::ConfigUnwritable, error);
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path);
    let written = create_private(&beside)
        .and_then(|mut file: File| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written.map_err(failed)
}

fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!(".providers.toml.{}", uuid::Uuid::new_v4().simple()))
}

#[cfg(test)]
mod tests;
