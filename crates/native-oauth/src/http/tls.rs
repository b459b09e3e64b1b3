//! The TLS configuration of every HTTP client: the system's verifier and roots.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

/// The configuration, read once for each process: on Linux the roots are a file of hundreds of
/// certificates. A failure is not kept, since the roots may be installed later.
///
/// # Errors
/// Where the system has no roots that can be used.
pub fn config() -> Result<ClientConfig, rustls::Error> {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(known) = CONFIG.get() {
        return Ok(known.clone());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(CONFIG.get_or_init(|| config).clone())
}
