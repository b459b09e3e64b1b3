//! The clipboard: read for a client ID that a user has just copied from a provider's console, and written for a token
//! that is copied from the tray.

#[cfg(target_os = "linux")]
pub mod secret;

use tauri::{AppHandle, Runtime};

/// Providers whose client IDs have a shape that a secret or a password hardly has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A snowflake: 17 to 20 digits.
    Discord,
    /// Ends with `.apps.googleusercontent.com`.
    Google,
    /// 20 characters, `Ov` for an OAuth app or `Iv` for a GitHub app first.
    GitHub,
    /// A UUID.
    Microsoft,
    /// 15 to 17 digits.
    Facebook,
    /// 10 digits.
    Line,
}

impl Kind {
    /// By the id of a built-in provider.
    pub fn of(provider: &str) -> Option<Self> {
        Some(match provider {
            "discord" => Self::Discord,
            "google" => Self::Google,
            "github" => Self::GitHub,
            "microsoft" => Self::Microsoft,
            "facebook" => Self::Facebook,
            "line" => Self::Line,
            _ => return None,
        })
    }

    /// Whether a text has the shape of a client ID.
    pub fn matches(self, text: &str) -> bool {
        let digits = |lengths: std::ops::RangeInclusive<usize>| {
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        match self {
            Self::Discord => digits(17..=20),
            Self::Facebook => digits(15..=17),
            Self::Line => digits(10..=10),
            Self::Google => text.strip_suffix(".apps.googleusercontent.com").is_some_and(|id| {
                !id.is_empty()
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            }),
            Self::GitHub => {
                let (first, rest) = text.split_at_checked(2).unwrap_or_default();
                let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
                ["Ov", "Iv"].contains(&first) && text.len() == 20 && rest.bytes().all(is_id)
            }
            Self::Microsoft => {
                let parts: Vec<_> = text.split('-').collect();
                let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
                parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
                    && parts.into_iter().all(hex)
            }
        }
    }
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
    fn only_a_client_id_is_offered() {
        for (kind, id, others) in [
            (
                Kind::Discord,
                "1156500000000000000",
                &["115650000000000000000", "x156500000000000000"][..],
            ),
            (
                Kind::Google,
                "1234-ab9.apps.googleusercontent.com",
                &["GOCSPX-abc", ".apps.googleusercontent.com", "a b.apps.googleusercontent.com"],
            ),
            (
                Kind::GitHub,
                "Ov23liAbCdEfGhIjKlMn",
                &["9d2f5b0c1e4a7f8b6c3d2e1f0a9b8c7d6e5f4a3b", "Ov23li", "\u{20ac}v"],
            ),
            (Kind::GitHub, "Iv1.0123456789abcdef", &["gho_16C7e42F292c6912E7710c838347Ae178B4a"]),
            (
                Kind::Microsoft,
                "6731de76-14a6-49ae-97bc-6eba6914391e",
                &[
                    "6731de7614a649ae97bc6eba6914391e",
                    "6731de76-14a6-49ae-97bc-6eba6914391g",
                    "abc8Q~secret",
                ],
            ),
            (
                Kind::Facebook,
                "123456789012345",
                &["12345678901234", "a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3"],
            ),
            (Kind::Line, "1234567890", &["12345678901", "0123456789abcdef0123456789abcdef"]),
        ] {
            assert!(kind.matches(id), "{id}");
            for other in others.iter().chain(&["", "correct horse battery staple", "하늘"]) {
                assert!(!kind.matches(other), "{kind:?}: {other}");
            }
        }
        assert_eq!(Kind::of("kakao"), None, "its secret looks like its client ID");
    }
}
