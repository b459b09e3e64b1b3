//! LINE Login v2.1, a web channel: a state of letters and digits, id_tokens by the channel secret.

use super::profile_responses::{MissingField, ProfileResponses};
use super::{
    Endpoints, IdToken, IdTokenClaims, IdTokenKey, Loopback, LoopbackHost, Provider,
    RedirectMethod, Registration, Revocation, RevocationEffect, Revocations, SecretNeed, SetUp,
    StateFormat, SubjectType,
};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// LINE.
pub static LINE: Provider = Provider {
    id: "line",
    label: "LINE",
    issuer: "https://access.line.me",
    // Pairwise: the same for all channels of one operator, another for those of others.
    subjects: SubjectType::Pairwise,
    endpoints: Endpoints {
        authorization: "https://access.line.me/oauth2/v2.1/authorize",
        token: "https://api.line.me/oauth2/v2.1/token",
        userinfo: "https://api.line.me/oauth2/v2.1/userinfo",
        jwks: "https://api.line.me/oauth2/v2.1/certs",
        revocation: "https://api.line.me/oauth2/v2.1/revoke",
        ..Endpoints::NONE
    },
    // Whether a web channel takes a scheme is unconfirmed; LINE wants its SDK used for that.
    redirect_methods: &[RedirectMethod::Loopback],
    // Exact match with what is registered; any port is unconfirmed.
    loopback: Loopback {
        host: LoopbackHost::V4,
        ports: Some(&[53682, 53683, 53684]),
        registration: Registration::Needed,
    },
    scopes: &["openid", "profile"],
    id_token: IdToken::Required,
    // HS256 by the channel secret, although the metadata says ES256. A parameter of LINE's own SDKs
    // may change that, but what it does is unconfirmed, so both are taken and none is asked for.
    id_token_key: IdTokenKey::PublishedOrSecret,
    // The address is in the id_token alone.
    id_token_claims: IdTokenClaims::Alone,
    // "Cannot be URL-encoded": letters and digits only.
    state: StateFormat::Hex,
    profile,
    revocations: Revocations {
        sign_out: Some(Revocation::AccessToken),
        disconnect: Some(Revocation::AccessToken),
        effect: RevocationEffect::Session,
    },
    // LINE grants it to channels that applied for it.
    optional_scopes: &["email"],
    // The API does not tell whether the address is verified.
    trusts_email: |_, _| false,
    error_meanings: &[
        ("invalid client_id", ErrorKind::ClientUnknown),
        ("invalid client_secret", ErrorKind::SecretRefused),
        ("INVALID_SCOPE", ErrorKind::ScopeNotSetUp),
    ],
    set_up: SetUp {
        register_url: Some("https://developers.line.biz/console/"),
        secret: SecretNeed::Needed,
        steps: &["line_create", "line_type", "line_redirects", "line_email"],
        page_error: "",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let Profile { subject, nickname, email, picture, .. } = responses.standard_profile()?;
    Ok(Profile { subject, nickname, email, picture, ..Profile::default() })
}
