//! A request as a provider looks at it: parameters in order, form body, bearer, Basic, language.

use std::convert::Infallible;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::world::World;

const BODY_LIMIT: usize = 64 * 1024;

/// One request.
#[derive(Debug)]
pub struct Ask {
    /// The query's parameters.
    pub query: Params,
    /// Headers as they came.
    pub headers: HeaderMap,
    body: Bytes,
}

/// Parameters in the order they came, repetitions included.
#[derive(Debug, Default, Clone)]
pub struct Params(Vec<(String, String)>);

/// The language a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Params {
    /// Reads `a=b&c=d`.
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value, absent and empty being the same (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// Whether one of the parameters called `name` has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs().any(|pair| pair == (name, value))
    }

    /// A parameter that stands there twice, which RFC 6749 §3.1 forbids.
    pub fn repeated(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
    }

    /// All pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Ask {
    /// The form body, or nothing where the body is of another type. Secrets in it go into the ledger.
    pub fn form(&self, world: &World) -> Option<Params> {
        let kind = self.header(header::CONTENT_TYPE.as_str())?;
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let form = Params::parse(&self.body);
        let mut ledger = world.ledger();
        for (name, value) in form.pairs() {
            ledger.received(name, value);
        }
        Some(form)
    }

    /// `Authorization: Basic`, percent-decoded as RFC 6749 §2.3.1 wants it.
    pub fn basic(&self, world: &World) -> Option<(String, String)> {
        let text = self.authorization("basic")?;
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        let decode = |part: &str| {
            form_urlencoded::parse(format!("v={part}").as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
        };
        let (id, secret) = (decode(id)?, decode(secret)?);
        world.ledger().received("client_secret", &secret);
        Some((id, secret))
    }

    /// `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        self.authorization("bearer")
    }

    /// The page's language, by `Accept-Language`.
    pub fn language(&self) -> Language {
        preferred(self.header(header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default())
    }

    /// One header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    fn authorization(&self, scheme: &str) -> Option<&str> {
        let (given, rest) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then_some(rest.trim())
    }
}

impl<S: Send + Sync> FromRequest<S> for Ask {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes());
        let headers = request.headers().clone();
        // A body beyond the limit reads as none, and is refused for what it then lacks.
        let body = to_bytes(request.into_body(), BODY_LIMIT).await.unwrap_or_default();
        Ok(Self { query, headers, body })
    }
}

/// The supported language with the highest weight, English where none is named.
fn preferred(header: &str) -> Language {
    let mut best = (0.0, Language::En);
    for item in header.split(',') {
        let (tag, weight) = item.split_once(";q=").unwrap_or((item, "1"));
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        let language = match tag.trim().get(..2) {
            Some(tag) if tag.eq_ignore_ascii_case("ko") => Language::Ko,
            Some(tag) if tag.eq_ignore_ascii_case("en") => Language::En,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_supported_one_with_the_highest_weight() {
        assert_eq!(preferred("ko-KR,ko;q=0.9,en;q=0.8"), Language::Ko);
        assert_eq!(preferred("en-GB,ko;q=0.9"), Language::En);
        assert_eq!(preferred("fr, ko;q=0.3, en;q=0.2"), Language::Ko);
        assert_eq!(preferred(""), Language::En);
    }

    #[test]
    fn a_repeated_parameter_is_seen() {
        assert_eq!(Params::parse(b"a=1&b=2&a=1").repeated(), Some("a"));
        assert_eq!(Params::parse(b"a=1&b=2").repeated(), None);
    }
}
