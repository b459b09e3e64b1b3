//! Kakao with a REST API key: fixed localhost ports, the client secret by POST, consent items.

use serde_json::Value;

use super::profile_responses::{MissingField, ProfileResponses, flag, subject, text};
use super::{
    AccountPages, Endpoint, Endpoints, IdToken, Loopback, LoopbackHost, Need, ProfileRequest,
    Provider, RedirectMethod, Registration, Revocation, RevocationEffect, Revocations, SecretNeed,
    SetUp, SubjectType,
};
use crate::dialect::{Dialect, Separator};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// Kakao.
pub static KAKAO: Provider = Provider {
    id: "kakao",
    label: "Kakao",
    issuer: "https://kauth.kakao.com",
    // Each application receives a different id.
    subjects: SubjectType::Pairwise,
    endpoints: Endpoints {
        authorization: "https://kauth.kakao.com/oauth/authorize",
        token: "https://kauth.kakao.com/oauth/token",
        userinfo: "https://kapi.kakao.com/v2/user/me",
        jwks: "https://kauth.kakao.com/.well-known/jwks.json",
        revocation: "https://kapi.kakao.com/v1/user/unlink",
        ..Endpoints::NONE
    },
    // The console refuses custom schemes for REST API keys.
    redirect_methods: &[RedirectMethod::Loopback],
    // Exact match with what is registered, so the ports are few and fixed.
    loopback: Loopback {
        host: LoopbackHost::Name,
        ports: Some(&[53682, 53683, 53684]),
        registration: Registration::Needed,
    },
    // Empty: what is asked for is set up in the console; `scope` is for additional consent.
    scopes: &[],
    // Only where OpenID Connect is switched on in the console.
    id_token: IdToken::IfPresent,
    dialect: Dialect { request_separator: Separator::Comma, ..Dialect::RFC_6749 },
    profile_requests: &[ProfileRequest {
        name: "me",
        endpoint: Endpoint::Userinfo,
        query: &[
            // Without it the pictures are plain http.
            ("secure_resource", "true"),
            (
                "property_keys",
                r#"["kakao_account.profile","kakao_account.name","kakao_account.email","kakao_account.age_range","kakao_account.birthday","kakao_account.birthyear","kakao_account.gender","kakao_account.phone_number"]"#,
            ),
        ],
        need: Need::Identity,
    }],
    profile,
    // -101: the API's number for a user who is not connected with the application.
    invalid_grant_errors: &["invalid_grant", "-101"],
    revocations: Revocations {
        // Logging out revokes one token; unlinking withdraws the consent.
        sign_out: Some(Revocation::BearerLogout),
        disconnect: Some(Revocation::Bearer),
        effect: RevocationEffect::Connection,
    },
    optional_scopes: &[
        "account_email",
        "name",
        "gender",
        "age_range",
        "birthday",
        "birthyear",
        "phone_number",
    ],
    trusts_email: |_, profile| profile.email_verified,
    select_account: &[("prompt", "select_account")],
    login_hint: Some("login_hint"),
    error_meanings: &[
        ("KOE010", ErrorKind::SecretRefused),
        ("KOE101", ErrorKind::ClientUnknown),
        ("KOE008", ErrorKind::ClientUnknown),
        ("KOE004", ErrorKind::LoginSwitchedOff),
        ("KOE005", ErrorKind::NotATester),
        ("KOE006", ErrorKind::RedirectRefused),
        ("KOE205", ErrorKind::ScopeNotSetUp),
        ("KOE303", ErrorKind::RedirectRefused),
        // Too many token requests; and a temporary failure.
        ("KOE237", ErrorKind::ProviderBusy),
        ("KOE003", ErrorKind::ProviderBusy),
        // The API's number for a failure inside that passes.
        ("-1", ErrorKind::ProviderBusy),
    ],
    account_pages: AccountPages {
        account: Some("https://accounts.kakao.com/"),
        connected_apps: None,
    },
    set_up: SetUp {
        register_url: Some("https://developers.kakao.com/console/app"),
        // On from the start, and a switch of each key.
        secret: SecretNeed::Optional,
        steps: &["kakao_create", "kakao_switch", "kakao_secret", "kakao_redirects"],
        page_error: "KOE006",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let me = responses.body("me");
    if me.is_null() {
        return responses.standard_profile();
    }
    let account = &me["kakao_account"];
    let shown = &account["profile"];
    let email = text(&account["email"]);
    Ok(Profile {
        subject: subject(&me["id"], "id")?,
        // A user without a nickname has a sentence there that asks for one.
        nickname: text(&shown["nickname"])
            .filter(|_| !flag(&shown["is_default_nickname"]))
            .or_else(|| text(&account["name"])),
        // An invalid address has since been taken by another Kakao account.
        email_verified: email.is_some()
            && flag(&account["is_email_valid"])
            && flag(&account["is_email_verified"]),
        email,
        birthday: birthday(account),
        gender: text(&account["gender"]),
        age_range: text(&account["age_range"]),
        phone: text(&account["phone_number"]),
        picture: text(&shown["profile_image_url"]).filter(|_| !flag(&shown["is_default_image"])),
    })
}

/// Year and day are consented to apart from each other, and the day may be a lunar one.
fn birthday(account: &Value) -> Option<String> {
    let year = text(&account["birthyear"]);
    let day = text(&account["birthday"]).filter(|day| day.len() == 4 && day.is_ascii());
    let Some(day) = day else { return year };
    let (month, day) = day.split_at(2);
    let calendar = match account["birthday_type"].as_str() {
        Some("LUNAR") => "[u-ca=dangi]",
        _ => "",
    };
    Some(match year {
        Some(year) => format!("{year}-{month}-{day}{calendar}"),
        None => format!("--{month}-{day}{calendar}"),
    })
}

#[cfg(test)]
mod tests;
