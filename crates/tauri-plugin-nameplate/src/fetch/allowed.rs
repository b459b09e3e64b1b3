//! Which URLs the token of an account may be sent to. Pure.

use percent_encoding::percent_decode_str;
use url::{Origin, Url};

use super::refusal::{Refusal, RefusalCode};

/// An API that pages may call with the tokens of one provider's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    provider: String,
    base: Base,
    prefixes: Vec<String>,
}

/// What the prefixes of an API are below.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    /// The root of this origin.
    Origin(Origin),
    /// The issuer of the account, which has one of these schemes.
    Issuer(Schemes),
}

/// Which schemes an API may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schemes {
    /// https.
    Https,
    /// Also http to a loopback host, in a run with a home of its own.
    HttpsAndPlainLoopback,
}

impl Api {
    /// `origin` is scheme, host and port; each prefix is a path that begins with `/`. A prefix allows
    /// itself and what is below it: `/v1` and `/v1/` allow `/v1/users` and not `/v10`.
    ///
    /// # Errors
    /// What is wrong, for the author of the app.
    pub fn new<P: Into<String>>(
        provider: &str,
        origin: &str,
        prefixes: impl IntoIterator<Item = P>,
        schemes: Schemes,
    ) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("api {origin:?}: {what}"));
        let Ok(url) = Url::parse(origin) else { return wrong("is not a URL") };
        if !is_scheme_allowed(&url, schemes) {
            return wrong("must be https");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_user(&url)
        {
            return wrong("must be scheme, host and port only");
        }
        Self::below(provider, Base::Origin(url.origin()), prefixes).or_else(|what| wrong(&what))
    }

    /// The API of the server that issued the account: each prefix is a path below the account's
    /// issuer.
    ///
    /// # Errors
    /// What is wrong, for the author of the app.
    pub fn of_issuer<P: Into<String>>(
        provider: &str,
        prefixes: impl IntoIterator<Item = P>,
        schemes: Schemes,
    ) -> Result<Self, String> {
        let api = Self::below(provider, Base::Issuer(schemes), prefixes);
        api.map_err(|what| format!("api of the issuer of {provider:?}: {what}"))
    }

    fn below<P: Into<String>>(
        provider: &str,
        base: Base,
        prefixes: impl IntoIterator<Item = P>,
    ) -> Result<Self, String> {
        let prefixes: Vec<String> = prefixes.into_iter().map(Into::into).collect();
        if prefixes.is_empty() || !prefixes.iter().all(|prefix| prefix.starts_with('/')) {
            return Err("needs path prefixes that begin with /".to_owned());
        }
        Ok(Self { provider: provider.to_owned(), base, prefixes })
    }

    /// The path of a URL below the API, if the URL is at the same origin.
    fn path_of<'a>(&self, url: &'a Url, issuer: &str) -> Option<&'a str> {
        match &self.base {
            Base::Origin(origin) => (*origin == url.origin()).then(|| url.path()),
            Base::Issuer(schemes) => {
                let issuer = Url::parse(issuer).ok()?;
                let is_same = issuer.origin() == url.origin() && is_scheme_allowed(url, *schemes);
                let below = url.path().strip_prefix(issuer.path().trim_end_matches('/'));
                is_same.then(|| below.unwrap_or_default())
            }
        }
    }

    fn allows_path(&self, path: &str) -> bool {
        self.prefixes.iter().any(|prefix| {
            let below = prefix.trim_end_matches('/');
            let rest = path.strip_prefix(below);
            path == prefix || rest.is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

fn is_scheme_allowed(url: &Url, schemes: Schemes) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => nameplate::is_loopback(url) && schemes == Schemes::HttpsAndPlainLoopback,
        _ => false,
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whose token is sent.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The account's provider.
    pub provider: &'a str,
    /// The account's issuer.
    pub issuer: &'a str,
    /// Who chose the issuer.
    pub server: Server,
}

/// Who chose the server of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The app: the provider has one.
    OfApp,
    /// A user: the provider has accounts of several servers, and the token of one goes to no other.
    Named,
}

/// The URL to send to, if the token of an account may go there.
///
/// # Errors
/// [`RefusalCode::BadUrl`] if servers could read it in two ways, [`RefusalCode::OriginRefused`] or
/// [`RefusalCode::PathRefused`] if no API of the provider allows it.
pub fn check(apis: &[Api], holder: Holder<'_>, text: &str) -> Result<Url, Refusal> {
    let Holder { provider, issuer, server } = holder;
    let bad = |why: &str| Refusal::new(RefusalCode::BadUrl, why);
    // URL parsers drop tabs and line breaks, and read a backslash as a slash.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(bad("has white space, a control character or a backslash"));
    }
    let mut url = Url::parse(text).map_err(|_| bad("is not an absolute URL"))?;
    if has_user(&url) || authority(text).contains('@') {
        return Err(bad("has a user name"));
    }
    if has_dot_segment(raw_path(text)) || has_dot_segment(url.path()) {
        return Err(bad("its path has a dot segment"));
    }
    url.set_fragment(None);
    let is_elsewhere = match server {
        Server::OfApp => false,
        Server::Named => Url::parse(issuer).map_or(true, |named| named.origin() != url.origin()),
    };
    let of_provider = apis.iter().filter(|api| api.provider == provider && !is_elsewhere);
    let paths = of_provider.filter_map(|api| Some(api.allows_path(api.path_of(&url, issuer)?)));
    let allowed: Vec<_> = paths.collect();
    match (allowed.contains(&true), allowed.is_empty()) {
        (true, _) => Ok(url),
        (false, false) => {
            Err(Refusal::new(RefusalCode::PathRefused, "the app allows no such path"))
        }
        (false, true) => {
            Err(Refusal::new(RefusalCode::OriginRefused, "the app allows no such origin"))
        }
    }
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn raw_path(text: &str) -> &str {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    path.find('/').map_or("", |at| path.get(at..).unwrap_or_default())
}

/// Whether some server may read a segment as `.` or `..`: after decoding it once or more often, with
/// a backslash for a slash, or without what follows a semicolon (RFC 3986, section 3.3).
fn has_dot_segment(path: &str) -> bool {
    let mut path = path.to_owned();
    loop {
        let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
        if path.split(['/', '\\']).any(is_dots) || path.contains('\0') {
            return true;
        }
        let decoded = percent_decode_str(&path).decode_utf8_lossy();
        if decoded == path {
            return false;
        }
        path = decoded.into_owned();
    }
}

#[cfg(test)]
mod tests;
