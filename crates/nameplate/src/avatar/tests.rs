use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use super::decode::PIXELS;
use super::*;

/// The decoders panic at these files (zune-jpeg 0.5.15, png 0.18.1; found by fuzzing).
#[test]
fn a_decoder_that_panics_has_refused() {
    for damaged in [&include_bytes!("decoder-panics.jpg")[..], include_bytes!("decoder-panics.png")]
    {
        assert_eq!(draw(damaged), Err(AvatarError::NoPicture));
    }
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
        image::load_from_memory(&draw(&encoded(8, ImageFormat::Png)).unwrap().png).unwrap().width(),
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

/// S54: no proxy of the system comes between the address that was checked and the picture. A
/// process of its own has the proxy in its environment.
#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_comes_between() {
    const AT: &str = "NAMEPLATE_TEST_PICTURE";
    if let Ok(address) = std::env::var(AT) {
        assert_eq!(fetch(&address, Reach::ThisMachine).await, Err(AvatarError::NoPicture));
        return;
    }
    let server = wiremock::MockServer::start().await;
    let response = wiremock::ResponseTemplate::new(200).set_body_string("no picture");
    let any = wiremock::Mock::given(wiremock::matchers::any());
    any.respond_with(response).mount(&server).await;
    let address = server.uri();
    let ended = tokio::task::spawn_blocking(move || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "avatar::tests::no_proxy_comes_between"])
            .env(AT, address)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .envs(
                ["http_proxy", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:9")),
            )
            .output()
            .unwrap()
    });
    let ended = ended.await.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}
