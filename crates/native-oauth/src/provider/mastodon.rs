//! Mastodon: a server of many, at which the client registers itself, and which gives a token that
//! does not expire.

use super::answers::{MissingField, ProfileResponses, subject, text};
use super::{
    Channel, DeviceClient, Endpoint, Endpoints, IdToken, IdTokenClaims, IdTokenKey, IssuerRule,
    Loopback, LoopbackHost, Need, ProfileRequest, Provider, Registration, Revocation,
    RevocationEffect, Revocations, SecretNeed, ServerInput, SetUp, StateFormat, SubjectType,
    TokenEndpointAuthMethod,
};
use crate::profile::Profile;
use crate::token_response::Dialect;

/// Opens the person's own account alone; since 4.3.
const PROFILE: &str = "profile";
/// What older servers have in its place.
const READ_ACCOUNTS: &str = "read:accounts";

/// Mastodon, at any server.
pub static MASTODON: Provider = Provider {
    id: "mastodon",
    label: "Mastodon",
    // The root of a server, with its slash, as its metadata has it since 4.3.
    issuer: "",
    server_input: ServerInput::Server,
    // The id of the account at its server.
    subjects: SubjectType::Public,
    issuer_rule: IssuerRule::Exact,
    issuer_aliases: &[],
    endpoints: Endpoints {
        authorization: "/oauth/authorize",
        token: "/oauth/token",
        userinfo: "/api/v1/accounts/verify_credentials",
        revocation: "/oauth/revoke",
        registration: "/api/v1/apps",
        ..Endpoints::NONE
    },
    // Doorkeeper leaves the port of a loopback address out of the comparison.
    channels: &[Channel::Loopback, Channel::DeepLink],
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::Needed },
    scopes: &[PROFILE],
    authorization_parameters: &[],
    // Every client is given a secret, and must show it.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    device: DeviceClient::Same,
    id_token: IdToken::Never,
    id_token_key: IdTokenKey::Published,
    id_token_claims: IdTokenClaims::Repeated,
    state: StateFormat::Jwt,
    dialect: Dialect::RFC_6749,
    profile_requests: &[ProfileRequest {
        name: "account",
        endpoint: Endpoint::Userinfo,
        query: &[],
        need: Need::Identity,
    }],
    profile,
    // Its API says by these that the token was taken back.
    invalid_grant_errors: &[
        "invalid_grant",
        "The access token is invalid",
        "The access token was revoked",
        "The access token expired",
    ],
    revocations: Revocations {
        sign_out: Some(Revocation::Token),
        disconnect: Some(Revocation::Token),
        effect: RevocationEffect::Session,
    },
    optional_scopes: &[],
    // It tells no address.
    trusts_email: |_, _| false,
    select_account: &[("force_login", "true")],
    error_meanings: &[],
    extra_grant: None,
    set_up: SetUp { register_url: None, secret: SecretNeed::Needed, steps: &[], page_error: "" },
};

/// The scopes to register and to ask for, at a server whose metadata list these; one without
/// metadata is older than 4.3.
pub fn scopes(supported: Option<&[String]>) -> Vec<String> {
    let knows_profile = supported.is_some_and(|scopes| scopes.iter().any(|scope| scope == PROFILE));
    vec![if knows_profile { PROFILE } else { READ_ACCOUNTS }.to_owned()]
}

fn profile(answers: &ProfileResponses) -> Result<Profile, MissingField> {
    let account = answers.body("account");
    Ok(Profile {
        subject: subject(&account["id"], "id")?,
        nickname: text(&account["display_name"]).or_else(|| text(&account["username"])),
        // The picture of an animated one stands still.
        picture: text(&account["avatar_static"]).or_else(|| text(&account["avatar"])),
        ..Profile::default()
    })
}
