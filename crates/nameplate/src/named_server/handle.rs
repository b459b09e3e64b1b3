//! An account of the AT Protocol, by its handle, its DID, or the address of its server.

use native_oauth::Client;
use native_oauth::atproto::account_name::AccountName;
use native_oauth::atproto::loopback_client_id;
use native_oauth::provider_config::ClientCredentials;

use super::at_server;
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::{provider_client, redirect_uris};

/// Not trusted before anything is known of the server: as [`Entry::is_untrusted`].
const UNKNOWN: &str = "";

/// The authorization server of the account that the person named, or of the server.
pub(super) async fn resolve(context: &Context, entry: &Entry, named: &str) -> Result<Entry> {
    let name = AccountName::parse(named).ok_or(Error::new(Code::ServerMalformed))?;
    let unknown = Entry { server: Some(UNKNOWN.to_owned()), ..entry.clone() };
    let client = Client::new(context.http_for(&unknown).clone(), unknown.oauth);
    let account = name.resolve(&client).await?;
    let mut found = with_client(at_server(entry, &account.issuer)?, entry);
    found.oauth.subject = account.did.map(|did| did.to_string());
    let hint = account.login_hint.map(|hint| ("login_hint", hint));
    found.oauth.extra_parameters.extend(hint);
    provider_client::discovered(context, &found).await
}

/// The configured client, whose metadata document stands at its id, or the one that needs none.
pub(super) fn with_client(mut entry: Entry, configured: &Entry) -> Entry {
    let id = || loopback_client_id(&redirect_uris::path(&entry));
    let client = configured.oauth.client.clone();
    let client = client.unwrap_or_else(|| ClientCredentials { id: id(), secret: None });
    entry.oauth.client = Some(client);
    entry
}
