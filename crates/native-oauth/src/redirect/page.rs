//! The page that the browser ends at: in the user's language, and with nothing in it that came
//! from outside but the name of who signed in, escaped (S24).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    HeaderValue, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::text;

const STYLE: &str = include_str!("page.css");

/// Of the name of who signed in, in characters.
const LONGEST_NAME: usize = 60;

/// The callback pages of one sign-in.
#[derive(Debug, Clone)]
pub struct Pages {
    texts: Arc<PageTexts>,
    return_uri: Option<String>,
}

/// The texts of the callback pages in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageTexts {
    /// Language tag (RFC 5646), such as `en`.
    pub lang: String,
    /// Name of the program, in the title.
    pub program: String,
    /// [`Page::SignedIn`].
    pub signed_in: PageText,
    /// Title of [`Page::SignedIn`] with a name in place of `{name}`.
    pub signed_in_as: String,
    /// [`Page::ExtraGranted`].
    pub extra_granted: PageText,
    /// [`Page::Received`].
    pub received: PageText,
    /// [`Page::AlreadyUsed`].
    pub already_used: PageText,
    /// [`Page::Failed`].
    pub failed: PageText,
    /// [`Page::Unknown`].
    pub unknown: PageText,
    /// [`Page::Stopped`].
    pub stopped: PageText,
    /// [`Page::NotStored`].
    pub not_stored: PageText,
    /// [`Page::OtherUser`].
    pub other_user: PageText,
    /// Label of the link that leads back to the program.
    pub back: String,
    /// Says that the page comes from this computer.
    pub note: String,
}

/// One page's texts. Plain text; not escaped.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageText {
    /// What happened.
    pub title: String,
    /// What to do next.
    pub text: String,
}

impl PageTexts {
    /// English texts, for a program without texts of its own.
    pub fn english(program: &str) -> Self {
        let page = |title: &str, text: &str| PageText { title: title.into(), text: text.into() };
        let again = format!("Start again in {program}.");
        Self {
            lang: "en".into(),
            program: program.into(),
            signed_in: page("You are signed in", "You can close this tab."),
            signed_in_as: "Signed in as {name}".into(),
            extra_granted: page("Access was granted", "You can close this tab."),
            received: page("Finishing sign-in…", "You can close this tab."),
            already_used: page("This sign-in is already complete", "You can close this tab."),
            failed: page("Sign-in did not finish", &again),
            unknown: page("No sign-in is in progress for this link", &again),
            stopped: page("This sign-in was stopped", "Its link was opened twice."),
            not_stored: page("This sign-in could not be saved", &again),
            other_user: page("Another user of this computer opened this link", &again),
            back: format!("Return to {program}"),
            note: format!("This page comes from {program} on this computer."),
        }
    }

    fn of(&self, page: &Page) -> &PageText {
        match page {
            Page::SignedIn(_) => &self.signed_in,
            Page::ExtraGranted => &self.extra_granted,
            Page::Received => &self.received,
            Page::AlreadyUsed => &self.already_used,
            Page::Failed => &self.failed,
            Page::Unknown => &self.unknown,
            Page::Stopped => &self.stopped,
            Page::NotStored => &self.not_stored,
            Page::OtherUser => &self.other_user,
        }
    }
}

/// Which page the browser is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The user is signed in, under this name if it is known.
    SignedIn(Option<String>),
    /// What was asked for beside a sign-in was granted.
    ExtraGranted,
    /// The response was received; the outcome is not known yet.
    Received,
    /// The response had been used before.
    AlreadyUsed,
    /// The user denied the sign-in, or it failed in another way.
    Failed,
    /// No sign-in waits for this response.
    Unknown,
    /// The start link was opened twice.
    Stopped,
    /// The program could not store the outcome.
    NotStored,
    /// The request comes from another user of this machine.
    OtherUser,
}

impl Page {
    /// Status of a page with the outcome of a sign-in.
    pub(super) fn outcome_status(&self) -> StatusCode {
        match self {
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        }
    }

    /// Status of a page that refuses a response.
    pub(super) fn refusal_status(&self) -> StatusCode {
        match self {
            Self::AlreadyUsed => StatusCode::CONFLICT,
            Self::Stopped => StatusCode::GONE,
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
            Self::OtherUser => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl Pages {
    /// Pages whose link leads back to the program by `return_uri`; without one they have no link.
    pub fn new(texts: Arc<PageTexts>, return_uri: impl Into<Option<String>>) -> Self {
        Self { texts, return_uri: return_uri.into() }
    }

    /// A page as a response.
    pub(super) fn respond(&self, status: StatusCode, page: Page) -> Response<Full<Bytes>> {
        self.with_headers(status, self.html(&page))
    }

    /// A redirect without referrer.
    pub(super) fn redirect(&self, to: &str) -> Response<Full<Bytes>> {
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
            (CONTENT_LANGUAGE, self.texts.lang.clone()),
            (CONTENT_SECURITY_POLICY, policy),
            (REFERRER_POLICY, "no-referrer".into()),
            (CACHE_CONTROL, "no-store".into()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
            (X_FRAME_OPTIONS, "DENY".into()),
        ]
    }

    fn html(&self, page: &Page) -> String {
        let PageTexts { lang, program, back, note, signed_in_as, .. } = &*self.texts;
        let PageText { title, text } = self.texts.of(page);
        let title = match page {
            Page::SignedIn(Some(name)) => &signed_in_as.replace("{name}", &escaped(name)),
            _ => title,
        };
        let link = self.return_uri.as_ref().map(|uri| format!("<a href=\"{uri}\">{back}</a>\n"));
        let (mark, link) = (mark(page), link.unwrap_or_default());
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · {program}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{mark}\n\
             <h1>{title}</h1>\n<p>{text}</p>\n{link}<small>{note}</small>\n\
             </main>\n</body>\n</html>\n"
        )
    }
}

/// A name as text of HTML, in one line.
fn escaped(name: &str) -> String {
    let mut html = String::new();
    for character in text::line(name, LONGEST_NAME).chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A name plate: with a tick, with three dots, or with a dash.
fn mark(page: &Page) -> &'static str {
    match page {
        Page::SignedIn(_) | Page::ExtraGranted => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="m19 28 6.5 6.5L38 22"/></svg>"#
        }
        Page::Received => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="M18 28h.01M28 28h.01M38 28h.01"/></svg>"#
        }
        Page::AlreadyUsed
        | Page::Failed
        | Page::Unknown
        | Page::Stopped
        | Page::NotStored
        | Page::OtherUser => {
            r#"<svg viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect x="5" y="12" width="46" height="32" rx="8"/><path d="M20 28h16"/></svg>"#
        }
    }
}

#[cfg(test)]
mod tests;
