//! Facebook Login, the code flow with PKCE: no refresh token, errors that are objects, an https
//! page for everybody but its developers.

use serde_json::Value;

use super::profile_responses::{MissingField, ProfileResponses, flag, subject, text};
use super::{
    AccountPages, Endpoint, Endpoints, IdToken, Loopback, LoopbackHost, Need, ProfileRequest,
    Provider, RedirectMethod, Registration, Revocation, RevocationEffect, Revocations, SecretNeed,
    SetUp, SubjectType, TokenEndpointAuthMethod,
};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// An address of the one version of the Graph API that this file was written for.
macro_rules! graph {
    ($host:literal, $path:literal) => {
        concat!("https://", $host, "/v24.0/", $path)
    };
}

/// The scopes that bring more than name, address and picture; Meta reviews who asks for them.
const REVIEWED: &[&str] = &["user_birthday", "user_gender", "user_age_range"];

/// Facebook.
pub static FACEBOOK: Provider = Provider {
    id: "facebook",
    label: "Facebook",
    issuer: "https://www.facebook.com",
    // The id is made for this application.
    subjects: SubjectType::Pairwise,
    endpoints: Endpoints {
        // Its metadata names neither token endpoint nor userinfo, so nothing is discovered.
        authorization: graph!("www.facebook.com", "dialog/oauth"),
        token: graph!("graph.facebook.com", "oauth/access_token"),
        userinfo: graph!("graph.facebook.com", "me"),
        jwks: "https://www.facebook.com/.well-known/oauth/openid/jwks/",
        revocation: graph!("graph.facebook.com", "me/permissions"),
        ..Endpoints::NONE
    },
    // A configured https page has precedence: nothing else works once the application is live.
    redirect_methods: &[RedirectMethod::Loopback],
    // While in development: `localhost` and not `127.0.0.1`; it cannot be registered.
    loopback: Loopback {
        host: LoopbackHost::Name,
        ports: None,
        registration: Registration::ByType,
    },
    // `openid` belongs to the flow with PKCE.
    scopes: &["openid", "public_profile", "email"],
    // Either the secret or the verifier; whether the verifier alone always returns a token for `/me`
    // is unconfirmed.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    id_token: IdToken::IfPresent,
    profile_requests: &[
        ProfileRequest {
            name: "me",
            endpoint: Endpoint::Userinfo,
            query: &[("fields", "id,name,email,picture.type(large)")],
            need: Need::Identity,
        },
        ProfileRequest {
            name: "reviewed",
            endpoint: Endpoint::Userinfo,
            query: &[("fields", "birthday,gender,age_range")],
            need: Need::Extra(REVIEWED),
        },
    ],
    profile,
    // The number of a token that expired or was revoked.
    invalid_grant_errors: &["190"],
    revocations: Revocations {
        // There is no way to end this token alone.
        sign_out: None,
        disconnect: Some(Revocation::BearerDelete),
        effect: RevocationEffect::Connection,
    },
    optional_scopes: REVIEWED,
    // The API does not tell whether the address is verified.
    trusts_email: |_, _| false,
    select_account: &[("auth_type", "reauthenticate")],
    // 101: no such application; 191: the redirect URI is not among the valid ones. Of the messages
    // of 100, the first names the redirect URI beside the code.
    error_meanings: &[
        ("Missing client_secret", ErrorKind::SecretMissing),
        ("Error validating client secret", ErrorKind::SecretRefused),
        // Of code 100, which by itself is any wrong parameter.
        ("redirect_uri", ErrorKind::RedirectRefused),
        ("verification code", ErrorKind::CodeRefused),
        ("authorization code", ErrorKind::CodeRefused),
        ("101", ErrorKind::ClientUnknown),
        ("191", ErrorKind::RedirectRefused),
        // Too many requests of the application, and a failure that passes.
        ("4", ErrorKind::ProviderBusy),
        ("2", ErrorKind::ProviderBusy),
    ],
    account_pages: AccountPages {
        account: Some("https://accountscenter.facebook.com/"),
        connected_apps: Some("https://www.facebook.com/settings?tab=applications"),
    },
    set_up: SetUp {
        register_url: Some("https://developers.facebook.com/apps/"),
        secret: SecretNeed::Optional,
        steps: &["facebook_create", "facebook_redirects", "facebook_https_page", "facebook_secret"],
        page_error: "",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let me = responses.body("me");
    if me.is_null() {
        return responses.standard_profile();
    }
    let reviewed = responses.body("reviewed");
    let picture = &me["picture"]["data"];
    Ok(Profile {
        subject: subject(&me["id"], "id")?,
        nickname: text(&me["name"]),
        email: text(&me["email"]),
        birthday: text(&reviewed["birthday"]).as_deref().and_then(birthday),
        gender: text(&reviewed["gender"]),
        age_range: age_range(&reviewed["age_range"]),
        // A silhouette means that there is no picture.
        picture: text(&picture["url"]).filter(|_| !flag(&picture["is_silhouette"])),
        ..Profile::default()
    })
}

/// `07/17/1973`, `07/17` or `1973`, by what the user shows (the shorter ones are unconfirmed).
fn birthday(written: &str) -> Option<String> {
    let parts: Vec<&str> = written.split('/').collect();
    let numbers = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    match (numbers, parts.as_slice()) {
        (true, [month, day, year]) if (month.len(), day.len(), year.len()) == (2, 2, 4) => {
            Some(format!("{year}-{month}-{day}"))
        }
        (true, [month, day]) if (month.len(), day.len()) == (2, 2) => {
            Some(format!("--{month}-{day}"))
        }
        (true, [year]) if year.len() == 4 => Some((*year).to_owned()),
        _ => None,
    }
}

/// A least age, and a greatest where there is one.
fn age_range(range: &Value) -> Option<String> {
    let end = |name: &str| range[name].as_u64().map(|age| age.to_string()).unwrap_or_default();
    let range = format!("{}~{}", end("min"), end("max"));
    (range != "~").then_some(range)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facebook_birthday_comes_in_the_pieces_that_are_shown() {
        for (written, expected) in [
            ("07/17/1973", Some("1973-07-17")),
            ("07/17", Some("--07-17")),
            ("1973", Some("1973")),
            ("1973-07-17", None),
            ("7/17/73", None),
            ("", None),
            ("//", None),
        ] {
            assert_eq!(birthday(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn facebook_age_range_may_have_no_end() {
        for (range, expected) in [
            (json!({"min": 21}), Some("21~")),
            (json!({"min": 18, "max": 20}), Some("18~20")),
            (json!({}), None),
            (json!("21"), None),
        ] {
            assert_eq!(age_range(&range).as_deref(), expected, "{range}");
        }
    }
}
