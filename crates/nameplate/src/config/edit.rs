//! One entry of `providers.toml`, written so that all the rest stays as its author left it.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::file;
use crate::error::{Code, Error, Result};
use crate::private_fs::create_private;

/// What is written of an entry. A key that is not named stays as it is.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    pub(crate) entry: &'a str,
    pub(crate) client_id: &'a str,
    /// For an entry of kind `oidc`.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) label: Option<&'a str>,
    pub(crate) redirect_uri: Option<&'a str>,
    /// What goes of what the entry was before.
    pub(crate) goes: Goes,
}

/// What goes of what an entry was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    Nothing,
    /// The secret that stands in the file: the keychain has its successor, or it belongs to
    /// another client id.
    Secret,
    /// All that was the former issuer's: no secret of one issuer goes to another, nor does the
    /// trust in one pass to another.
    Issuer,
}

impl Goes {
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
                "emails_endpoint",
                "photo_endpoint",
                "avatar_base",
            ],
        }
    }
}

/// The text of the file; one that is not there is empty.
///
/// # Errors
/// [`Code::ConfigUnreadable`] where it cannot be read; then it must not be written either.
pub(crate) fn text(path: &Path) -> Result<String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::new(Code::ConfigUnreadable).detail(error)),
    };
    file::parse(&text).map(|_| text)
}

/// The text with the entry written; comments, order and every other key stay.
///
/// # Errors
/// [`Code::ConfigUnreadable`] where the text is no TOML, or the entry no table.
pub(crate) fn edited(text: &str, edit: &Edit<'_>) -> Result<String> {
    let unreadable =
        |words: String| Error::new(Code::ConfigUnreadable).at(edit.entry).detail(words);
    let mut document: DocumentMut =
        text.parse().map_err(|_| unreadable(format!("[{}]", edit.entry)))?;
    if !document.contains_key(edit.entry) {
        let mut table = Table::new();
        // A blank line before it, unless it is the first; a comment at the end stays where it is.
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
    for key in edit.goes.keys() {
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

/// Replaces a value and keeps the comment behind it.
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

/// Replaces the file at once, whole, and for nobody else to read. One that is a link stays a link.
///
/// # Errors
/// [`Code::ConfigUnwritable`].
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::new(Code::ConfigUnwritable).detail(error);
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
mod tests {
    use super::*;

    const EDIT: Edit<'_> = Edit {
        entry: "discord",
        client_id: "new",
        issuer: None,
        label: None,
        redirect_uri: None,
        goes: Goes::Nothing,
    };

    /// Somebody wrote this file by hand: comments, order, spaces and every other key stay.
    #[test]
    fn what_is_not_edited_stays_as_it_was() {
        let text = "# mine\n\n[kakao] # 카카오\nclient_id = 'k'\n\n[discord]\n# the old one\nclient_id   = \"old\" # from March\nscopes = [\n  \"identify\", # no e-mail\n]\n\n[company]\nkind = \"oidc\"\n# end\n";
        let expected = text.replace("\"old\"", "\"new\"");
        assert_eq!(edited(text, &EDIT).unwrap(), expected);
        // Other ways to write a table.
        assert_eq!(
            edited("discord = { client_id = \"old\", channel = \"paste\" }\n", &EDIT).unwrap(),
            "discord = { client_id = \"new\", channel = \"paste\" }\n"
        );
        assert_eq!(
            edited("discord.client_id = 'old'\n", &EDIT).unwrap(),
            "discord.client_id = \"new\"\n"
        );
    }

    #[test]
    fn a_new_table_comes_last() {
        assert_eq!(edited("", &EDIT).unwrap(), "[discord]\nclient_id = \"new\"\n");
        let text = "[kakao]\nclient_id = \"k\"\n# end\n";
        assert_eq!(
            edited(text, &EDIT).unwrap(),
            format!("{text}\n[discord]\nclient_id = \"new\"\n")
        );
        let oidc = Edit {
            entry: "company",
            issuer: Some("https://id.example.com/"),
            label: Some("Company \"SSO\""),
            ..EDIT
        };
        let written = edited("", &oidc).unwrap();
        assert_eq!(
            written,
            "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com/\"\nclient_id = \"new\"\nlabel = 'Company \"SSO\"'\n"
        );
    }

    #[test]
    fn what_is_emptied_goes() {
        let text = "[discord]\nclient_id = \"old\"\nclient_secret = \"s3cret\"\nlabel = \"Ours\"\nredirect_uri = \"https://x/discord\"\n";
        let edit = Edit { label: Some(""), redirect_uri: Some(" "), goes: Goes::Secret, ..EDIT };
        assert_eq!(edited(text, &edit).unwrap(), "[discord]\nclient_id = \"new\"\n");
    }

    /// Another issuer inherits neither the secrets nor the trust nor the endpoints of the former.
    #[test]
    fn what_was_the_former_issuers_goes_with_it() {
        let text = "[company]\nkind = \"oidc\"\nissuer = \"https://a.example.com\"\nclient_id = \"old\"\nclient_secret = \"s3cret\"\ndevice_client_id = \"tv\"\ndevice_client_secret = \"s3cret\"\nemail_trusted = true\ntoken_endpoint = \"https://a.example.com/token\"\nscopes = [\"openid\"]\n";
        let edit = Edit {
            entry: "company",
            issuer: Some("https://b.example.com"),
            goes: Goes::Issuer,
            ..EDIT
        };
        assert_eq!(
            edited(text, &edit).unwrap(),
            "[company]\nkind = \"oidc\"\nissuer = \"https://b.example.com\"\nclient_id = \"new\"\nscopes = [\"openid\"]\n"
        );
    }

    /// What is typed is a text and nothing else, whatever is in it.
    #[test]
    fn a_value_cannot_leave_its_place() {
        let hostile = "x\"\n[google]\nclient_id = \"mine";
        let written =
            edited("[google]\nclient_id = \"theirs\"\n", &Edit { client_id: hostile, ..EDIT });
        let tables = file::parse(&written.unwrap()).unwrap();
        assert_eq!(tables["google"].client().unwrap().id, "theirs");
        assert_eq!(tables["discord"].client().unwrap().id, hostile);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.toml"), dir.path().join("providers.toml"));
        std::fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
        assert!(link.is_symlink());
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside it");
        let nowhere = dir.path().join("nowhere/providers.toml");
        assert_eq!(write(&nowhere, "x").unwrap_err().code(), Code::ConfigUnwritable);
    }

    #[test]
    fn only_a_file_that_is_not_there_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(text(&dir.path().join("providers.toml")).unwrap(), "");
        assert_eq!(text(dir.path()).unwrap_err().code(), Code::ConfigUnreadable, "a folder");
        let file = dir.path().join("file");
        std::fs::write(&file, "# mine\n").unwrap();
        assert_eq!(text(&file).unwrap(), "# mine\n");
        std::fs::write(&file, "[discord\n").unwrap();
        assert_eq!(text(&file).unwrap_err().code(), Code::ConfigUnreadable, "no TOML");
    }

    /// A comment at the end without a line break does not swallow the table behind it.
    #[test]
    fn a_comment_at_the_end_keeps_its_line() {
        assert_eq!(edited("# end", &EDIT).unwrap(), "# end\n\n[discord]\nclient_id = \"new\"\n");
    }
}
