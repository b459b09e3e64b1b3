//! What the URL of an endpoint and of an issuer may be (S9, S10).

use url::Url;

use crate::error::Result;

/// An issuer as it is known, from whatever a user pastes: with or without the path of its
/// metadata (OpenID Connect Discovery, section 4; RFC 8414, section 3.1), https where no scheme is.
pub fn normal_issuer(pasted: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/";
    let pasted = pasted.trim();
    let pasted = pasted.split(['?', '#']).next().unwrap_or_default();
    let issuer = match pasted.split_once(WELL_KNOWN) {
        // The path of the issuer follows the name of the document (RFC 8414).
        Some((before, document)) => match document.split_once('/') {
            Some((_, path)) if !path.is_empty() => format!("{before}/{path}"),
            Some(_) | None => before.to_owned(),
        },
        None => pasted.to_owned(),
    };
    if issuer.contains("://") { issuer } else { format!("https://{issuer}") }
}

/// Parameters of OAuth and OpenID Connect requests. In the query of an endpoint they would be sent
/// twice, or take the place of ours. Other parameters are kept (RFC 6749, sections 3.1 and 3.2).
const PROTOCOL_PARAMETERS: &[&str] = &[
    "access_token",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "dpop_jkt",
    "grant_type",
    "id_token",
    "id_token_hint",
    "max_age",
    "nonce",
    "password",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "username",
];

/// An endpoint: an address by the rules of [`check`], without a parameter of the protocol in its query
/// (S10).
pub fn endpoint(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = check(id, key, text, plain_loopback)?;
    // Some servers fold the case of names.
    let of_protocol =
        |name: &str| PROTOCOL_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let named = url.query_pairs().find(|(name, _)| of_protocol(name));
    match named {
        Some((name, _)) => Err(format!("[{id}] {key}: remove the parameter {name} from its query")),
        None => Ok(url),
    }
}

/// An issuer identifier: an address by the rules of [`check`], without a query (OpenID Connect
/// Discovery, section 3; RFC 8414, section 2). The path of its metadata would end up in a query.
pub fn issuer(id: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = check(id, "issuer", text, plain_loopback)?;
    match url.query() {
        Some(_) => Err(format!("[{id}] issuer: has a query")),
        None => Ok(url),
    }
}

/// https, or http to a loopback host where that is allowed; no user name, no fragment (S9).
pub fn check(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("[{id}] {key}: {error}"))?;
    let secure =
        url.scheme() == "https" || (url.scheme() == "http" && plain_loopback && is_loopback(&url));
    if !secure {
        return Err(format!("[{id}] {key}: must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(format!("[{id}] {key}: has a user name or a fragment"));
    }
    Ok(url)
}

/// Whether the address is this machine's.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
