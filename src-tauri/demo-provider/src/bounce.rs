//! The host of the bounce page: a second port, by TLS, for providers that send a browser back to https alone.

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware, routing};
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertifiedKey, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest as _, Sha256};

use crate::clients::SCHEME;
use crate::host;
use crate::world::Shared;

/// The page as whoever ships the application hosts it.
const PAGE: &str = include_str!("../../../docs/bounce/index.html");
/// The one line of it that is everybody's own.
const LINE: &str = r#"<meta name="nameplate-scheme" content="app.nameplate.desktop">"#;

/// A port with a certificate for `localhost` that was made a moment ago.
#[derive(Debug)]
pub struct Host {
    /// `https://localhost:PORT`.
    pub base: String,
    /// SHA-256 of the certificate's public key in base64: by it a browser can be told to trust it.
    pub spki: String,
    listener: TcpListener,
    tls: RustlsConfig,
}

impl Host {
    /// Takes any free port.
    pub fn open(ip: IpAddr) -> io::Result<Self> {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()])
                .map_err(io::Error::other)?;
        let spki = STANDARD.encode(Sha256::digest(signing_key.subject_public_key_info()));
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key.into())
            })
            .map_err(io::Error::other)?;
        let listener = TcpListener::bind((ip, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            base: format!("https://localhost:{}", listener.local_addr()?.port()),
            spki,
            listener,
            tls: RustlsConfig::from_config(Arc::new(config)),
        })
    }

    /// Serves the page, and nothing else, until the runtime ends.
    pub async fn serve(self, world: Shared) -> io::Result<()> {
        let router: Router = Router::new()
            .route("/bounce/{provider}", routing::get(page))
            .layer(middleware::from_fn_with_state(Arc::clone(&world), host::loopback_only))
            .with_state(world);
        axum_server::from_tcp_rustls(self.listener, self.tls)?
            .serve(router.into_make_service())
            .await
    }
}

/// A copy with the scheme of development builds, and the headers that the page's own notes ask for.
async fn page() -> Response {
    let line = LINE.replace("app.nameplate.desktop", SCHEME);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_SECURITY_POLICY, format!("{}; frame-ancestors 'none'", policy())),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (StatusCode::OK, headers, PAGE.replace(LINE, &line)).into_response()
}

/// The policy that stands in the page.
fn policy() -> &'static str {
    let after = PAGE.split_once(r#"http-equiv="Content-Security-Policy" content=""#);
    after.and_then(|(_, rest)| rest.split_once('"')).map_or("default-src 'none'", |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_one_line_once_and_a_policy() {
        assert_eq!(PAGE.matches(LINE).count(), 1);
        assert!(policy().contains("script-src 'sha256-"), "{}", policy());
    }
}
