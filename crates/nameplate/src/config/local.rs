//! The definition of local profiles: an e-mail address and a password, without requests.

use native_oauth::Profile;
use native_oauth::provider::{
    DeviceClient, Endpoints, IdToken, IdTokenClaims, IdTokenKey, IssuerRule, Loopback,
    LoopbackHost, Provider, Registration, RevocationEffect, Revocations, SecretNeed, ServerInput,
    SetUp, StateFormat, SubjectType, TokenEndpointAuthMethod,
};
use native_oauth::provider::{MissingField, ProfileResponses};
use native_oauth::token_response::Dialect;

/// The issuer of local profiles.
pub const LOCAL: &str = "local";

/// Listed last, and always set up.
pub(crate) static EMAIL: Provider = Provider {
    id: "email",
    label: "E-mail",
    issuer: LOCAL,
    server_input: ServerInput::None,
    // Random ids of this device.
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
    // Addresses are not verified (S39).
    trusts_email: |_, _| false,
    select_account: &[],
    error_meanings: &[],
    has_bots: false,
    set_up: SetUp { register_url: None, secret: SecretNeed::Never, steps: &[], page_error: "" },
};

/// Never called: there is no response.
fn profile(_: &ProfileResponses) -> Result<Profile, MissingField> {
    Err(MissingField { field: "subject" })
}
