//! GitHub, an "OAuth app": scopes with commas in its responses, addresses in a list of their own.

use serde_json::Value;

use super::profile_responses::{MissingField, ProfileResponses, flag, subject, text};
use super::{
    AccountPages, DeviceClient, Endpoint, Endpoints, Need, ProfileRequest, Provider,
    RedirectMethod, Revocation, RevocationEffect, Revocations, SecretNeed, SetUp,
    TokenEndpointAuthMethod,
};
use crate::dialect::{Dialect, Separator};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// GitHub.
pub static GITHUB: Provider = Provider {
    id: "github",
    label: "GitHub",
    // As its metadata has it; `iss` may come with a response.
    issuer: "https://github.com/login/oauth",
    endpoints: Endpoints {
        authorization: "https://github.com/login/oauth/authorize",
        token: "https://github.com/login/oauth/access_token",
        userinfo: "https://api.github.com/user",
        emails: "https://api.github.com/user/emails",
        // Takes a token without client authentication; `revocations` below need the application's secret.
        revocation: "https://api.github.com/credentials/revoke",
        device_authorization: "https://github.com/login/device/code",
        ..Endpoints::NONE
    },
    // The loopback address serves window and command line alike.
    redirect_methods: &[RedirectMethod::Loopback, RedirectMethod::DeepLink],
    scopes: &["read:user", "user:email"],
    // Required in the web flow, also beside PKCE; the device flow needs none.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    // The web flow wants the secret, this one does not.
    device: DeviceClient::WithoutSecret,
    dialect: Dialect { response_separator: Separator::Comma, ..Dialect::RFC_6749 },
    profile_requests: &[
        ProfileRequest { name: "user", ..ProfileRequest::USERINFO },
        ProfileRequest {
            name: "emails",
            endpoint: Endpoint::Emails,
            query: &[],
            need: Need::Extra(&["user:email", "user"]),
        },
    ],
    profile,
    // Tokens of an OAuth app may not expire and have no refresh token then: their revocation is
    // reported by the API only.
    invalid_grant_errors: &["bad_refresh_token", "Bad credentials"],
    revocations: Revocations {
        sign_out: Some(Revocation::ApplicationToken),
        disconnect: Some(Revocation::ApplicationGrant),
        effect: RevocationEffect::Connection,
    },
    trusts_email: |_, profile| profile.email_verified,
    select_account: &[("prompt", "select_account")],
    login_hint: Some("login"),
    error_meanings: &[
        ("incorrect_client_credentials", ErrorKind::SecretRefused),
        ("device_flow_disabled", ErrorKind::DeviceFlowOff),
        ("redirect_uri_mismatch", ErrorKind::RedirectRefused),
        ("bad_verification_code", ErrorKind::CodeRefused),
        ("unverified_user_email", ErrorKind::EmailUnconfirmed),
    ],
    account_pages: AccountPages {
        account: Some("https://github.com/settings/profile"),
        connected_apps: Some("https://github.com/settings/applications"),
    },
    set_up: SetUp {
        register_url: Some("https://github.com/settings/developers"),
        secret: SecretNeed::Needed,
        steps: &["github_create", "github_device", "github_secret"],
        page_error: "",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let user = responses.body("user");
    let primary = primary(responses.body("emails"));
    let vouched = text(&primary["email"]);
    Ok(Profile {
        subject: subject(&user["id"], "id")?,
        nickname: text(&user["name"]).or_else(|| text(&user["login"])),
        // The address of the profile is the public one, which is not verified.
        email_verified: vouched.is_some() && flag(&primary["verified"]),
        email: vouched.or_else(|| text(&user["email"])),
        picture: text(&user["avatar_url"]),
        ..Profile::default()
    })
}

/// The address that the account is reached at, verified or not.
fn primary(emails: &Value) -> &Value {
    let mut listed = emails.as_array().into_iter().flatten();
    listed.find(|entry| flag(&entry["primary"])).unwrap_or(&Value::Null)
}
