//! Registered applications: what a developer would have entered into a provider's console.

use url::Url;

/// The ports that are registered at providers which compare ports.
pub const FIXED_PORTS: [u16; 3] = [53682, 53683, 53684];
/// The private-use scheme of development builds.
pub const SCHEME: &str = "app.nameplate.desktop.dev";
/// That of an installed program.
pub const INSTALLED_SCHEME: &str = "app.nameplate.desktop";

/// A registered application.
#[derive(Debug)]
pub struct Client {
    pub id: &'static str,
    pub secret: Secret,
    pub redirects: &'static [Redirect],
}

/// The rule for `client_secret`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// A public client.
    None,
    Required(&'static str),
}

/// A registered redirect URI.
#[derive(Debug)]
pub enum Redirect {
    /// Compared byte by byte.
    Exact(&'static str),
    /// `http://HOST:PORT/PATH` with one of the [`FIXED_PORTS`]: host and path.
    FixedPorts(&'static str, &'static str),
    /// A loopback URI without a port, which matches with any port.
    AnyPort(&'static str),
    /// The same, with any path below it.
    Below(&'static str),
    /// Any http URI of a loopback host; nothing is registered (RFC 8252 §7.3).
    Loopback,
    /// Any http URI of `localhost`.
    AnyLocalhost,
    /// The https redirect page of the provider. Its port is known once it listens, so `Request::allows` compares it.
    HttpsPage,
    /// Any path of a private-use scheme.
    Scheme(&'static str),
}

impl Client {
    pub const fn new(id: &'static str, secret: Secret, redirects: &'static [Redirect]) -> Self {
        Self { id, secret, redirects }
    }

    /// The first registered URI, if a response can be sent to it as it is.
    pub fn first_redirect(&self) -> Option<&'static str> {
        match self.redirects.first()? {
            Redirect::Exact(uri) | Redirect::AnyPort(uri) | Redirect::Below(uri) => Some(uri),
            Redirect::FixedPorts(..)
            | Redirect::Loopback
            | Redirect::AnyLocalhost
            | Redirect::HttpsPage
            | Redirect::Scheme(_) => None,
        }
    }
}

impl Redirect {
    /// Whether a response may go to `uri`.
    pub fn matches(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => uri == *registered,
            Self::FixedPorts(host, path) => {
                FIXED_PORTS.iter().any(|port| uri == format!("http://{host}:{port}{path}"))
            }
            Self::AnyPort(registered) => {
                without_port(uri, registered).is_some_and(|bare| bare == *registered)
            }
            Self::Below(registered) => without_port(uri, registered).is_some_and(|bare| {
                let below = bare.strip_prefix(registered);
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    && !bare.contains("..")
            }),
            Self::Loopback => is_loopback(uri),
            Self::AnyLocalhost => is_loopback(uri) && uri.starts_with("http://localhost"),
            Self::HttpsPage => false,
            // One slash (RFC 8252 §7.1): three would name an empty authority.
            Self::Scheme(scheme) => uri
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix(":/"))
                .is_some_and(|path| !path.starts_with('/') && !path.contains('#')),
        }
    }
}

/// `http://127.0.0.1:5000/a` -> `http://127.0.0.1/a` if that is the registered host. The comparison is of text, so that
/// nothing else is normalised away.
fn without_port(uri: &str, registered: &str) -> Option<String> {
    let end =
        registered.rfind("//").and_then(|at| Some(at + 2 + registered[at + 2..].find('/')?))?;
    let origin = registered.get(..end)?;
    let rest = uri.strip_prefix(origin)?;
    let Some(after) = rest.strip_prefix(':') else {
        return Some(uri.to_owned());
    };
    let (port, path) = after.split_at(after.find('/')?);
    port.parse::<u16>().ok()?;
    Some(format!("{origin}{path}"))
}

fn is_loopback(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        url.scheme() == "http"
            && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    })
}

/// Whether `uri` has a private-use scheme (RFC 8252 §7.1).
pub fn is_private_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| !matches!(scheme, "http" | "https"))
}

#[cfg(test)]
mod tests;
