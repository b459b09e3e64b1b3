//! A URI that the operating system hands over. Any program can send one, so all that is decided here
//! is whether it has the form of ours.

use url::Url;

use crate::authorization_response::MAX_RESPONSE_BYTES;

/// What a deep link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeepLink {
    /// A response; to what, and whether to anything, is not known yet.
    Response(String),
    /// Only to be shown the window.
    Open,
}

/// Reads a URI of ours; `None` for any other, which is ignored (S20 to S22).
pub fn read(scheme: &str, text: &str) -> Option<DeepLink> {
    if text.len() > MAX_RESPONSE_BYTES {
        return None;
    }
    let url = Url::parse(text).ok()?;
    // One slash and no authority: neither user name nor host nor port (RFC 8252, section 7.1).
    if url.scheme() != scheme || url.has_authority() {
        return None;
    }
    match url.path() {
        "/open" => Some(DeepLink::Open),
        path if is_callback(path) => Some(DeepLink::Response(text.to_owned())),
        _ => None,
    }
}

/// The redirect URI of a provider entry by deep link.
pub fn redirect_uri(scheme: &str, entry: &str) -> String {
    format!("{scheme}:/callback/{entry}")
}

fn is_callback(path: &str) -> bool {
    path.strip_prefix("/callback/").is_some_and(|entry| {
        !entry.is_empty()
            && entry.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCHEME: &str = "app.nameplate.desktop.dev";

    /// S20: exactly our scheme, exactly our paths.
    #[test]
    fn only_our_form_is_taken() {
        let response = format!("{SCHEME}:/callback/discord?code=c&state=s");
        assert_eq!(read(SCHEME, &response), Some(DeepLink::Response(response.clone())));
        assert_eq!(read(SCHEME, &format!("{SCHEME}:/open")), Some(DeepLink::Open));
        for other in [
            "app.nameplate.desktop:/callback/discord?code=c&state=s",
            "app.nameplate.desktop.dev://callback/discord?code=c",
            "app.nameplate.desktop.dev://u:p@host:1/callback/discord?code=c",
            "app.nameplate.desktop.dev:///callback/discord?code=c",
            "app.nameplate.desktop.dev:/callback/discord/x?code=c",
            "app.nameplate.desktop.dev:/callback/?code=c",
            "app.nameplate.desktop.dev:/callback/../open",
            "app.nameplate.desktop.dev:callback/discord",
            "https://example.com/callback/discord",
            "--help",
            "",
        ] {
            let read = read(SCHEME, other);
            assert!(read.is_none() || read == Some(DeepLink::Open), "{other}: {read:?}");
        }
        assert_eq!(read(SCHEME, &format!("{response}{}", "x".repeat(MAX_RESPONSE_BYTES))), None);
    }

    /// S20: 8 KiB is a link, and one byte more is none; an entry has letters, digits and hyphens.
    #[test]
    fn the_limit_is_8_kib() {
        let response = redirect_uri(SCHEME, "my-company-2");
        assert_eq!(response, "app.nameplate.desktop.dev:/callback/my-company-2");
        let of = |length: usize| {
            read(SCHEME, &format!("{response}?{}", "x".repeat(length - 1 - response.len())))
        };
        assert!(matches!(of(8192), Some(DeepLink::Response(_))));
        assert_eq!(of(8193), None);
    }

    proptest! {
        /// S20: arbitrary text never panics.
        #[test]
        fn arbitrary_links_are_survived(text in "\\PC{0,200}") {
            let _ = read(SCHEME, &text);
            let _ = read(SCHEME, &format!("{SCHEME}:{text}"));
        }
    }
}
