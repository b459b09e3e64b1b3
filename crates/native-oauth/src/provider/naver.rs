//! Naver, on its OpenID Connect path, the only one with PKCE: the state again in the request for
//! tokens, and the profile of its own API.

use serde_json::Value;

use super::profile_responses::{MissingField, ProfileResponses, subject, text};
use super::{
    AccountPages, Endpoints, IdToken, Loopback, LoopbackHost, ProfileRequest, Provider,
    RedirectMethod, Registration, Revocation, RevocationEffect, Revocations, SecretNeed, SetUp,
    SubjectType, TokenEndpointAuthMethod,
};
use crate::dialect::{Dialect, TokenRequestState};
use crate::error::ErrorKind;
use crate::profile::Profile;

/// Naver.
pub static NAVER: Provider = Provider {
    id: "naver",
    label: "Naver",
    issuer: "https://nid.naver.com",
    // The id is unique for each application.
    subjects: SubjectType::Pairwise,
    endpoints: Endpoints {
        authorization: "https://nid.naver.com/oauth2/authorize",
        token: "https://nid.naver.com/oauth2/token",
        userinfo: "https://openapi.naver.com/v1/nid/me",
        // Documented for the other path; that it takes the tokens of this one is a guess.
        revocation: "https://nid.naver.com/oauth2.0/revoke",
        ..Endpoints::NONE
    },
    // Private-use schemes are for its iOS applications.
    redirect_methods: &[RedirectMethod::Loopback],
    // How ports are matched is unconfirmed, so they are few and fixed.
    loopback: Loopback {
        host: LoopbackHost::V4,
        ports: Some(&[53682, 53683, 53684]),
        registration: Registration::Needed,
    },
    // What else is asked for is set up in its console.
    scopes: &["openid"],
    // Required in every call, beside PKCE too.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    // Its documents mention no nonce, so an id_token does not prove that it belongs to this sign-in.
    // The account is that of the profile API, read with the token from Naver's token endpoint.
    id_token: IdToken::Never,
    dialect: Dialect { token_state: TokenRequestState::Sent, ..Dialect::RFC_6749 },
    profile_requests: &[ProfileRequest { name: "me", ..ProfileRequest::USERINFO }],
    profile,
    // The error of an invalid refresh token is unconfirmed: that of RFC 6749, or a description with
    // `invalid_request`, which alone has other meanings too.
    invalid_grant_errors: &["invalid_grant", "invalid refresh_token"],
    revocations: Revocations {
        // The access token and its refresh token end together, and no other.
        sign_out: Some(Revocation::Token),
        disconnect: Some(Revocation::Token),
        effect: RevocationEffect::Session,
    },
    // The API does not tell whether the address is verified.
    trusts_email: |_, _| false,
    error_meanings: &[
        ("wrong client id / client secret pair", ErrorKind::SecretRefused),
        // Of a code that is used, too old or none.
        ("no valid data in session", ErrorKind::CodeRefused),
    ],
    account_pages: AccountPages {
        account: Some("https://nid.naver.com/user2/help/myInfo"),
        connected_apps: None,
    },
    set_up: SetUp {
        register_url: Some("https://developers.naver.com/apps/"),
        secret: SecretNeed::Needed,
        steps: &["naver_create", "naver_environment", "naver_secret", "naver_review"],
        page_error: "",
    },
    ..Provider::STANDARD
};

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let me = &responses.body("me")["response"];
    let nickname = text(&me["nickname"]);
    Ok(Profile {
        subject: subject(&me["id"], "response.id")?,
        // A user without a nickname is shown as the beginning of the id and three stars.
        nickname: nickname
            .clone()
            .filter(|name| !name.ends_with("***"))
            .or_else(|| text(&me["name"]))
            .or(nickname),
        email: text(&me["email"]),
        birthday: birthday(text(&me["birthyear"]), text(&me["birthday"])),
        gender: gender(&me["gender"]),
        age_range: text(&me["age"]),
        phone: text(&me["mobile"]),
        picture: text(&me["profile_image"]),
        ..Profile::default()
    })
}

/// `F`, `M`, or `U` for one that is not known.
fn gender(value: &Value) -> Option<String> {
    match value.as_str()? {
        "F" => Some("female".to_owned()),
        "M" => Some("male".to_owned()),
        _ => None,
    }
}

/// A year, a month and a day as `MM-DD`, or one of both.
fn birthday(year: Option<String>, day: Option<String>) -> Option<String> {
    let year = year.filter(|year| digits(year, 4));
    let day = day.filter(|day| {
        day.split_once('-').is_some_and(|(month, day)| digits(month, 2) && digits(day, 2))
    });
    match (year, day) {
        (Some(year), Some(day)) => Some(format!("{year}-{day}")),
        (None, Some(day)) => Some(format!("--{day}")),
        (year, None) => year,
    }
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `error` alone does not tell these apart.
    #[test]
    fn naver_errors_are_read_from_the_description() {
        use crate::request_error::tests::{WITH_SECRET, explained, rfc};
        let kind = |error, text| explained("naver", WITH_SECRET, &rfc(error, text)).kind();
        let pair = "wrong client id / client secret pair";
        assert_eq!(kind("invalid_client", pair), ErrorKind::SecretRefused);
        assert_eq!(kind("invalid_request", "no valid data in session"), ErrorKind::CodeRefused);
    }

    #[test]
    fn naver_birthday_comes_in_two_pieces() {
        let read = |year: Option<&str>, day: Option<&str>| {
            birthday(year.map(str::to_owned), day.map(str::to_owned))
        };
        assert_eq!(read(Some("1990"), Some("04-01")).as_deref(), Some("1990-04-01"));
        assert_eq!(read(None, Some("04-01")).as_deref(), Some("--04-01"));
        assert_eq!(read(Some("1990"), None).as_deref(), Some("1990"));
        assert_eq!(read(Some("90"), Some("0401")), None);
        assert_eq!(read(None, Some("04-1")), None);
    }

    #[test]
    fn naver_gender_is_a_letter() {
        let read = |letter: &str| gender(&letter.into());
        assert_eq!((read("F"), read("M")), (Some("female".into()), Some("male".into())));
        assert_eq!(read("U"), None);
    }

    #[test]
    fn naver_stars_are_no_nickname_where_there_is_a_name() {
        let nickname = |me: Value| {
            let mut responses = ProfileResponses::default();
            responses.bodies.insert("me", serde_json::json!({ "response": me }));
            profile(&responses).unwrap().nickname
        };
        let starred = serde_json::json!({"id": "1", "nickname": "nar***", "name": "김나리"});
        assert_eq!(nickname(starred).as_deref(), Some("김나리"));
        let nameless = serde_json::json!({"id": "1", "nickname": "nar***"});
        assert_eq!(nickname(nameless).as_deref(), Some("nar***"));
    }
}
