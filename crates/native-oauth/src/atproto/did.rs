//! DIDs and their documents (W3C DID Core), as far as accounts of the AT Protocol need them. Pure.

use std::fmt;

use serde::Deserialize;

use super::handle::Handle;

/// Longest DID, in bytes.
const MAX_DID_BYTES: usize = 2048;
/// Behind `did:plc:`: 24 characters of base32.
const PLC_LENGTH: usize = 24;
/// The fragment and the type of the service that holds the account's data.
const PDS: (&str, &str) = ("#atproto_pds", "AtprotoPersonalDataServer");

/// The identifier of an account: `did:plc:` or `did:web:`, the two methods of the AT Protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Did(String);

/// How the document of a DID is found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Method<'a> {
    /// In the directory.
    Plc,
    /// At this host, with a port where one is given.
    Web(&'a str),
}

impl Did {
    /// Reads a DID of a supported method. Its case is kept, since DIDs are case-sensitive.
    pub fn parse(text: &str) -> Option<Self> {
        let did = Self(text.to_owned());
        let plc = |id: &str| {
            id.len() == PLC_LENGTH
                && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
        };
        let valid = text.len() <= MAX_DID_BYTES
            && match text.strip_prefix("did:")?.split_once(':')? {
                ("plc", id) => plc(id),
                ("web", host) => is_host(host),
                _ => false,
            };
        valid.then_some(did)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn method(&self) -> Method<'_> {
        match self.0.strip_prefix("did:web:") {
            Some(host) => Method::Web(host),
            None => Method::Plc,
        }
    }
}

/// A host name, or `localhost` with a port behind an encoded colon: paths are not supported.
fn is_host(text: &str) -> bool {
    match text.split_once("%3A") {
        Some(("localhost", port)) => port.parse::<u16>().is_ok(),
        Some(_) => false,
        None => {
            text == "localhost" || Handle::parse(text).is_some_and(|host| host.as_str() == text)
        }
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a DID document says of an account.
#[derive(Debug, Deserialize)]
pub(crate) struct DidDocument {
    id: String,
    #[serde(default, rename = "alsoKnownAs")]
    also_known_as: Vec<String>,
    #[serde(default)]
    service: Vec<Service>,
}

#[derive(Debug, Deserialize)]
struct Service {
    id: String,
    #[serde(rename = "type")]
    kind: serde_json::Value,
    #[serde(rename = "serviceEndpoint")]
    endpoint: serde_json::Value,
}

impl DidDocument {
    /// Whether it is the document of this DID.
    pub(crate) fn is_of(&self, did: &Did) -> bool {
        self.id == did.as_str()
    }

    /// The handle that it names: the first that is one. Nothing shows yet that the handle agrees.
    pub(crate) fn handle(&self) -> Option<Handle> {
        let names = self.also_known_as.iter().filter_map(|name| name.strip_prefix("at://"));
        names.filter_map(Handle::parse).next()
    }

    /// The server that has the account's data: the first that is named.
    pub(crate) fn pds(&self) -> Option<&str> {
        let (fragment, kind) = PDS;
        let is_pds = |service: &&Service| {
            let id = service.id.strip_prefix(&self.id).unwrap_or(&service.id);
            id == fragment && service.kind == kind
        };
        self.service.iter().find(is_pds)?.endpoint.as_str()
    }
}

#[cfg(test)]
mod tests;
