//! The server that a user names besides a provider: what was typed becomes a configuration with an
//! issuer, endpoints and a client.

mod handle;
mod issuer;
mod mastodon;
pub(crate) mod registration;

use native_oauth::provider::ServerInput;

use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::provider_client;
use crate::vault::TokenStorage;

/// Longest server, handle or issuer that a user names, in bytes (RFC 1035, section 2.3.4, and a path).
const MAX_INPUT_BYTES: usize = 512;

/// Checks what is known of a server before a client is registered there.
pub(crate) type Check<'a> = &'a (dyn Fn(&Entry) -> Result<()> + Sync);

/// The configuration for a sign-in, with endpoints and client. Of a provider that has one server,
/// what its metadata say; else that of the server which the user named, if `check` accepts it.
///
/// # Errors
/// [`Code::ServerMissing`] if nothing is named, [`Code::ServerMalformed`] if it is no address, the
/// server's own refusal, or that of `check`.
pub(crate) async fn resolve(
    context: &Context,
    entry: &Entry,
    named: Option<&str>,
    storage: TokenStorage,
    check: Check<'_>,
) -> Result<Entry> {
    let resolved = match (entry.server_input(), named.map(str::trim).unwrap_or_default()) {
        (ServerInput::None, _) => return provider_client::discovered(context, entry).await,
        (_, "") => return Err(Error::new(Code::ServerMissing)),
        (_, long) if long.len() > MAX_INPUT_BYTES => return Err(Error::new(Code::ServerMalformed)),
        (ServerInput::Issuer, named) => {
            issuer::resolve(context, entry, named, storage, check).await
        }
        (ServerInput::Server, named) => mastodon::resolve(context, entry, named, storage).await,
        (ServerInput::Handle, named) => handle::resolve(context, entry, named, check).await,
    };
    resolved.map_err(|error| error.of_server(named.unwrap_or_default().trim()))
}
