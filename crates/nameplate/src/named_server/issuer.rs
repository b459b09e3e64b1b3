//! An OpenID Connect issuer, by its address alone (OpenID Connect Discovery, section 4; RFC 7591).

use native_oauth::discovery::{self, requirements};
use native_oauth::url_rules::normal_issuer;

use super::{Check, registration};
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Result};
use crate::provider_client;
use crate::server_entry::at_server;
use crate::vault::TokenStorage;

/// The issuer at the address, with a client that is registered there.
pub(super) async fn resolve(
    context: &Context,
    entry: &Entry,
    named: &str,
    storage: TokenStorage,
    check: Check<'_>,
) -> Result<Entry> {
    let typed = at_server(entry, &normal_issuer(named))?;
    let found = match provider_client::discovered(context, &typed).await {
        // A terminating slash, which the user left out or added.
        Err(error) if error.code() == Code::DiscoveryMismatch => {
            let http = context.http_for(&typed);
            let issuer = discovery::spelling(http, &typed.oauth).await?;
            provider_client::discovered(context, &at_server(entry, &issuer)?).await?
        }
        found => found?,
    };
    // Before a client is registered for nothing.
    discovery::check_algorithms(&found.oauth)?;
    requirements::check(found.oauth.unsupported.as_deref())?;
    check(&found)?;
    registration::registered(context, found, storage).await
}
