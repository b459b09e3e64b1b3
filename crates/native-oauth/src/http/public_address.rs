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
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
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
mod tests {
    use std::sync::Arc;

    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::error::ErrorKind;
    use crate::http::Http;

    /// S66: a server that is not trusted is not reached at an address of this machine or network,
    /// whether it is written as a number or found by a name.
    #[tokio::test]
    async fn a_private_address_is_not_connected_to() {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
        let http = Http::to_public_addresses("test", Arc::new(|| 0)).unwrap();
        let port = server.address().port();
        for host in
            ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"]
        {
            let url: Url = format!("http://{host}:{port}/").parse().unwrap();
            let refused = http.get(&url, None).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PrivateAddress, "{host}");
            assert!(!http.reaches(&url).await, "{host}");
        }
    }

    /// S66: the address that a name leads to is what counts.
    #[tokio::test]
    async fn a_name_of_a_private_address_is_refused() {
        let name: Name = "localhost".parse().unwrap();
        let refused = PublicResolver.resolve(name).await.err().unwrap();
        assert!(
            super::refused(refused.as_ref()).is_some_and(|private| private.host == "localhost")
        );
    }

    /// The host is in the log.
    #[test]
    fn a_private_address_names_its_host() {
        let refused = PrivateAddress { host: "id.example.com".to_owned() };
        assert_eq!(refused.to_string(), "id.example.com has an address that is not public");
    }

    /// S66: each range of RFC 6890, its ends, and the addresses beside it.
    #[test]
    fn special_ranges_are_not_public() {
        let of = |text: &str| text.parse().map(is_public).unwrap();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "1fff::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!of(address), "{address}");
        }
        for address in [
            "1.1.1.1",
            "11.0.0.1",
            "99.64.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "101.64.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.88.98.1",
            "193.0.0.1",
            "197.18.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2003:1::1",
            "2606:4700::1",
            "2606:db8::1",
            "3ffe::1",
            "3fff:1000::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(of(address), "{address}");
        }
    }

    #[test]
    fn a_public_host_may_be_connected_to() {
        for (url, public) in [
            ("https://id.example.com/", true),
            ("https://93.184.215.14/", true),
            ("https://[2606:4700::1]/", true),
            ("https://192.168.0.1/", false),
            ("https://localhost/", false),
            ("https://x.localhost/", false),
            ("https://[fd00::1]/", false),
            // 93.184.215.14 and 10.0.0.1 behind NAT64.
            ("https://[64:ff9b::5db8:d70e]/", true),
            ("https://[64:ff9b::a00:1]/", false),
            ("https://[64:ff9b:1::5db8:d70e]/", false),
        ] {
            assert_eq!(may_be_public(&url.parse().unwrap()), public, "{url}");
        }
    }
}
