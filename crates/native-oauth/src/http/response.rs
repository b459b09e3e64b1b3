//! An HTTP response, and the error for one that cannot be used.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION, WWW_AUTHENTICATE};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::place;
use crate::error::{Error, ErrorKind, Result};
use crate::error_response::ErrorBody;
use crate::sent_secrets::SentSecrets;
use crate::web_page::is_page;

/// As much of an error response is read; the rest would not be shown.
const ERROR_LIMIT: usize = 64 << 10;

/// A response that was read to its end, or an error response as far as it is shown.
#[derive(Debug)]
pub struct HttpResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its body, within the size cap.
    pub body: Vec<u8>,
    /// What the request carried in confidence.
    secrets: SentSecrets,
    headers: HeaderMap,
    url: Url,
}

impl HttpResponse {
    /// Reads to the end, or to the limit. An error response keeps its status, whatever becomes of
    /// its body.
    ///
    /// # Errors
    /// Unreachable, or too large.
    pub(super) async fn read(
        mut stream: reqwest::Response,
        limit: usize,
        secrets: SentSecrets,
    ) -> Result<Self> {
        let status = stream.status();
        let mut response = Self {
            status,
            body: Vec::new(),
            secrets,
            headers: stream.headers().clone(),
            url: stream.url().clone(),
        };
        loop {
            let chunk = match stream.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(response),
                Err(_) if !status.is_success() => return Ok(response),
                Err(error) => return Err(super::unreachable(error.with_url(response.url))),
            };
            if !status.is_success() && response.body.len() > ERROR_LIMIT {
                return Ok(response);
            }
            if response.body.len() + chunk.len() > limit {
                return Err(response.malformed(&format!("more than {limit} bytes")));
            }
            response.body.extend_from_slice(&chunk);
        }
    }

    /// The media type of its body, in small letters and without parameters.
    pub(crate) fn media_type(&self) -> String {
        let header = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = header.unwrap_or_default().split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::ResponseUnreadable`] for a web page, [`ErrorKind::ResponseMalformed`] for what else is no JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).map_err(|_| self.unreadable())
    }

    /// The error for a successful response that is no JSON. An HTML page may come from a
    /// network with a login page (captive portal); anything else does not.
    pub(crate) fn unreadable(&self) -> Error {
        if is_page(&self.body) {
            let page = format!("{}: {} {}", self.place(), self.status, self.refusal().text());
            return Error::new(ErrorKind::ResponseUnreadable).with_detail(page);
        }
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let encoding = header(CONTENT_ENCODING).filter(|encoding| *encoding != "identity");
        match (encoding, self.body.is_empty(), header(CONTENT_TYPE)) {
            (Some(encoding), ..) => self.malformed(&format!("Content-Encoding {encoding}")),
            (None, true, _) => self.malformed(&format!("{}, no body", self.status)),
            (None, false, Some(kind)) => self.malformed(&format!("no JSON ({kind})")),
            (None, false, None) => self.malformed("no JSON"),
        }
    }

    /// A response that is not what it must be, and why.
    pub(crate) fn malformed(&self, why: &str) -> Error {
        let why = format!("{}: {why}", self.place());
        Error::new(ErrorKind::ResponseMalformed).with_detail(why)
    }

    /// The error for an error response: its status and its text.
    pub(crate) fn error(&self, code: ErrorKind) -> Error {
        Error::new(code).with_detail(format!("{} {}", self.status, self.refusal().text()))
    }

    /// The same, with the place that answered.
    pub(crate) fn error_at(&self, code: ErrorKind) -> Error {
        let Self { status, .. } = self;
        let words = self.refusal().text();
        Error::new(code).with_detail(format!("{}: {status} {words}", self.place()))
    }

    /// Its text, without the secrets that were sent.
    pub(crate) fn refusal(&self) -> ErrorBody {
        ErrorBody::read(&self.body).without(&self.secrets)
    }

    /// Whether an error response is of the API and not of a proxy: it has a member
    /// `error`, or its status is 400 or 401.
    pub(crate) fn is_of_an_api(&self) -> bool {
        let refuses = matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
        !is_page(&self.body) && (refuses || !self.refusal().error.is_empty())
    }

    /// Whether the proof lacks the server's nonce, or has an old one (RFC 9449, sections 8 and 9).
    pub(super) fn asks_for_nonce(&self) -> bool {
        const ERROR: &str = "use_dpop_nonce";
        let challenges = self.headers.get_all(WWW_AUTHENTICATE).iter();
        let mut challenges = challenges.filter_map(|challenge| challenge.to_str().ok());
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
            && (ErrorBody::read(&self.body).error == ERROR
                || challenges.any(|said| said.contains(ERROR)))
    }

    /// What the request carried in confidence.
    pub(crate) fn secrets(&self) -> &SentSecrets {
        &self.secrets
    }

    /// A redirect, and where to, as far as that may be shown.
    pub(super) fn redirected(&self) -> Error {
        let to = self.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.and_then(|to| self.url.join(to).ok()).map(|to| place(&to));
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        let words = self.secrets.scrub(&format!("{}: {}{to}", self.place(), self.status));
        Error::new(ErrorKind::Redirected).with_detail(words)
    }

    fn place(&self) -> String {
        place(&self.url)
    }
}
