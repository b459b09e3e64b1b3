//! A Mastodon server, by its host or by an account's name.

use native_oauth::discovery;
use native_oauth::provider::mastodon;
use native_oauth::url_rules::is_loopback;
use url::Url;

use super::registration;
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::server_entry::at_server;
use crate::vault::TokenStorage;

/// The server, with a client that is registered there for the scopes that the server knows.
pub(super) async fn resolve(
    context: &Context,
    entry: &Entry,
    named: &str,
    storage: TokenStorage,
) -> Result<Entry> {
    let mut found = at_server(entry, &root(named)?)?;
    let supported = discovery::scopes_supported(context.http_for(&found), &found.oauth).await?;
    found.oauth.scopes = mastodon::scopes(supported.as_deref());
    let label = entry.label.clone();
    registration::registered(context, found, storage).await.map_err(|error| match error.code() {
        // Every server registers everybody.
        Code::RegistrationClosed => Error::new(Code::WrongServer).with_detail(label),
        _ => error,
    })
}

/// The root of the server in what a user types or pastes: `mastodon.social`, `@name@mastodon.social`
/// or `https://mastodon.social/@name`.
fn root(named: &str) -> Result<String> {
    let address = match (named.contains("://"), named.rsplit_once('@')) {
        (true, _) => named.to_owned(),
        // Behind a path, an account of that server.
        (false, Some((before, _))) if before.contains('/') => format!("https://{named}"),
        (false, Some((_, host))) => format!("https://{host}"),
        (false, None) => format!("https://{named}"),
    };
    let mut url: Url = address.parse().map_err(|_| Error::new(Code::ServerMalformed))?;
    // A server has no path, save one that stands in for it on this machine.
    if !is_loopback(&url) {
        url.set_path("/");
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_from_whatever_is_typed() {
        for typed in [
            "mastodon.social",
            "Mastodon.Social/",
            "@nari@mastodon.social",
            "nari@mastodon.social",
            "https://mastodon.social/@nari",
            "mastodon.social/@nari",
            "https://mastodon.social/explore?x=y#z",
        ] {
            assert_eq!(root(typed).unwrap(), "https://mastodon.social/", "{typed}");
        }
        assert_eq!(root("not a server").unwrap_err().code(), Code::ServerMalformed);
    }
}
