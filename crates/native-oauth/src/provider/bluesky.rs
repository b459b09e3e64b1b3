//! Bluesky, and every other server of the AT Protocol: the account's DID leads to its server, and
//! the profile is a public record there.

use super::profile_responses::{ProfileResponses, text};
use super::{
    Loopback, LoopbackHost, MissingField, Provider, Registration, Revocation, RevocationEffect,
    Revocations, SecretNeed, ServerInput, SetUp, TokenEndpointAuthMethod,
};
use crate::atproto::{RECORD, SCOPE};
use crate::dialect::Dialect;
use crate::profile::Profile;

/// An account of the AT Protocol (atproto.com/specs/oauth).
pub static BLUESKY: Provider = Provider {
    id: "bluesky",
    label: "Bluesky",
    server_input: ServerInput::Handle,
    // The client id says where responses go.
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::ByType },
    scopes: &[SCOPE],
    secret: TokenEndpointAuthMethod::None,
    dialect: Dialect { extra: &["sub"], ..Dialect::RFC_6749 },
    // The profile is public, and no token is sent for it.
    profile_requests: &[],
    profile,
    revocations: Revocations {
        sign_out: Some(Revocation::EachToken),
        disconnect: Some(Revocation::EachToken),
        effect: RevocationEffect::Session,
    },
    set_up: SetUp {
        register_url: None,
        secret: SecretNeed::Never,
        steps: &["bluesky_nothing", "bluesky_session"],
        page_error: "",
    },
    ..Provider::STANDARD
};

/// Reads the record `app.bsky.actor.profile`; without one, the handle is the name.
fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let record = responses.body(RECORD);
    let subject = responses.subject("", "sub")?;
    let blob = record["avatar"]["ref"]["$link"].as_str().filter(|cid| is_cid(cid));
    let picture = blob.map(|cid| {
        let base = &responses.avatar_base;
        format!("{base}xrpc/com.atproto.sync.getBlob?did={subject}&cid={cid}")
    });
    Ok(Profile {
        nickname: text(&record["displayName"])
            .or_else(|| text(responses.claim("preferred_username"))),
        picture,
        subject,
        ..Profile::default()
    })
}

/// A CID in base32, as the record has it.
fn is_cid(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
