//! Google, client type "Desktop app"; the People API where its scopes were granted.

use serde_json::Value;

use super::answers::{Answers, Malformed, flag, subject, text};
use super::{
    Channel, ClientAuth, Endpoint, Endpoints, IdToken, Loopback, LoopbackHost, Need,
    ProfileRequest, Provider,
};
use crate::dialect::Dialect;
use crate::user::Profile;

/// The scopes that make the People API worth asking.
const PEOPLE_SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/user.birthday.read",
    "https://www.googleapis.com/auth/user.gender.read",
    "https://www.googleapis.com/auth/user.phonenumbers.read",
];

pub(super) static GOOGLE: Provider = Provider {
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
        avatar_base: "",
    },
    // Custom schemes are refused for desktop clients.
    channels: &[Channel::Loopback],
    loopback: Loopback { host: LoopbackHost::V4, ports: None },
    scopes: &["openid", "email", "profile"],
    authorize: &[("access_type", "offline"), ("prompt", "consent")],
    // Enforced at the token endpoint although it is no secret in a desktop client.
    secret: ClientAuth::Post,
    id_token: IdToken::Required,
    dialect: Dialect::RFC_6749,
    requests: &[
        ProfileRequest {
            name: "userinfo",
            endpoint: Endpoint::Userinfo,
            query: &[],
            need: Need::Identity,
        },
        ProfileRequest {
            name: "people",
            endpoint: Endpoint::People,
            query: &[("personFields", "photos,birthdays,genders,phoneNumbers,names,nicknames")],
            need: Need::Extra(PEOPLE_SCOPES),
        },
    ],
    profile,
    register_url: Some("https://console.cloud.google.com/auth/clients"),
};

fn profile(answers: &Answers) -> Result<Profile, Malformed> {
    let userinfo = answers.body("userinfo");
    let people = answers.body("people");
    let email = text(&userinfo["email"]);
    Ok(Profile {
        subject: subject(&userinfo["sub"], "sub")?,
        nickname: text(&userinfo["name"])
            .or_else(|| text(&primary(&people["nicknames"])["value"]))
            .or_else(|| text(&primary(&people["names"])["displayName"])),
        email_verified: email.is_some() && flag(&userinfo["email_verified"]),
        email,
        birthday: birthday(&people["birthdays"]),
        gender: text(&primary(&people["genders"])["value"])
            .filter(|gender| gender != "unspecified"),
        phone: phone(primary(&people["phoneNumbers"])),
        picture: text(&userinfo["picture"]).or_else(|| photo(primary(&people["photos"]))),
        ..Profile::default()
    })
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

/// A photo that the person chose; Google marks the ones it drew itself.
fn photo(entry: &Value) -> Option<String> {
    text(&entry["url"]).filter(|_| !flag(&entry["default"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(userinfo: Value, people: Value) -> Result<Profile, Malformed> {
        let mut answers = Answers::default();
        answers.bodies.insert("userinfo", userinfo);
        answers.bodies.insert("people", people);
        profile(&answers)
    }

    #[test]
    fn google_userinfo_is_mapped() {
        let profile = read(
            json!({"sub": "108204268033311374519", "name": "나리 김", "picture": "https://lh3.googleusercontent.com/a/x=s96-c",
                   "email": "nari@gmail.com", "email_verified": true}),
            Value::Null,
        )
        .unwrap();
        assert_eq!(profile.subject, "108204268033311374519");
        assert_eq!(profile.nickname.as_deref(), Some("나리 김"));
        assert!(profile.email_verified);
        assert_eq!(profile.picture.as_deref(), Some("https://lh3.googleusercontent.com/a/x=s96-c"));
        assert_eq!((profile.birthday, profile.gender, profile.phone), (None, None, None));
    }

    #[test]
    fn google_without_the_profile_scope_has_only_a_sub() {
        let profile = read(json!({"sub": "1", "name": ""}), Value::Null).unwrap();
        assert_eq!((profile.nickname, profile.picture, profile.email), (None, None, None));
        assert_eq!(read(json!({"id": "1"}), Value::Null), Err(Malformed { field: "sub" }));
    }

    #[test]
    fn google_people_extras_take_the_primary_of_each() {
        let profile = read(
            json!({"sub": "1"}),
            json!({
                "nicknames": [{"value": "nn", "metadata": {"primary": true}}],
                "names": [{"displayName": "dn"}],
                "genders": [{"value": "male"}, {"value": "female", "metadata": {"primary": true}}],
                "phoneNumbers": [{"value": "010-1234-5678", "canonicalForm": "+821012345678"}],
                "photos": [{"url": "https://lh3.googleusercontent.com/p", "metadata": {"primary": true}}]
            }),
        )
        .unwrap();
        assert_eq!(profile.nickname.as_deref(), Some("nn"));
        assert_eq!(profile.gender.as_deref(), Some("female"));
        assert_eq!(profile.phone.as_deref(), Some("+821012345678"));
        assert_eq!(profile.picture.as_deref(), Some("https://lh3.googleusercontent.com/p"));
    }

    #[test]
    fn google_drawn_photo_and_unspecified_gender_are_left_out() {
        let people = json!({"photos": [{"url": "https://x", "default": true}], "genders": [{"value": "unspecified"}]});
        let profile = read(json!({"sub": "1"}), people).unwrap();
        assert_eq!((profile.picture, profile.gender), (None, None));
    }

    #[test]
    fn google_birthday_prefers_the_entry_with_a_year() {
        let with = json!([{"date": {"month": 4, "day": 1}}, {"date": {"year": 1990, "month": 4, "day": 1}}]);
        assert_eq!(birthday(&with).as_deref(), Some("1990-04-01"));
        let without = json!([{"date": {"year": 0, "month": 4, "day": 1}}]);
        assert_eq!(birthday(&without).as_deref(), Some("--04-01"));
        assert_eq!(birthday(&json!([{"text": "spring"}])), None);
        assert_eq!(
            birthday(&json!([{"date": {"year": 1990, "month": 0, "day": 0}}])).as_deref(),
            Some("1990")
        );
    }
}
