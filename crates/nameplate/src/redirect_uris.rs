//! The redirect URIs of a configured provider.

use native_oauth::provider::{RedirectMethod, Registration};
use native_oauth::redirect::private_use_scheme;

use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::home::Home;

/// The port of a pasted response, if no ports are configured.
const PASTE_PORT: u16 = 53682;

/// The path of a loopback redirect URI.
pub(crate) fn path(entry: &Entry) -> String {
    format!("/callback/{}", entry.redirect_id)
}

/// The redirect URI of a method. Nothing listens at that of [`RedirectMethod::Loopback`], as at that
/// of [`RedirectMethod::Manual`]: the browser shows an address that it cannot open, and the user
/// copies it.
///
/// # Errors
/// [`Code::MethodRefused`] if there is no https redirect page.
pub(crate) fn of_method(home: &Home, entry: &Entry, method: RedirectMethod) -> Result<String> {
    match method {
        RedirectMethod::DeepLink => {
            Ok(private_use_scheme::redirect_uri(&home.scheme(), &entry.redirect_id))
        }
        RedirectMethod::Loopback | RedirectMethod::Manual => {
            let port = entry.ports.as_ref().and_then(|ports| ports.first()).unwrap_or(&PASTE_PORT);
            Ok(loopback(entry, &format!(":{port}")))
        }
        RedirectMethod::HttpsPage => {
            let page = entry.https_page.as_ref().map(ToString::to_string);
            page.ok_or(Error::new(Code::MethodRefused))
        }
    }
}

/// Redirect URIs to register, in the order of the methods. Without a port if any port is allowed
/// (RFC 8252, section 7.3).
pub(crate) fn to_register(home: &Home, entry: &Entry) -> Vec<String> {
    let by_type = entry.oauth.provider.loopback.registration == Registration::ByType;
    let of = |method: RedirectMethod| match (method, &entry.ports) {
        (RedirectMethod::Loopback | RedirectMethod::Manual, _) if by_type => Vec::new(),
        (RedirectMethod::Loopback | RedirectMethod::Manual, None) => vec![loopback(entry, "")],
        (RedirectMethod::Loopback | RedirectMethod::Manual, Some(ports)) => {
            ports.iter().map(|port| loopback(entry, &format!(":{port}"))).collect()
        }
        (RedirectMethod::DeepLink | RedirectMethod::HttpsPage, _) => {
            of_method(home, entry, method).into_iter().collect()
        }
    };
    entry.methods.iter().filter_map(|grant| grant.redirect_method()).flat_map(of).collect()
}

fn loopback(entry: &Entry, port: &str) -> String {
    format!("http://{}{port}{}", entry.oauth.provider.loopback.host.as_str(), path(entry))
}
