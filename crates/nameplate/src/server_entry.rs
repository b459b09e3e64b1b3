//! The configuration of a provider at a server that a user named.
//!
//! Such a server is not trusted. What it names is https and at a public address, except in a home of
//! its own. Its redirect URIs are its own too, so that no other server's response is taken for its
//! (RFC 9700, section 4.4.2.2).

use native_oauth::ProviderConfig;
use native_oauth::atproto::loopback_client_id;
use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::hex::hex;
use native_oauth::http::public_address;
use native_oauth::provider::{RedirectMethod, ServerInput};
use native_oauth::provider_config::ClientCredentials;
use native_oauth::url_rules;
use sha2::{Digest, Sha256};
use url::{Position, Url};

use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::redirect_uris;
use crate::store::{RegisteredClientRow, Store};

/// The configuration of an account, an attempt or a session at a server that was named once, with
/// the client that registered itself there. Endpoints of metadata are not read.
///
/// # Errors
/// If the issuer is no address, or the database fails.
pub(crate) fn known(store: &Store, entry: &Entry, issuer: &str) -> Result<Entry> {
    let found = at_server(entry, issuer)?;
    match entry.server_input() {
        ServerInput::Handle => Ok(with_configured_client(found, entry)),
        ServerInput::None | ServerInput::Issuer | ServerInput::Server => {
            match store.registered_client(&found.oauth.id, &found.oauth.issuer)? {
                Some(row) => Ok(with_registered_client(found, &row)),
                None => Ok(found),
            }
        }
    }
}

/// What a user names to sign in again to an account.
pub(crate) fn name_again(entry: &Entry, issuer: &str, subject: &str) -> Option<String> {
    match entry.server_input() {
        ServerInput::None => None,
        ServerInput::Issuer | ServerInput::Server => Some(issuer.to_owned()),
        ServerInput::Handle => Some(subject.to_owned()),
    }
}

/// The provider at a server, without a client.
///
/// # Errors
/// [`Code::ServerMalformed`] if it is no address by the rules for issuers (S9).
pub(crate) fn at_server(entry: &Entry, issuer: &str) -> Result<Entry> {
    let plain_loopback = entry.oauth.plain_loopback;
    let url = url_rules::check(&entry.oauth.id, "issuer", issuer, plain_loopback);
    let url = url.map_err(|words| Error::new(Code::ServerMalformed).with_detail(words))?;
    let oauth = match entry.server_input() {
        ServerInput::Server => entry.oauth.clone().at_server(&url),
        ServerInput::None | ServerInput::Issuer | ServerInput::Handle => {
            ProviderConfig { issuer: issuer.to_owned(), ..entry.oauth.clone() }
        }
    };
    let shown = shown(&url);
    let own_redirect = || {
        let digest = Sha256::digest(oauth.issuer.as_bytes());
        format!("{}-{}", oauth.id, hex(&digest[..6]))
    };
    let (label, redirect_id) = match entry.server_input() {
        ServerInput::Server => (format!("{} ({shown})", entry.label), own_redirect()),
        ServerInput::Issuer => (shown.clone(), own_redirect()),
        // Its client id names one redirect URI, and each response names its issuer (RFC 9207).
        ServerInput::None | ServerInput::Handle => (entry.label.clone(), entry.redirect_id.clone()),
    };
    let entry = Entry {
        redirect_id,
        oauth: ProviderConfig { client: None, ..oauth },
        server: Some(shown),
        label,
        ..entry.clone()
    };
    check_addresses(&entry, [&url].into_iter())?;
    Ok(entry)
}

/// An address as a user would type it.
fn shown(url: &Url) -> String {
    let text = url.as_str().trim_end_matches('/');
    text.strip_prefix("https://").unwrap_or(text).to_owned()
}

/// Host and port of a sign-in page, if none of the names is that host, nor a name in its domain, as the
/// handle `alice.bsky.social` is for `bsky.social` (S66). A domain of one label is none.
pub(crate) fn unnamed_host(page: Option<&Url>, named: &[Option<&str>]) -> Option<String> {
    let host = |url: &Url| url[Position::BeforeHost..Position::AfterPort].to_owned();
    let page = host(page?);
    let is_named = |named: &&str| {
        let typed =
            if named.contains("://") { (*named).to_owned() } else { format!("https://{named}") };
        let named = Url::parse(&typed).map(|url| host(&url)).unwrap_or_default();
        let parent = named.split_once('.').map(|(_, parent)| parent);
        named == page || parent.is_some_and(|parent| parent == page && parent.contains('.'))
    };
    (!named.iter().flatten().any(is_named)).then_some(page)
}

/// Checks the endpoints that a server which is not trusted has named; the browser opens one of them.
///
/// # Errors
/// [`Code::PrivateAddress`] with the host.
pub(crate) fn check_endpoints(entry: &Entry) -> Result<()> {
    check_addresses(entry, entry.oauth.endpoints.known())
}

/// Checks where the user is sent to enter a code (RFC 8628, section 3.2).
///
/// # Errors
/// As [`check_endpoints`].
pub(crate) fn check_verification_uris(entry: &Entry, prompt: &UserCodePrompt) -> Result<()> {
    let complete = prompt.verification_uri_complete.iter();
    let uris: Vec<Url> =
        complete.chain([&prompt.verification_uri]).filter_map(|uri| Url::parse(uri).ok()).collect();
    check_addresses(entry, uris.iter())
}

fn check_addresses<'u>(entry: &Entry, mut urls: impl Iterator<Item = &'u Url>) -> Result<()> {
    let private = |url: &&Url| entry.is_untrusted() && !public_address::may_be_public(url);
    match urls.find(private) {
        Some(url) => {
            Err(Error::new(Code::PrivateAddress).with_detail(url.host_str().unwrap_or_default()))
        }
        None => Ok(()),
    }
}

/// The entry with a registered client, restricted to the methods whose redirect URIs it has. Its
/// secret stays in the vault.
pub(crate) fn with_registered_client(mut entry: Entry, row: &RegisteredClientRow) -> Entry {
    entry.oauth.client = Some(ClientCredentials { id: row.client_id.clone(), secret: None });
    entry.oauth.client_auth = Some(row.auth);
    if !row.scopes.is_empty() {
        entry.oauth.scopes.clone_from(&row.scopes);
        entry.oauth.names_scopes = true;
    }
    let has_scheme = row.redirect_uris.iter().any(|uri| !uri.starts_with("http"));
    entry.methods.retain(|method| has_scheme || *method != RedirectMethod::DeepLink.into());
    entry
}

/// The entry with the configured client of the AT Protocol, whose id is the URL of its metadata document, or
/// with the loopback client, which needs no registration.
pub(crate) fn with_configured_client(mut entry: Entry, configured: &Entry) -> Entry {
    let id = || loopback_client_id(&redirect_uris::path(&entry));
    let client = configured.oauth.client.clone();
    let client = client.unwrap_or_else(|| ClientCredentials { id: id(), secret: None });
    entry.oauth.client = Some(client);
    entry
}

#[cfg(test)]
mod tests;
