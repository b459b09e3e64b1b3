//! The host of the https redirect page: a second port, with TLS, for providers that accept only https redirect URIs.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware, routing};
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest as _, Sha256};

use crate::clients::SCHEME;
use crate::host;
use crate::private_file::write_private;
use crate::state::ServerState;

/// The page as the publisher of the application hosts it.
const PAGE: &str = include_str!("https_redirect.html");
/// The line of it that each publisher changes.
const LINE: &str = r#"<meta name="nameplate-scheme" content="app.nameplate.desktop">"#;

/// Where the https redirect page is hosted, and with which key.
#[derive(Debug, Clone)]
pub struct HttpsRedirect {
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The file with the key, created if it is missing, so that a browser which trusts the key once trusts it at the
    /// next start. `None` for a key of this run.
    pub key: Option<PathBuf>,
}

/// A port with a certificate for `localhost`.
#[derive(Debug)]
pub struct Host {
    /// `https://localhost:PORT`.
    pub base: String,
    /// SHA-256 of the certificate's public key in base64.
    pub spki: String,
    listener: TcpListener,
    tls: RustlsConfig,
}

impl Host {
    pub fn open(place: &HttpsRedirect) -> io::Result<Self> {
        let key = key(place.key.as_deref())?;
        let certificate = CertificateParams::new(["localhost".to_owned()])
            .and_then(|parameters| parameters.self_signed(&key))
            .map_err(io::Error::other)?;
        let spki = STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                let chain = vec![certificate.der().clone()];
                config.with_no_client_auth().with_single_cert(chain, key.into())
            })
            .map_err(io::Error::other)?;
        let listener = TcpListener::bind(place.listen)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            base: format!("https://localhost:{}", listener.local_addr()?.port()),
            spki,
            listener,
            tls: RustlsConfig::from_config(Arc::new(config)),
        })
    }

    /// Serves the page, and nothing else, until the runtime ends.
    pub async fn serve(self, state: Arc<ServerState>) -> io::Result<()> {
        let router: Router = Router::new()
            .route("/redirect/{provider}", routing::get(page))
            .layer(middleware::from_fn_with_state(state, host::loopback_only));
        axum_server::from_tcp_rustls(self.listener, self.tls)?
            .serve(router.into_make_service())
            .await
    }
}

/// The key in the file, or a new one, which is written to the file.
fn key(file: Option<&Path>) -> io::Result<KeyPair> {
    let stored = file.filter(|file| file.exists()).map(fs::read).transpose()?;
    if let Some(stored) = stored {
        return KeyPair::try_from(stored).map_err(io::Error::other);
    }
    let key = KeyPair::generate().map_err(io::Error::other)?;
    if let Some(file) = file {
        write_private(file, key.serialize_der())?;
    }
    Ok(key)
}

/// The page with the scheme of development builds, and the headers that docs/https-redirect/README.md asks for.
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

/// The Content-Security-Policy of the page.
fn policy() -> &'static str {
    let after = PAGE.split_once(r#"http-equiv="Content-Security-Policy" content=""#);
    after.and_then(|(_, rest)| rest.split_once('"')).map_or("default-src 'none'", |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_key_is_the_same_at_the_next_start() {
        let folder =
            std::env::temp_dir().join(format!("demo-https-redirect-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let at = |key| HttpsRedirect { listen: SocketAddr::from(([127, 0, 0, 1], 0)), key };
        let stored = at(Some(folder.join("page.key")));
        let spki = |place: &HttpsRedirect| Host::open(place).unwrap().spki;
        assert_eq!(spki(&stored), spki(&stored));
        assert_ne!(spki(&at(None)), spki(&at(None)));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_page_has_the_one_line_once_and_a_policy() {
        assert_eq!(PAGE.matches(LINE).count(), 1);
        assert!(policy().contains("script-src 'sha256-"), "{}", policy());
    }
}
