//! An account of the AT Protocol, by its handle, its DID, or the address of its server.

use native_oauth::Client;
use native_oauth::atproto::account_name::AccountName;
use native_oauth::discovery::requirements;

use super::Check;
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::provider_client;
use crate::server_entry::{at_server, with_configured_client};

/// Not trusted before anything is known of the server: as [`Entry::is_untrusted`].
const UNKNOWN: &str = "";

/// The authorization server of the account that the user named, or of the server.
pub(super) async fn resolve(
    context: &Context,
    entry: &Entry,
    named: &str,
    check: Check<'_>,
) -> Result<Entry> {
    let name = AccountName::parse(named).ok_or(Error::new(Code::ServerMalformed))?;
    let unknown = Entry { server: Some(UNKNOWN.to_owned()), ..entry.clone() };
    let client = Client::new(context.http_for(&unknown).clone(), unknown.oauth);
    let account = name.resolve(&client).await?;
    let mut found = with_configured_client(at_server(entry, &account.issuer)?, entry);
    // A handle, to name it again; its server's address would be read as one.
    let named = named.trim();
    found.server = Some(named.strip_prefix("at://").unwrap_or(named).to_owned());
    found.oauth.subject = account.did.map(|did| did.to_string());
    let hint = account.login_hint.map(|hint| ("login_hint", hint));
    found.oauth.extra_parameters.extend(hint);
    let found = provider_client::discovered(context, &found).await?;
    requirements::check(found.oauth.unsupported.as_deref())?;
    check(&found)?;
    Ok(found)
}
