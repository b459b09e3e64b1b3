//! Microsoft Entra ID for work, school and personal accounts: a public client of any tenant.

use super::profile_responses::{MissingField, ProfileResponses};
use super::{
    AccountPages, DeviceClient, Endpoints, IdToken, IdTokenClaims, IssuerRule, Loopback,
    LoopbackHost, Provider, RedirectMethod, Registration, RevocationEffect, Revocations,
    SecretNeed, SetUp, SubjectType, TokenEndpointAuthMethod,
};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// Microsoft.
pub static MICROSOFT: Provider = Provider {
    id: "microsoft",
    label: "Microsoft",
    // Each tenant is an issuer of its own, also where the common endpoints were asked. (That this
    // is so on `/common` is unconfirmed; the id_token names its tenant beside.)
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    // `sub` is made for this application alone, and is in every id_token; the id of Graph would
    // be the same for all applications, but is not signed for us.
    subjects: SubjectType::Pairwise,
    issuer_rule: IssuerRule::PerTenant,
    endpoints: Endpoints {
        authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        userinfo: "https://graph.microsoft.com/oidc/userinfo",
        jwks: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
        photo: "https://graph.microsoft.com/v1.0/me/photo/$value",
        device_authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
        ..Endpoints::NONE
    },
    redirect_methods: &[RedirectMethod::Loopback, RedirectMethod::DeepLink],
    // The port is ignored, the path is not; 127.0.0.1 takes an edit of the manifest.
    loopback: Loopback {
        host: LoopbackHost::Name,
        ports: None,
        registration: Registration::Needed,
    },
    // `User.Read` opens the picture, `offline_access` brings the refresh token.
    scopes: &["openid", "profile", "email", "offline_access", "User.Read"],
    // A public client "must not use secrets".
    secret: TokenEndpointAuthMethod::None,
    device: DeviceClient::WithoutSecret,
    id_token: IdToken::Required,
    id_token_claims: IdTokenClaims::NameAndAddress,
    profile,
    // There is no endpoint to revoke at.
    revocations: Revocations {
        sign_out: None,
        disconnect: None,
        effect: RevocationEffect::Nothing,
    },
    // An administrator can write any address there, which has been used to take accounts over.
    trusts_email: |_, _| false,
    select_account: &[("prompt", "select_account")],
    login_hint: Some("login_hint"),
    error_meanings: &[
        ("AADSTS700016", ErrorKind::ClientUnknown),
        ("AADSTS7000218", ErrorKind::PublicClientOff),
        ("AADSTS700025", ErrorKind::SecretUnwanted),
        ("AADSTS50011", ErrorKind::RedirectRefused),
        ("AADSTS9002327", ErrorKind::SinglePageApp),
        ("AADSTS50194", ErrorKind::SingleTenant),
        ("AADSTS900144", ErrorKind::ParameterMissing),
        // Of personal accounts, without a number.
        ("does not exist or is not enabled for consumers", ErrorKind::ClientUnknown),
    ],
    account_pages: AccountPages {
        account: Some("https://myaccount.microsoft.com/"),
        connected_apps: Some("https://microsoft.com/consent"),
    },
    set_up: SetUp {
        register_url: Some(
            "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        ),
        secret: SecretNeed::Never,
        steps: &[
            "microsoft_create",
            "microsoft_platform",
            "microsoft_public",
            "microsoft_no_secret",
        ],
        page_error: "AADSTS50011",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let Profile { subject, nickname, email, .. } = responses.standard_profile()?;
    // No claim tells whether the address is verified. The picture needs the bearer token.
    Ok(Profile { subject, nickname, email, ..Profile::default() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(userinfo: Value) -> Profile {
        let id_token = json!({
            "sub": "s", "name": "하늘 김", "email": "a@outlook.com", "email_verified": true,
            "preferred_username": "a@outlook.com", "picture": "https://p",
        });
        let bodies = [("userinfo", userinfo)].into();
        profile(&ProfileResponses {
            id_token: Some(id_token),
            bodies,
            ..ProfileResponses::default()
        })
        .unwrap()
    }

    #[test]
    fn microsoft_personal_accounts_have_their_name_and_address_in_the_id_token() {
        for userinfo in [
            json!({"sub": "s"}),
            json!({"sub": "s", "name": "", "email": ""}),
            json!({"sub": "s", "givenname": "하늘", "familyname": "김"}),
            Value::Null,
        ] {
            let profile = read(userinfo.clone());
            assert_eq!(profile.nickname.as_deref(), Some("하늘 김"), "{userinfo}");
            assert_eq!(profile.email.as_deref(), Some("a@outlook.com"), "{userinfo}");
            assert!(!profile.email_verified && profile.picture.is_none(), "{userinfo}");
        }
        let bodies = [("userinfo", json!({"sub": "s", "givenname": "하늘", "familyname": "김"}))];
        let responses = ProfileResponses { bodies: bodies.into(), ..ProfileResponses::default() };
        assert_eq!(profile(&responses).unwrap().nickname.as_deref(), Some("김하늘"));
    }
}
