//! Addresses of the public Internet, and name resolution that gives no other.
//!
//! A server that is not trusted may name any host. Its responses to DNS queries are its own too, so the
//! addresses are checked that the connection is made to.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Resolves names by the system, and refuses those with an address that is not public. Addresses in
/// a URL are not resolved; see [`may_be_public`].
pub struct PublicResolver;

/// A host with an address that is not public.
#[derive(Debug)]
pub(super) struct PrivateAddress {
    pub(super) host: String,
}

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has an address that is not public", self.host)
    }
}

impl Error for PrivateAddress {}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            // The connection may use any of them.
            match found.iter().all(|address| is_public(address.ip())) {
                true => Ok(Box::new(found.into_iter()) as Addrs),
                false => Err(PrivateAddress { host: host.to_owned() }.into()),
            }
        })
    }
}

/// Whether a URL names a public address, or a host whose address is looked up.
pub fn may_be_public(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        // RFC 6761, section 6.3.
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
        None => false,
    }
}

/// The refused host, if that is why there is no connection.
pub(super) fn refused<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e PrivateAddress> {
    error.downcast_ref().or_else(|| error.source().and_then(refused))
}

/// Whether the address is public (RFC 6890 lists those that are not).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let special = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || shared
                || special
                || benchmark
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let [first, second, rest @ ..] = v6.segments();
                // NAT64 (RFC 6052, section 2.1): how networks without IPv4 reach an IPv4 address.
                if let (0x64, 0xff9b, [0, 0, 0, 0, high, low]) = (first, second, rest) {
                    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                    return is_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
                }
                // Public addresses are in 2000::/3, except Teredo (2001::/32) and 6to4 (2002::/16),
                // which embed an IPv4 address, the rest of 2001::/23 (protocols), and 2001:db8::/32
                // and 3fff::/20 (documentation).
                (0x2000..0x4000).contains(&first)
                    && first != 0x2002
                    && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
                    && !(first == 0x3fff && second < 0x1000)
            }
        },
    }
}

#[cfg(test)]
mod tests;
