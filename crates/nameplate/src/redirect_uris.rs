//! The redirect URIs of a configured provider.

use native_oauth::provider::{Channel, Registration};
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

/// The redirect URI of a channel. Nothing listens at that of [`Channel::Loopback`], as at that of
/// [`Channel::Paste`]: the browser shows an address that it cannot open, and the user copies it.
///
/// # Errors
/// [`Code::ChannelRefused`] if the channel has no redirect URI.
pub(crate) fn of_channel(home: &Home, entry: &Entry, channel: Channel) -> Result<String> {
    match channel {
        Channel::DeepLink => {
            Ok(private_use_scheme::redirect_uri(&home.scheme(), &entry.redirect_id))
        }
        Channel::Loopback | Channel::Paste => {
            let port = entry.ports.as_ref().and_then(|ports| ports.first()).unwrap_or(&PASTE_PORT);
            Ok(loopback(entry, &format!(":{port}")))
        }
        Channel::Bounce => {
            entry.bounce.as_ref().map(ToString::to_string).ok_or(Error::new(Code::ChannelRefused))
        }
        Channel::Device => Err(Error::new(Code::ChannelRefused)),
    }
}

/// Redirect URIs to register, in the order of the channels. Without a port if any port is allowed
/// (RFC 8252, section 7.3).
pub(crate) fn to_register(home: &Home, entry: &Entry) -> Vec<String> {
    let by_type = entry.oauth.provider.loopback.registration == Registration::ByType;
    let of_channel = |channel: &Channel| match (channel, &entry.ports) {
        (Channel::Loopback | Channel::Paste, _) if by_type => Vec::new(),
        (Channel::Loopback | Channel::Paste, None) => vec![loopback(entry, "")],
        (Channel::Loopback | Channel::Paste, Some(ports)) => {
            ports.iter().map(|port| loopback(entry, &format!(":{port}"))).collect()
        }
        (Channel::DeepLink | Channel::Bounce | Channel::Device, _) => {
            of_channel(home, entry, *channel).into_iter().collect()
        }
    };
    entry.channels.iter().flat_map(of_channel).collect()
}

fn loopback(entry: &Entry, port: &str) -> String {
    format!("http://{}{port}{}", entry.oauth.provider.loopback.host.as_str(), path(entry))
}
