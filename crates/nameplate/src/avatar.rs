//! Profile pictures: downloaded, decoded and re-encoded, so that only pixels are stored (S54).

#[cfg(feature = "avatar")]
mod decode;

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use native_oauth::http::public_address::is_public;
use native_oauth::http::tls;
use reqwest::header::LOCATION;
use url::{Host, Url};

#[cfg(feature = "avatar")]
pub(crate) use decode::draw;

/// Largest file, in bytes.
pub(crate) const BYTES: usize = 8 << 20;
const REDIRECTS: usize = 3;

/// A stored picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// PNG, at most 256 by 256 pixels.
    pub png: Vec<u8>,
    /// Digest of the PNG.
    pub key: String,
}

/// Why there is no picture. A sign-in succeeds without one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AvatarError {
    /// The URL is not allowed.
    #[error("the address of the picture is not allowed")]
    Address,
    /// The download failed.
    #[error("the picture cannot be fetched")]
    Unreachable,
    /// The file or picture is too large.
    #[error("the picture is too large")]
    TooLarge,
    /// The content is not PNG, JPEG, WebP or GIF.
    #[error("this is no picture that can be shown")]
    NoPicture,
}

/// The addresses that may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by https.
    Internet,
    /// Also loopback addresses, by http: for a provider on this machine.
    ThisMachine,
}

/// Downloads and re-encodes a picture.
///
/// # Errors
/// See [`AvatarError`].
pub async fn fetch(address: &str, reach: Reach) -> Result<Avatar, AvatarError> {
    let mut url = Url::parse(address).map_err(|_| AvatarError::Address)?;
    if url.scheme() == "data" {
        return read(inline(url.path())?).await;
    }
    for _ in 0..=REDIRECTS {
        match get(&url, reach).await? {
            Fetched::Bytes(bytes) => return read(bytes).await,
            Fetched::Redirect(next) => url = url.join(&next).map_err(|_| AvatarError::Address)?,
        }
    }
    Err(AvatarError::Unreachable)
}

/// Re-encodes a downloaded picture.
///
/// # Errors
/// See [`AvatarError`].
pub async fn read(bytes: Vec<u8>) -> Result<Avatar, AvatarError> {
    let drawn = tokio::task::spawn_blocking(move || draw(&bytes)).await;
    drawn.map_err(|_| AvatarError::NoPicture)?
}

/// The picture in a `data:` URL: `image/png;base64,...` (RFC 2397).
fn inline(path: &str) -> Result<Vec<u8>, AvatarError> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let (kind, data) = path.split_once(',').ok_or(AvatarError::NoPicture)?;
    let kind = kind.to_ascii_lowercase();
    let kinds = ["image/png", "image/jpeg", "image/webp", "image/gif"];
    if !kind.strip_suffix(";base64").is_some_and(|kind| kinds.contains(&kind)) {
        return Err(AvatarError::NoPicture);
    }
    if data.len() / 4 * 3 > BYTES {
        return Err(AvatarError::TooLarge);
    }
    BASE64.decode(data).map_err(|_| AvatarError::NoPicture)
}

enum Fetched {
    Bytes(Vec<u8>),
    Redirect(String),
}

async fn get(url: &Url, reach: Reach) -> Result<Fetched, AvatarError> {
    let addresses = resolve(url, reach).await?;
    let host = url.host_str().ok_or(AvatarError::Address)?;
    // No cookies and no token. The connection goes to the checked addresses: a proxy would resolve
    // the name again, possibly to an address that is not allowed.
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config().map_err(|_| AvatarError::Unreachable)?)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(15))
        .resolve_to_addrs(host, &addresses)
        .build()
        .map_err(|_| AvatarError::Unreachable)?;
    let mut response =
        client.get(url.clone()).send().await.map_err(|_| AvatarError::Unreachable)?;
    if response.status().is_redirection() {
        let next = response.headers().get(LOCATION).and_then(|next| next.to_str().ok());
        return next.map(|next| Fetched::Redirect(next.to_owned())).ok_or(AvatarError::Unreachable);
    }
    if !response.status().is_success() {
        return Err(AvatarError::Unreachable);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| AvatarError::Unreachable)? {
        if bytes.len() + chunk.len() > BYTES {
            return Err(AvatarError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched::Bytes(bytes))
}

/// The addresses of the host.
///
/// # Errors
/// [`AvatarError::Address`] unless every address is allowed: the connection may use any of them.
async fn resolve(url: &Url, reach: Reach) -> Result<Vec<SocketAddr>, AvatarError> {
    let port = url.port_or_known_default().ok_or(AvatarError::Address)?;
    let addresses: Vec<SocketAddr> = match url.host().ok_or(AvatarError::Address)? {
        Host::Ipv4(address) => vec![(address, port).into()],
        Host::Ipv6(address) => vec![(address, port).into()],
        Host::Domain(name) => tokio::net::lookup_host((name, port))
            .await
            .map_err(|_| AvatarError::Unreachable)?
            .collect(),
    };
    let on_this_machine = addresses.iter().all(|address| address.ip().is_loopback());
    let allowed = match (url.scheme(), reach) {
        ("http" | "https", Reach::ThisMachine) if on_this_machine => true,
        ("https", Reach::Internet | Reach::ThisMachine) => {
            addresses.iter().all(|address| is_public(address.ip()))
        }
        _ => false,
    };
    if addresses.is_empty() {
        return Err(AvatarError::Unreachable);
    }
    if allowed { Ok(addresses) } else { Err(AvatarError::Address) }
}

/// Without the feature `avatar`, nothing is downloaded.
#[cfg(not(feature = "avatar"))]
fn draw(_: &[u8]) -> Result<Avatar, AvatarError> {
    Err(AvatarError::NoPicture)
}

#[cfg(feature = "avatar")]
#[cfg(test)]
mod tests;
