//! The clipboard: read for a client ID that a user has just copied from a provider's console, and written for a token
//! that is copied from the tray.

#[cfg(target_os = "linux")]
pub mod secret;

use std::ops::RangeInclusive;

use tauri::{AppHandle, Runtime};

/// Whether a text has the shape of a client ID, for the built-in providers whose client IDs have a shape that a secret
/// or a password hardly has.
pub fn shape(provider: &str) -> Option<fn(&str) -> bool> {
    let shape: fn(&str) -> bool = match provider {
        // A snowflake.
        "discord" => |text| is_number(text, 17..=20),
        "facebook" => |text| is_number(text, 15..=17),
        "line" => |text| is_number(text, 10..=10),
        "google" => |text| {
            let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let id = text.strip_suffix(".apps.googleusercontent.com");
            id.is_some_and(|id| !id.is_empty() && id.bytes().all(is_id))
        },
        // `Ov` for an OAuth app, `Iv` for a GitHub app.
        "github" => |text| {
            let (first, rest) = text.split_at_checked(2).unwrap_or_default();
            let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
            ["Ov", "Iv"].contains(&first) && text.len() == 20 && rest.bytes().all(is_id)
        },
        // A UUID.
        "microsoft" => |text| {
            let parts = || text.split('-');
            let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
            parts().map(str::len).eq([8, 4, 4, 4, 12]) && parts().all(is_hex)
        },
        _ => return None,
    };
    Some(shape)
}

fn is_number(text: &str, lengths: RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text on the clipboard. The toolkit may be asked in the main thread alone.
#[cfg(target_os = "linux")]
pub async fn text<R: Runtime>(app: &AppHandle<R>) -> Option<String> {
    let (sender, received) = tokio::sync::oneshot::channel();
    app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.request_text(move |_, text| {
            let _ = sender.send(text.map(str::to_owned));
        });
    })
    .ok()?;
    received.await.ok().flatten()
}

/// Not read on other systems yet.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unused_async, reason = "as on Linux")]
pub async fn text<R: Runtime>(_: &AppHandle<R>) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a user may have copied instead, such as a secret, is not offered.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn only_a_client_id_is_offered() {
        for (provider, id, others) in [
            (
                "discord",
                "1156500000000000000",
                &["115650000000000000000", "x156500000000000000"][..],
            ),
            (
                "google",
                "1234-ab9.apps.googleusercontent.com",
                &["GOCSPX-abc", ".apps.googleusercontent.com", "a b.apps.googleusercontent.com"],
            ),
            (
                "github",
                "Ov23liAbCdEfGhIjKlMn",
                &["9d2f5b0c1e4a7f8b6c3d2e1f0a9b8c7d6e5f4a3b", "Ov23li", "\u{20ac}v"],
            ),
            ("github", "Iv1.0123456789abcdef", &["gho_16C7e42F292c6912E7710c838347Ae178B4a"]),
            (
                "microsoft",
                "6731de76-14a6-49ae-97bc-6eba6914391e",
                &[
                    "6731de7614a649ae97bc6eba6914391e",
                    "6731de76-14a6-49ae-97bc-6eba6914391g",
                    "abc8Q~secret",
                ],
            ),
            (
                "facebook",
                "123456789012345",
                &["12345678901234", "a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3"],
            ),
            ("line", "1234567890", &["12345678901", "0123456789abcdef0123456789abcdef"]),
        ] {
            let has_shape = shape(provider).unwrap();
            assert!(has_shape(id), "{id}");
            for other in others.iter().chain(&["", "correct horse battery staple", "하늘"]) {
                assert!(!has_shape(other), "{provider}: {other}");
            }
        }
        assert!(shape("kakao").is_none(), "its secret looks like its client ID");
    }
}
