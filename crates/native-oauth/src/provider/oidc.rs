//! Any OpenID Connect issuer: its endpoints come from discovery, its profile from standard claims.

use super::{
    IdToken, IdTokenClaims, Provider, RedirectMethod, Revocation, RevocationEffect, Revocations,
    SecretNeed, ServerInput, SetUp, SubjectType, TokenEndpointAuthMethod,
};

/// Any OpenID Connect provider, known by its issuer alone.
pub static OIDC: Provider = Provider {
    id: "oidc",
    label: "OpenID Connect",
    issuer: "",
    server_input: ServerInput::Issuer,
    // Pairwise or not, a subject is never given to a second user by its issuer.
    subjects: SubjectType::Public,
    // RFC 8252, section 7.3, obliges the server to take any loopback port; schemes it may refuse.
    redirect_methods: &[RedirectMethod::Loopback, RedirectMethod::DeepLink],
    scopes: &["openid", "email", "profile"],
    secret: TokenEndpointAuthMethod::None,
    id_token: IdToken::Required,
    id_token_claims: IdTokenClaims::Alone,
    revocations: Revocations {
        sign_out: Some(Revocation::EachToken),
        disconnect: Some(Revocation::EachToken),
        effect: RevocationEffect::Session,
    },
    // Only if the configuration trusts the issuer.
    trusts_email: |_, profile| profile.email_verified,
    select_account: &[("prompt", "select_account")],
    login_hint: Some("login_hint"),
    set_up: SetUp {
        register_url: None,
        secret: SecretNeed::Optional,
        steps: &["oidc_create", "oidc_redirects"],
        page_error: "",
    },
    ..Provider::STANDARD
};

#[cfg(test)]
mod tests;
