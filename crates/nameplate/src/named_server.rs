//! The server that a person names besides a provider: what was typed becomes a configuration with an
//! issuer, endpoints and a client.
//!
//! Such a server is not trusted. What it names is https and at a public address, except in a home of
//! its own. Its redirect URIs are its own too, so that no other server's response is taken for its
//! (RFC 9700, section 4.4.2.2).

mod handle;
mod issuer;
mod mastodon;
pub(crate) mod registration;

use native_oauth::ProviderConfig;
use native_oauth::hex::hex;
use native_oauth::http::public_address;
use native_oauth::provider::ServerInput;
use native_oauth::url_rules;
use sha2::{Digest, Sha256};
use url::Url;

use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::provider_client;
use crate::vault::TokenStorage;

/// Length of what a person names, in bytes (RFC 1035, section 2.3.4, and a path).
const LONGEST: usize = 512;

/// The configuration for a sign-in, with endpoints and client. Of a provider that has one server,
/// what its metadata say; else that of the server which the person named.
///
/// # Errors
/// [`Code::ServerMissing`] if nothing is named, [`Code::ServerMalformed`] if it is no address, or the
/// server's own refusal.
pub(crate) async fn resolve(
    context: &Context,
    entry: &Entry,
    named: Option<&str>,
    storage: TokenStorage,
) -> Result<Entry> {
    let resolved = match (entry.server_input(), named.map(str::trim).unwrap_or_default()) {
        (ServerInput::None, _) => return provider_client::discovered(context, entry).await,
        (_, "") => return Err(Error::new(Code::ServerMissing)),
        (_, long) if long.len() > LONGEST => return Err(Error::new(Code::ServerMalformed)),
        (ServerInput::Issuer, named) => issuer::resolve(context, entry, named, storage).await,
        (ServerInput::Server, named) => mastodon::resolve(context, entry, named, storage).await,
        (ServerInput::Handle, named) => handle::resolve(context, entry, named).await,
    };
    resolved.map_err(|error| error.of_server(named.unwrap_or_default().trim()))
}

/// The configuration of an account, an attempt or a session at a server that was named once, with
/// the client that registered itself there. Endpoints of metadata are not read.
///
/// # Errors
/// If the issuer is no address, or the database fails.
pub(crate) fn known(context: &Context, entry: &Entry, issuer: &str) -> Result<Entry> {
    let found = at_server(entry, issuer)?;
    match entry.server_input() {
        ServerInput::Handle => Ok(handle::with_client(found, entry)),
        ServerInput::None | ServerInput::Issuer | ServerInput::Server => {
            match context.store.registered_client(&found.oauth.id, &found.oauth.issuer)? {
                Some(row) => Ok(registration::with_client(found, &row)),
                None => Ok(found),
            }
        }
    }
}

/// What a person names to sign in again to an account.
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
fn at_server(entry: &Entry, issuer: &str) -> Result<Entry> {
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

/// An address as a person would type it.
fn shown(url: &Url) -> String {
    let text = url.as_str().trim_end_matches('/');
    text.strip_prefix("https://").unwrap_or(text).to_owned()
}

/// Checks the endpoints that a server which is not trusted has named; the browser opens one of them.
///
/// # Errors
/// [`Code::PrivateAddress`] with the host.
pub(crate) fn check_endpoints(entry: &Entry) -> Result<()> {
    check_addresses(entry, entry.oauth.endpoints.known())
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

#[cfg(test)]
mod tests {
    use native_oauth::endpoint_urls::EndpointUrls;

    use super::*;
    use crate::config::Config;

    /// The entry of an installed program, which trusts no server that a person names.
    fn entry() -> Entry {
        Config::of_text_alone("").unwrap().entry("oidc").unwrap().clone()
    }

    /// S66: neither the server nor what it names is at an address of this machine or network.
    #[test]
    fn a_private_address_is_refused() {
        for issuer in
            ["https://127.0.0.1", "https://10.1.2.3/x", "https://localhost:8443", "https://[::1]"]
        {
            let refused = at_server(&entry(), issuer).unwrap_err();
            assert_eq!(refused.code(), Code::PrivateAddress, "{issuer}");
        }
        let named = at_server(&entry(), "https://id.example.com").unwrap();
        check_endpoints(&named).unwrap();
        let private: Url = "https://169.254.169.254/latest/".parse().unwrap();
        let each: [fn(&mut EndpointUrls, Option<Url>); 12] = [
            |of, url| of.authorization = url,
            |of, url| of.token = url,
            |of, url| of.userinfo = url,
            |of, url| of.jwks = url,
            |of, url| of.people = url,
            |of, url| of.revocation = url,
            |of, url| of.device_authorization = url,
            |of, url| of.registration = url,
            |of, url| of.pushed_authorization_request = url,
            |of, url| of.emails = url,
            |of, url| of.photo = url,
            |of, url| of.avatar_base = url,
        ];
        for change in each {
            let mut entry = named.clone();
            change(&mut entry.oauth.endpoints, Some(private.clone()));
            assert_eq!(check_endpoints(&entry).unwrap_err().code(), Code::PrivateAddress);
        }
    }

    /// S66: http is for a home of its own.
    #[test]
    fn a_server_is_https() {
        for issuer in ["http://id.example.com", "http://127.0.0.1:9400/oidc"] {
            let refused = at_server(&entry(), issuer).unwrap_err();
            assert_eq!(refused.code(), Code::ServerMalformed, "{issuer}");
        }
    }

    /// RFC 9700, section 4.4.2.2.
    #[test]
    fn redirect_uris_are_those_of_the_issuer() {
        let of = |issuer: &str| at_server(&entry(), issuer).unwrap().redirect_id;
        assert_eq!(of("https://a.example"), of("https://a.example"));
        assert_ne!(of("https://a.example"), of("https://a.example/"));
        assert!(of("https://a.example").starts_with("oidc-"));
    }
}
