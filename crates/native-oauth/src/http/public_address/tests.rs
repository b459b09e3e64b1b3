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
    assert!(super::refused(refused.as_ref()).is_some_and(|private| private.host == "localhost"));
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
