//! A profile of this device alone, with an address and a password: nobody vouches for it, and no
//! request is ever made.

use native_oauth::Profile;
use native_oauth::provider::{
    DeviceClient, Endpoints, IdToken, IdTokenClaims, IdTokenKey, IssuerRule, Loopback,
    LoopbackHost, Provider, Registration, RevocationEffect, Revocations, SecretNeed, SetUp,
    StateFormat, SubjectType, TokenEndpointAuthMethod,
};
use native_oauth::provider::{MissingField, ProfileResponses};
use native_oauth::token_response::Dialect;

/// Who vouches for a profile of this device: the device.
pub const LOCAL: &str = "local";

/// Shown after all others, and always ready.
pub(crate) static EMAIL: Provider = Provider {
    id: "email",
    label: "E-mail",
    issuer: LOCAL,
    // Random, and of this device alone.
    subjects: SubjectType::Public,
    issuer_aliases: &[],
    issuer_rule: IssuerRule::Exact,
    endpoints: Endpoints::NONE,
    channels: &[],
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::ByType },
    scopes: &[],
    authorization_parameters: &[],
    secret: TokenEndpointAuthMethod::None,
    device: DeviceClient::Same,
    id_token: IdToken::Never,
    id_token_key: IdTokenKey::Published,
    id_token_claims: IdTokenClaims::Repeated,
    state: StateFormat::Jwt,
    dialect: Dialect::RFC_6749,
    profile_requests: &[],
    profile,
    invalid_grant_errors: &[],
    revocations: Revocations {
        sign_out: None,
        disconnect: None,
        effect: RevocationEffect::Profile,
    },
    optional_scopes: &[],
    // Anybody can type any address (S39).
    trusts_email: |_, _| false,
    select_account: &[],
    error_meanings: &[],
    has_bots: false,
    set_up: SetUp { register_url: None, secret: SecretNeed::Never, steps: &[], page_error: "" },
};

/// Nobody answers, so nothing can be read.
fn profile(_: &ProfileResponses) -> Result<Profile, MissingField> {
    Err(MissingField { field: "subject" })
}
