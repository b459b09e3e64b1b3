//! Microsoft Entra ID for work, school and personal accounts: a public client of any tenant.

use super::answers::{Answers, Malformed, subject, text};
use super::{
    Channel, ClientAuth, DeviceClient, Dies, Endpoint, Endpoints, IdToken, IdTokenClaims,
    IdTokenKey, IssuerRule, Leaving, Loopback, LoopbackHost, Need, ProfileRequest, Provider,
    Registration, SecretNeed, SetUp, StateForm, Subjects,
};
use crate::dialect::Dialect;
use crate::error::Code;
use crate::user::Profile;

pub(super) static MICROSOFT: Provider = Provider {
    id: "microsoft",
    label: "Microsoft",
    // Each tenant is an issuer of its own, also where the common endpoints were asked. (That this
    // is so on `/common` is unconfirmed; the id_token names its tenant beside.)
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    // `sub` is made for this application alone, and is in every id_token; the id of Graph would
    // be the same for all applications, but is not signed for us.
    subjects: Subjects::PerClient,
    issuer_rule: IssuerRule::PerTenant,
    issuer_aliases: &[],
    endpoints: Endpoints {
        authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        userinfo: "https://graph.microsoft.com/oidc/userinfo",
        jwks: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
        photo: "https://graph.microsoft.com/v1.0/me/photo/$value",
        device_authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
        ..Endpoints::NONE
    },
    channels: &[Channel::Loopback, Channel::DeepLink],
    // The port is ignored, the path is not; 127.0.0.1 takes an edit of the manifest.
    loopback: Loopback {
        host: LoopbackHost::Name,
        ports: None,
        registration: Registration::Needed,
    },
    // `User.Read` opens the picture, `offline_access` brings the refresh token.
    scopes: &["openid", "profile", "email", "offline_access", "User.Read"],
    authorize: &[],
    // A public client "must not use secrets".
    secret: ClientAuth::None,
    device: DeviceClient::WithoutSecret,
    id_token: IdToken::Required,
    id_token_key: IdTokenKey::Published,
    id_token_claims: IdTokenClaims::Repeated,
    state: StateForm::Signed,
    dialect: Dialect::RFC_6749,
    requests: &[ProfileRequest {
        name: "userinfo",
        endpoint: Endpoint::Userinfo,
        query: &[],
        need: Need::Identity,
    }],
    profile,
    dead_grant: &["invalid_grant"],
    // There is no endpoint to revoke at.
    leaving: Leaving { sign_out: None, disconnect: None, dies: Dies::Nothing },
    more_scopes: &[],
    // An administrator can write any address there, which has been used to take accounts over.
    trusts_email: |_, _| false,
    account_picker: &[("prompt", "select_account")],
    explains: &[
        ("AADSTS700016", Code::ClientUnknown),
        ("AADSTS7000218", Code::PublicClientOff),
        ("AADSTS700025", Code::SecretUnwanted),
        ("AADSTS50011", Code::RedirectRefused),
    ],
    has_bots: false,
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
        // The words for a code that is none are not confirmed; the second is what is reported for a
        // code of the wrong form.
        accepts: &["AADSTS70000:", "AADSTS9002313:"],
        page_error: "AADSTS50011",
    },
};

fn profile(answers: &Answers) -> Result<Profile, Malformed> {
    let userinfo = answers.body("userinfo");
    Ok(Profile {
        subject: subject(&userinfo["sub"], "sub")?,
        nickname: text(&userinfo["name"]),
        // No claim says that it is verified. The picture's address opens with the token alone.
        email: text(&userinfo["email"]),
        ..Profile::default()
    })
}
