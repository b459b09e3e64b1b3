//! The AT Protocol (its specifications OAuth, Handle and DID): names of accounts, and where they are
//! looked up. Pure.

pub mod account_name;
pub mod did;
pub mod handle;

use std::net::SocketAddr;

use url::Url;

/// The scope for the identity alone.
pub const SCOPE: &str = "atproto";
/// The name of an account's public record among the profile responses.
pub(crate) const RECORD: &str = "record";
/// The directory of `did:plc`.
const DIRECTORY: &str = "https://plc.directory";

/// Where names of accounts are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The directory of `did:plc`.
    pub directory: Option<Url>,
    /// A server that resolves handles (`com.atproto.identity.resolveHandle`) in the place of the DNS
    /// and of the handle's own host.
    pub handle_resolver: Option<Url>,
    /// The name server that is asked for TXT records; `None` for those of the system.
    pub(crate) name_server: Option<SocketAddr>,
}

impl Default for Lookup {
    fn default() -> Self {
        Self { directory: DIRECTORY.parse().ok(), handle_resolver: None, name_server: None }
    }
}

/// The client id that needs no registration: it says of itself where responses go (AT Protocol,
/// OAuth, "Localhost Client Development"). `path` is that of the loopback redirect URI; its port may
/// be any.
pub fn loopback_client_id(path: &str) -> String {
    let mut url = String::from("http://localhost?");
    let redirect_uri = format!("http://127.0.0.1{path}");
    url.push_str(
        &url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("scope", SCOPE)
            .finish(),
    );
    url
}
