//! The host of the https redirect page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use demo_provider::DemoProvider;
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};

#[tokio::test]
async fn the_page_is_hosted_by_https_with_the_scheme_of_development() {
    let server = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let host = server.https_redirect();
    // A certificate of its own: only its key says that it is this host.
    let client = reqwest::Client::builder().no_proxy().tls_info(true);
    let client = client.tls_danger_accept_invalid_certs(true).build().unwrap();
    let url = format!("{host}/redirect/company?code=x&state=y");
    let response = client.get(&url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let info = response.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    let certificate = info.peer_certificate().unwrap().to_vec();
    let start = certificate.windows(4).position(|part| part == [0x30, 0x59, 0x30, 0x13]).unwrap();
    let key = STANDARD.encode(Sha256::digest(&certificate[start..start + 91]));
    assert_eq!(key, server.https_redirect_spki());
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    let page = response.text().await.unwrap();
    let line = r#"<meta name="nameplate-scheme" content="app.nameplate.desktop.dev">"#;
    assert_eq!(page.matches(line).count(), 1);
    let elsewhere = client.get(format!("{host}/demo/request-log")).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "the page and nothing else");
}
