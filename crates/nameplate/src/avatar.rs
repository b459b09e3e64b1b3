//! The picture: fetched once, decoded and drawn anew small, so that what is kept and shown is
//! ours and never the bytes of a stranger (S54).

use std::io::Cursor;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use native_oauth::hex::hex;
use native_oauth::http::tls;
use reqwest::header::LOCATION;
use sha2::{Digest, Sha256};
use url::{Host, Url};

/// Of the file.
pub(crate) const BYTES: usize = 8 << 20;
/// Of either side, before decoding.
const PIXELS: u32 = 8192;
/// Of all memory that decoding may take.
const MEMORY: u64 = 256 << 20;
/// Of either side as kept.
const SIDE: u32 = 256;
const REDIRECTS: usize = 3;

/// A picture as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// PNG, at most 256 by 256 pixels.
    pub png: Vec<u8>,
    /// Changes with the picture.
    pub key: String,
}

/// Why there is no picture. It never ends a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AvatarError {
    /// The address is not one that is fetched from.
    #[error("the address of the picture is not allowed")]
    Address,
    /// It could not be fetched.
    #[error("the picture cannot be fetched")]
    Unreachable,
    /// It is larger than any real one.
    #[error("the picture is too large")]
    TooLarge,
    /// It is none of PNG, JPEG, WebP and GIF, by its content.
    #[error("this is no picture that can be shown")]
    NoPicture,
}

/// Which addresses may be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// https, and no private address.
    Internet,
    /// This machine too, by http: where the provider itself is on it.
    ThisMachine,
}

/// Fetches and draws anew.
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

/// Draws anew what was fetched already. A decoder that panics has refused the picture.
///
/// # Errors
/// See [`AvatarError`].
pub async fn read(bytes: Vec<u8>) -> Result<Avatar, AvatarError> {
    let drawn = tokio::task::spawn_blocking(move || draw(&bytes)).await;
    drawn.map_err(|_| AvatarError::NoPicture)?
}

/// The picture that stands in the address itself: `image/png;base64,...` (RFC 2397).
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
    // No cookies, no token, and the connection goes to the addresses that were looked at: a proxy
    // would look the name up once more, and might reach what may not be reached.
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

/// Every address of the host, if each of them is allowed: one private address among them is
/// enough to refuse, since the connection may pick any.
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

/// Whether the address belongs to the public Internet (RFC 6890 lists the ones that do not).
fn is_public(address: IpAddr) -> bool {
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
                let [first, second, ..] = v6.segments();
                // 2000::/3 is all that is handed out. 64:ff9b::/96 outside of it, Teredo
                // (2001::/32) and 6to4 (2002::/16) inside may hide an IPv4; the rest of 2001::/23
                // serves protocols, and 2001:db8::/32 and 3fff::/20 documents.
                (0x2000..0x4000).contains(&first)
                    && first != 0x2002
                    && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
                    && !(first == 0x3fff && second < 0x1000)
            }
        },
    }
}

/// Decodes within limits and encodes anew, so that nothing but pixels passes.
pub(crate) fn draw(bytes: &[u8]) -> Result<Avatar, AvatarError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| AvatarError::NoPicture)?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(AvatarError::NoPicture);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(PIXELS);
    limits.max_image_height = Some(PIXELS);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => AvatarError::TooLarge,
        _ => AvatarError::NoPicture,
    })?;
    let small = if picture.width().max(picture.height()) > SIDE {
        picture.thumbnail(SIDE, SIDE)
    } else {
        picture
    };
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(small.into_rgba8())
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| AvatarError::NoPicture)?;
    let png = png.into_inner();
    let key = hex(&Sha256::digest(&png)[..8]);
    Ok(Avatar { png, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JPEG decoder panics at this file (zune-jpeg 0.5.15; found by fuzzing).
    #[tokio::test]
    async fn a_decoder_that_panics_has_refused() {
        let damaged = include_bytes!("avatar/decoder-panics.jpg");
        assert_eq!(read(damaged.to_vec()).await, Err(AvatarError::NoPicture));
    }

    fn encoded(side: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(side, side).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// S54: the four kinds are told by their content, and kept small as PNG.
    #[test]
    fn pictures_are_drawn_anew() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            let avatar = draw(&encoded(600, format)).unwrap();
            let kept = image::load_from_memory_with_format(&avatar.png, ImageFormat::Png).unwrap();
            assert_eq!((kept.width(), kept.height()), (256, 256), "{format:?}");
            assert_eq!(avatar.key.len(), 16);
        }
        assert_eq!(
            image::load_from_memory(&draw(&encoded(8, ImageFormat::Png)).unwrap().png)
                .unwrap()
                .width(),
            8
        );
    }

    /// S54: nothing behind the pixels survives.
    #[test]
    fn what_hides_behind_the_pixels_is_gone() {
        let mut bytes = encoded(16, ImageFormat::Png);
        bytes.extend_from_slice(b"<script>alert(1)</script>");
        let avatar = draw(&bytes).unwrap();
        assert!(!avatar.png.windows(7).any(|window| window == b"<script"));
    }

    /// S54: no SVG, no page.
    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"<html></html>",
            b"",
            b"\x89PNG\r\n\x1a\nbroken",
        ] {
            assert_eq!(draw(bytes), Err(AvatarError::NoPicture));
        }
    }

    /// S54: neither side is longer than the limit, however little there is to decode.
    #[test]
    fn a_side_beyond_the_limit_is_refused() {
        let sized = |width, height| {
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::new_luma8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
            draw(&bytes.into_inner()).map(drop)
        };
        assert_eq!(sized(PIXELS + 1, 1), Err(AvatarError::TooLarge));
        assert_eq!(sized(1, PIXELS + 1), Err(AvatarError::TooLarge));
        assert_eq!((sized(PIXELS, 1), sized(1, PIXELS)), (Ok(()), Ok(())));
    }

    /// S54: private, local and reserved addresses are not the Internet.
    #[test]
    fn private_addresses_are_refused() {
        for address in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:0:a00:1::",
            "2001:20::1",
            "2001:1ff::1",
            "3fff::1",
            "192.0.0.8",
            "192.88.99.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["162.159.130.233", "2606:4700::6810:85e5"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    /// S54: https only, and this machine only where the provider is on it.
    #[tokio::test]
    async fn addresses_are_checked_before_anything_is_sent() {
        for (address, reach) in [
            ("http://93.184.216.34/x.png", Reach::Internet),
            ("http://127.0.0.1:9/x.png", Reach::Internet),
            ("https://127.0.0.1:9/x.png", Reach::Internet),
            ("https://localhost:9/x.png", Reach::Internet),
            ("http://10.0.0.1/x.png", Reach::ThisMachine),
            ("file:///etc/passwd", Reach::ThisMachine),
        ] {
            assert_eq!(fetch(address, reach).await, Err(AvatarError::Address), "{address}");
        }
    }

    /// S54: a picture in the address itself needs no request, and is held to the same limits.
    #[tokio::test]
    async fn a_picture_may_stand_in_its_address() {
        let png = encoded(8, ImageFormat::Png);
        let text = base64::engine::general_purpose::STANDARD.encode(&png);
        let bare = text.trim_end_matches('=');
        for address in [
            format!("data:image/png;base64,{text}"),
            format!("data:image/png;base64,{bare}"),
            format!("DATA:image/GIF;BASE64,{text}"),
        ] {
            assert_eq!(fetch(&address, Reach::Internet).await, draw(&png), "{address}");
        }
        let huge = format!("data:image/png;base64,{}", "A".repeat(BYTES / 3 * 4 + 8));
        assert_eq!(fetch(&huge, Reach::Internet).await, Err(AvatarError::TooLarge));
        let svg = base64::engine::general_purpose::STANDARD
            .encode("<svg xmlns='http://www.w3.org/2000/svg'/>");
        for address in [
            format!("data:image/png,{text}"),
            format!("data:text/html;base64,{text}"),
            format!("data:image/svg+xml;base64,{svg}"),
            format!("data:image/png;base64,{svg}"),
            format!("data:image/png;base64,{}", &text[..40]),
            "data:image/png;base64,!".to_owned(),
            "data:".to_owned(),
            "data:,".to_owned(),
        ] {
            let refused = fetch(&address, Reach::Internet).await;
            assert_eq!(refused, Err(AvatarError::NoPicture), "{address}");
        }
    }

    /// S54: no proxy of the system comes between the address that was looked at and the picture. A
    /// process of its own has the proxy in its environment.
    #[tokio::test(flavor = "multi_thread")]
    async fn no_proxy_comes_between() {
        const AT: &str = "NAMEPLATE_TEST_PICTURE";
        if let Ok(address) = std::env::var(AT) {
            assert_eq!(fetch(&address, Reach::ThisMachine).await, Err(AvatarError::NoPicture));
            return;
        }
        let server = wiremock::MockServer::start().await;
        let answer = wiremock::ResponseTemplate::new(200).set_body_string("no picture");
        let any = wiremock::Mock::given(wiremock::matchers::any());
        any.respond_with(answer).mount(&server).await;
        let address = server.uri();
        let ended = tokio::task::spawn_blocking(move || {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "avatar::tests::no_proxy_comes_between"])
                .env(AT, address)
                .env_remove("NO_PROXY")
                .env_remove("no_proxy")
                .envs(
                    ["http_proxy", "HTTP_PROXY", "ALL_PROXY"]
                        .map(|name| (name, "http://127.0.0.1:9")),
                )
                .output()
                .unwrap()
        });
        let ended = ended.await.unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
}
