//! The DNS TXT record of a handle (AT Protocol, Handle, "DNS TXT Method").

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use crate::atproto::did::Did;
use crate::atproto::handle::Handle;
use crate::error::{Error, ErrorKind, Result};

/// The label of the record, before the handle.
const LABEL: &str = "_atproto";
/// Longest name in the DNS, in bytes (RFC 1035, section 2.3.4), without the last dot.
const MAX_NAME_BYTES: usize = 253;
/// What a record of the AT Protocol begins with.
const PREFIX: &str = "did=";

/// A resolver that asks this server, or those of the system.
pub(super) fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let Some(address) = server else { return TokioResolver::builder_tokio()?.build() };
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    server.connections.iter_mut().for_each(|connection| connection.port = address.port());
    let config = ResolverConfig::from_name_servers(vec![server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
}

/// The DID of a handle; `None` where there is no record.
///
/// # Errors
/// [`ErrorKind::Unreachable`] where no resolver answers, [`ErrorKind::HandleAmbiguous`] where several records name different DIDs.
pub(super) async fn did(resolver: &TokioResolver, handle: &Handle) -> Result<Option<Did>> {
    let name = format!("{LABEL}.{handle}.");
    if name.len() > MAX_NAME_BYTES + 1 {
        return Ok(None);
    }
    let response = match resolver.txt_lookup(name).await {
        Ok(response) => response,
        Err(error) if error.is_no_records_found() => return Ok(None),
        Err(_) => return Err(Error::new(ErrorKind::Unreachable).with_detail(handle)),
    };
    let texts = response.answers().iter().filter_map(|record| match &record.data {
        RData::TXT(text) => {
            let parts = text.txt_data.iter().map(|part| String::from_utf8_lossy(part));
            Some(parts.collect::<String>())
        }
        _ => None,
    });
    one(texts, handle)
}

/// The one DID that is named; records with another beginning say nothing.
fn one(texts: impl Iterator<Item = String>, handle: &Handle) -> Result<Option<Did>> {
    let mut dids: Vec<String> =
        texts.filter_map(|text| Some(text.strip_prefix(PREFIX)?.trim().to_owned())).collect();
    dids.sort_unstable();
    dids.dedup();
    match dids.as_slice() {
        [] => Ok(None),
        [did] => Ok(Did::parse(did)),
        [_, ..] => Err(Error::new(ErrorKind::HandleAmbiguous).with_detail(handle)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DID: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";

    fn named(texts: &[&str]) -> Result<Option<String>, ErrorKind> {
        let handle = Handle::parse("haneul.example.com").unwrap();
        let found = one(texts.iter().map(|&text| text.to_owned()), &handle);
        found.map(|did| did.map(|did| did.to_string())).map_err(|error| error.kind())
    }

    /// AT Protocol, Handle, "DNS TXT Method": other records say nothing, and two that differ fail.
    #[test]
    fn one_record_names_a_did() {
        let did = format!("did={DID}");
        let other = "did=did:plc:ewvi7nxzyoun6zhxrhs64oiz";
        let found = Ok(Some(DID.to_owned()));
        assert_eq!(named(&[&did]), found);
        assert_eq!(named(&["v=spf1 -all", &did, "DID=x"]), found);
        assert_eq!(named(&[&did, &did]), found, "the same twice");
        assert_eq!(named(&[&did, other]), Err(ErrorKind::HandleAmbiguous));
        assert_eq!(named(&[&did, other, &did]), Err(ErrorKind::HandleAmbiguous));
        for nothing in [&[][..], &[DID], &["did="], &["did=did:key:z"]] {
            assert_eq!(named(nothing), Ok(None), "{nothing:?}");
        }
    }
}
