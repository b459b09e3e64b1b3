//! What a provider is unless its definition says otherwise.

use super::{
    AccountPages, DeviceClient, Endpoint, Endpoints, IdToken, IdTokenClaims, IdTokenKey,
    IssuerRule, Loopback, LoopbackHost, Need, ProfileRequest, ProfileResponses, Provider,
    RedirectMethod, Registration, Revocation, RevocationEffect, Revocations, SecretNeed,
    ServerInput, SetUp, StateFormat, SubjectType, TokenEndpointAuthMethod,
};
use crate::dialect::Dialect;

impl Provider {
    /// OAuth 2.0 without deviations and without OpenID Connect: loopback redirect URIs with any port (RFC
    /// 8252, section 7.3), userinfo in standard claims (OpenID Connect Core, section 5.1), tokens
    /// that are revoked one session at a time (RFC 7009). Its addresses are not trusted.
    pub const STANDARD: Self = Self {
        id: "",
        label: "",
        issuer: "",
        server_input: ServerInput::None,
        subjects: SubjectType::Public,
        issuer_rule: IssuerRule::Exact,
        issuer_aliases: &[],
        endpoints: Endpoints::NONE,
        redirect_methods: &[RedirectMethod::Loopback],
        loopback: Loopback {
            host: LoopbackHost::V4,
            ports: None,
            registration: Registration::Needed,
        },
        scopes: &[],
        authorization_parameters: &[],
        secret: TokenEndpointAuthMethod::ClientSecretPost,
        device: DeviceClient::Same,
        id_token: IdToken::Never,
        id_token_key: IdTokenKey::Published,
        id_token_claims: IdTokenClaims::Repeated,
        state: StateFormat::Jwt,
        dialect: Dialect::RFC_6749,
        profile_requests: &[ProfileRequest::USERINFO],
        profile: ProfileResponses::standard_profile,
        invalid_grant_errors: &["invalid_grant"],
        revocations: Revocations {
            sign_out: Some(Revocation::Token),
            disconnect: Some(Revocation::Token),
            effect: RevocationEffect::Session,
        },
        optional_scopes: &[],
        trusts_email: |_, _| false,
        select_account: &[],
        login_hint: None,
        error_meanings: &[],
        extra_grant: None,
        account_pages: AccountPages::NONE,
        set_up: SetUp {
            register_url: None,
            secret: SecretNeed::Optional,
            steps: &[],
            page_error: "",
        },
    };
}

impl ProfileRequest {
    /// OpenID Connect Core, section 5.3.
    pub const USERINFO: Self =
        Self { name: "userinfo", endpoint: Endpoint::Userinfo, query: &[], need: Need::Identity };
}
