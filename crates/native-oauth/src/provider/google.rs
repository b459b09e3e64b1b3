//! Google, client type "Desktop app"; the People API where its scopes were granted.

use serde_json::Value;

use super::profile_responses::{MissingField, ProfileResponses, flag, text};
use super::{
    AccountPages, DeviceClient, Endpoint, Endpoints, IdToken, IdTokenClaims, Loopback,
    LoopbackHost, Need, ProfileRequest, Provider, RedirectMethod, Registration, Revocation,
    RevocationEffect, Revocations, SecretNeed, SetUp, TokenEndpointAuthMethod,
};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// The scopes that the People API is used for.
const PEOPLE_SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/user.birthday.read",
    "https://www.googleapis.com/auth/user.gender.read",
    "https://www.googleapis.com/auth/user.phonenumbers.read",
];

/// Google.
pub static GOOGLE: Provider = Provider {
    id: "google",
    label: "Google",
    issuer: "https://accounts.google.com",
    issuer_aliases: &["accounts.google.com"],
    endpoints: Endpoints {
        authorization: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        userinfo: "https://openidconnect.googleapis.com/v1/userinfo",
        jwks: "https://www.googleapis.com/oauth2/v3/certs",
        people: "https://people.googleapis.com/v1/people/me",
        revocation: "https://oauth2.googleapis.com/revoke",
        device_authorization: "https://oauth2.googleapis.com/device/code",
        ..Endpoints::NONE
    },
    // Custom schemes are refused for desktop clients.
    redirect_methods: &[RedirectMethod::Loopback],
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::ByType },
    scopes: &["openid", "email", "profile"],
    authorization_parameters: &[("access_type", "offline"), ("prompt", "consent")],
    // Enforced at the token endpoint although it is no secret in a desktop client.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    // Its kind is called "TVs and Limited Input devices", and it has a secret of its own.
    device: DeviceClient::Apart,
    id_token: IdToken::Required,
    id_token_claims: IdTokenClaims::NameAndAddress,
    profile_requests: &[
        ProfileRequest::USERINFO,
        ProfileRequest {
            name: "people",
            endpoint: Endpoint::People,
            query: &[("personFields", "photos,birthdays,genders,phoneNumbers,names,nicknames")],
            need: Need::Extra(PEOPLE_SCOPES),
        },
    ],
    profile,
    revocations: Revocations {
        // Revoking any token removes every scope of the whole project.
        sign_out: None,
        disconnect: Some(Revocation::Token),
        effect: RevocationEffect::WholeProject,
    },
    optional_scopes: PEOPLE_SCOPES,
    trusts_email: owns_address,
    select_account: &[("prompt", "select_account consent")],
    login_hint: Some("login_hint"),
    error_meanings: &[
        ("client_secret is missing", ErrorKind::SecretMissing),
        ("The OAuth client was not found", ErrorKind::ClientUnknown),
        ("deleted_client", ErrorKind::ClientUnknown),
        ("invalid_client", ErrorKind::SecretRefused),
    ],
    account_pages: AccountPages {
        account: Some("https://myaccount.google.com/"),
        connected_apps: Some("https://myaccount.google.com/connections"),
    },
    set_up: SetUp {
        register_url: Some("https://console.cloud.google.com/auth/clients"),
        secret: SecretNeed::Needed,
        steps: &["google_type", "google_consent", "google_secret"],
        page_error: "redirect_uri_mismatch",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let people = responses.body("people");
    // Userinfo has the picture wherever there is one, so it is gone where userinfo has none.
    let picture = match responses.body("userinfo") {
        Value::Null => text(responses.claim("picture")),
        userinfo => text(&userinfo["picture"]),
    };
    Ok(Profile {
        nickname: responses
            .full_name()
            .or_else(|| text(&primary(&people["nicknames"])["value"]))
            .or_else(|| text(&primary(&people["names"])["displayName"])),
        birthday: birthday(&people["birthdays"]),
        gender: text(&primary(&people["genders"])["value"])
            .filter(|gender| gender != "unspecified"),
        phone: phone(primary(&people["phoneNumbers"])),
        picture: picture.or_else(|| photo(primary(&people["photos"]))),
        ..responses.standard_profile()?
    })
}

/// Google verifies its own addresses, and those of a Workspace domain.
fn owns_address(responses: &ProfileResponses, profile: &Profile) -> bool {
    let own = profile
        .email
        .as_deref()
        .is_some_and(|email| email.to_ascii_lowercase().ends_with("@gmail.com"));
    profile.email_verified && (own || text(&responses.of_address()["hd"]).is_some())
}

/// The entry marked primary, else the first. Fields without data are absent, not empty.
fn primary(list: &Value) -> &Value {
    let Some(entries) = list.as_array() else { return &Value::Null };
    let marked = entries.iter().find(|entry| flag(&entry["metadata"]["primary"]));
    marked.or(entries.first()).unwrap_or(&Value::Null)
}

/// Two entries are common, with and without the year: the one with a year wins.
fn birthday(list: &Value) -> Option<String> {
    let dates: Vec<_> = list.as_array()?.iter().filter_map(|entry| date(&entry["date"])).collect();
    let with_year = dates.iter().find(|date| !date.starts_with("--"));
    with_year.or(dates.first()).cloned()
}

/// A date whose parts may be 0 or absent where they are not known.
fn date(date: &Value) -> Option<String> {
    let part = |name: &str| date[name].as_u64().filter(|number| *number > 0);
    match (part("year"), part("month"), part("day")) {
        (Some(year), Some(month), Some(day)) => Some(format!("{year:04}-{month:02}-{day:02}")),
        (None, Some(month), Some(day)) => Some(format!("--{month:02}-{day:02}")),
        (Some(year), _, _) => Some(format!("{year:04}")),
        (None, _, _) => None,
    }
}

fn phone(entry: &Value) -> Option<String> {
    text(&entry["canonicalForm"]).or_else(|| text(&entry["value"]))
}

/// A photo that the user chose; Google marks those that it generated.
fn photo(entry: &Value) -> Option<String> {
    text(&entry["url"]).filter(|_| !flag(&entry["default"]))
}

#[cfg(test)]
mod tests;
