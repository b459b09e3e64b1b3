//! A profile of this device alone, with an address and a password: nobody vouches for it, and no
//! request is ever made.

use native_oauth::Profile;
use native_oauth::provider::{Answers, Malformed};
use native_oauth::provider::{
    ClientAuth, DeviceClient, Dies, Endpoints, IdToken, IdTokenClaims, IdTokenKey, IssuerRule,
    Leaving, Loopback, LoopbackHost, Provider, Registration, SecretNeed, SetUp, StateForm,
    Subjects,
};
use native_oauth::token_response::Dialect;

/// Who vouches for a profile of this device: the device.
pub const LOCAL: &str = "local";

/// Shown after all others, and always ready.
pub(crate) static EMAIL: Provider = Provider {
    id: "email",
    label: "E-mail",
    issuer: LOCAL,
    // Random, and of this device alone.
    subjects: Subjects::Public,
    issuer_aliases: &[],
    issuer_rule: IssuerRule::Exact,
    endpoints: Endpoints::NONE,
    channels: &[],
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::ByType },
    scopes: &[],
    authorize: &[],
    secret: ClientAuth::None,
    device: DeviceClient::Same,
    id_token: IdToken::Never,
    id_token_key: IdTokenKey::Published,
    id_token_claims: IdTokenClaims::Repeated,
    state: StateForm::Signed,
    dialect: Dialect::RFC_6749,
    requests: &[],
    profile,
    dead_grant: &[],
    leaving: Leaving { sign_out: None, disconnect: None, dies: Dies::Profile },
    more_scopes: &[],
    // Anybody can type any address (S39).
    trusts_email: |_, _| false,
    account_picker: &[],
    explains: &[],
    has_bots: false,
    set_up: SetUp { register_url: None, secret: SecretNeed::Never, steps: &[], page_error: "" },
};

/// Nobody answers, so nothing can be read.
fn profile(_: &Answers) -> Result<Profile, Malformed> {
    Err(Malformed { field: "subject" })
}
