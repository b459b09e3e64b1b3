//! HTTP Basic authentication of a client (RFC 6749, section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use url::form_urlencoded;

use crate::sent_secrets::SentSecrets;

/// HTTP Basic authentication of a client.
pub struct BasicAuth {
    pub(super) user: String,
    pub(super) password: SecretString,
}

impl BasicAuth {
    /// Both are encoded like the fields of a form first (RFC 6749, section 2.3.1).
    pub fn new(client_id: &str, secret: &str) -> Self {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let password: String = encoded(secret);
        Self { user: encoded(client_id), password: password.into() }
    }
}

/// What an `Authorization` header holds in confidence: itself, and the password in it.
pub(super) fn of_basic(secrets: SentSecrets, header: &str) -> SentSecrets {
    let Some(encoded) = header.strip_prefix("Basic ") else { return secrets.and(header) };
    let decoded = STANDARD.decode(encoded).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded);
    let password = decoded.split_once(':').map_or("", |(_, password)| password);
    let plain = form_urlencoded::parse(password.as_bytes()).next();
    let plain = plain.map(|(name, _)| name.into_owned()).unwrap_or_default();
    secrets.and(encoded).and(password).and(&plain)
}
