//! The page that the browser ends at: in the person's language, and with nothing in it that came
//! from outside (S24).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    HeaderValue, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::error::Code;
use crate::settings::Language;
use crate::words::{Heading, words};

const STYLE: &str = include_str!("page.css");

/// The pages, in one language, with one way back.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    language: Language,
    scheme: String,
}

/// What a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// Somebody is signed in.
    SignedIn,
    /// A bot was added to a server.
    BotAdded,
    /// The answer came; the outcome is not known yet.
    Received,
    /// The answer had been used before.
    AlreadyUsed,
    /// Nobody is signed in.
    Failed,
    /// Nothing waits here.
    Refused,
    /// The start link was opened twice.
    Stopped,
    /// The database took nothing.
    StoreFailed,
    /// Another user of this machine asks.
    OtherUser,
}

impl Page {
    /// What is said of a sign-in that failed so.
    pub(crate) fn of(code: Code) -> Self {
        match code {
            Code::StoreFailed | Code::StoreBusy => Self::StoreFailed,
            Code::StartLinkReused => Self::Stopped,
            _ => Self::Failed,
        }
    }

    /// How the outcome of a sign-in is answered.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::StoreFailed => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignedIn
            | Self::BotAdded
            | Self::Received
            | Self::AlreadyUsed
            | Self::Failed
            | Self::Refused
            | Self::Stopped
            | Self::OtherUser => StatusCode::OK,
        }
    }
}

impl Pages {
    /// The pages in that language, whose link back is `<scheme>:/open`.
    pub(crate) fn new(language: Language, scheme: &str) -> Self {
        Self { language, scheme: scheme.to_owned() }
    }

    /// A page as an answer.
    pub(crate) fn respond(&self, status: StatusCode, page: Page) -> Response<Full<Bytes>> {
        self.with_headers(status, self.html(page))
    }

    /// Leads elsewhere, and nobody is told from where.
    pub(crate) fn redirect(&self, to: &str) -> Response<Full<Bytes>> {
        let Ok(location) = HeaderValue::from_str(to) else {
            return self.respond(StatusCode::INTERNAL_SERVER_ERROR, Page::Failed);
        };
        let mut response = self.with_headers(StatusCode::SEE_OTHER, String::new());
        response.headers_mut().insert(LOCATION, location);
        response
    }

    fn with_headers(&self, status: StatusCode, body: String) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in self.headers() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }

    fn headers(&self) -> [(HeaderName, String); 7] {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        [
            (CONTENT_TYPE, "text/html; charset=utf-8".into()),
            (CONTENT_LANGUAGE, self.lang().into()),
            (CONTENT_SECURITY_POLICY, policy),
            (REFERRER_POLICY, "no-referrer".into()),
            (CACHE_CONTROL, "no-store".into()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
            (X_FRAME_OPTIONS, "DENY".into()),
        ]
    }

    fn lang(&self) -> &'static str {
        match self.language {
            Language::Ko => "ko",
            Language::En => "en",
        }
    }

    fn html(&self, page: Page) -> String {
        let words = &words(self.language).page;
        let Heading { title, say } = match page {
            Page::SignedIn => &words.signed_in,
            Page::BotAdded => &words.bot_added,
            Page::Received => &words.received,
            Page::AlreadyUsed => &words.already_used,
            Page::Failed => &words.failed,
            Page::Refused => &words.refused,
            Page::Stopped => &words.stopped,
            Page::StoreFailed => &words.store_failed,
            Page::OtherUser => &words.other_user,
        };
        let (lang, mark, scheme) = (self.lang(), mark(page), &self.scheme);
        let (back, here) = (&words.back, &words.on_this_device);
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · Nameplate</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{mark}\n\
             <h1>{title}</h1>\n<p>{say}</p>\n<a href=\"{scheme}:/open\">{back}</a>\n<small>{here}</small>\n\
             </main>\n</body>\n</html>\n"
        )
    }
}

/// A plate on the wall: with a tick, with dots, or with nobody's name on it.
fn mark(page: Page) -> &'static str {
    match page {
        Page::SignedIn | Page::BotAdded => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="m19 28 6.5 6.5L38 22"/></svg>"#
        }
        Page::Received => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="M18 28h.01M28 28h.01M38 28h.01"/></svg>"#
        }
        Page::AlreadyUsed
        | Page::Failed
        | Page::Refused
        | Page::Stopped
        | Page::StoreFailed
        | Page::OtherUser => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="M20 28h16"/></svg>"#
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S24, U14, U22: nothing is loaded from anywhere, and the one link goes back to the program.
    #[test]
    fn a_page_loads_nothing_and_links_only_back() {
        for language in [Language::Ko, Language::En] {
            let pages = Pages::new(language, "app.nameplate.desktop.dev");
            for page in [
                Page::SignedIn,
                Page::BotAdded,
                Page::Received,
                Page::AlreadyUsed,
                Page::Failed,
                Page::Refused,
                Page::Stopped,
                Page::StoreFailed,
                Page::OtherUser,
            ] {
                let html = pages.html(page);
                assert_eq!(html.matches("href=").count(), 1);
                assert!(html.contains(r#"href="app.nameplate.desktop.dev:/open""#));
                for loading in ["src=", "@import", "url(", "<script", "<link", "http:", "https:"] {
                    assert!(!html.contains(loading), "{loading}");
                }
            }
        }
    }

    /// N7: in the person's language.
    #[test]
    fn a_page_speaks_the_persons_language() {
        assert!(Pages::new(Language::Ko, "s").html(Page::SignedIn).contains("로그인되었습니다"));
        assert!(Pages::new(Language::En, "s").html(Page::SignedIn).contains("You are signed in"));
    }

    #[test]
    fn the_policy_allows_exactly_the_style_of_the_page() {
        let response = Pages::new(Language::En, "s").respond(StatusCode::OK, Page::Failed);
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy.contains("unsafe"));
    }
}
