//! Mastodon: a server of many, at which the client registers itself, and which gives a token that
//! does not expire.

use super::profile_responses::{MissingField, ProfileResponses, subject, text};
use super::{
    Endpoint, Endpoints, Need, ProfileRequest, Provider, RedirectMethod, SecretNeed, ServerInput,
    SetUp,
};
use crate::profile::Profile;

/// Opens the user's own account alone; since 4.3.
const PROFILE: &str = "profile";
/// What older servers have in its place.
const READ_ACCOUNTS: &str = "read:accounts";

/// Mastodon, at any server.
pub static MASTODON: Provider = Provider {
    id: "mastodon",
    label: "Mastodon",
    // The issuer is the root of a server, with its slash, as its metadata has it since 4.3.
    server_input: ServerInput::Server,
    endpoints: Endpoints {
        authorization: "/oauth/authorize",
        token: "/oauth/token",
        userinfo: "/api/v1/accounts/verify_credentials",
        revocation: "/oauth/revoke",
        registration: "/api/v1/apps",
        ..Endpoints::NONE
    },
    // Doorkeeper leaves the port of a loopback address out of the comparison.
    redirect_methods: &[RedirectMethod::Loopback, RedirectMethod::DeepLink],
    scopes: &[PROFILE],
    profile_requests: &[ProfileRequest {
        name: "account",
        endpoint: Endpoint::Userinfo,
        query: &[],
        need: Need::Identity,
    }],
    profile,
    // The errors of its API for a token that was revoked.
    invalid_grant_errors: &[
        "invalid_grant",
        "The access token is invalid",
        "The access token was revoked",
        "The access token expired",
    ],
    select_account: &[("force_login", "true")],
    // Every client is given a secret, and must show it.
    set_up: SetUp { register_url: None, secret: SecretNeed::Needed, steps: &[], page_error: "" },
    ..Provider::STANDARD
};

/// The scopes to register and to ask for, at a server whose metadata list these; one without
/// metadata is older than 4.3.
pub fn scopes(supported: Option<&[String]>) -> Vec<String> {
    let knows_profile = supported.is_some_and(|scopes| scopes.iter().any(|scope| scope == PROFILE));
    vec![if knows_profile { PROFILE } else { READ_ACCOUNTS }.to_owned()]
}

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let account = responses.body("account");
    Ok(Profile {
        subject: subject(&account["id"], "id")?,
        nickname: text(&account["display_name"]).or_else(|| text(&account["username"])),
        // A still picture, also of an animated one.
        picture: text(&account["avatar_static"]).or_else(|| text(&account["avatar"])),
        ..Profile::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scope of 4.3 tells less than the former one.
    #[test]
    fn the_scope_is_the_smallest_that_the_server_has() {
        let supported = ["read".to_owned(), PROFILE.to_owned()];
        assert_eq!(scopes(Some(&supported)), [PROFILE]);
        assert_eq!(scopes(Some(&supported[..1])), [READ_ACCOUNTS]);
        assert_eq!(scopes(None), [READ_ACCOUNTS]);
    }
}
