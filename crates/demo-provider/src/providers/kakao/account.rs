//! `kakao_account`: the items of a profile, as far as the user agreed.

use crate::provider::prelude::*;

/// The names of the items in `property_keys`.
pub const ITEMS: [&str; 8] =
    ["profile", "name", "email", "age_range", "birthyear", "birthday", "gender", "phone_number"];

/// The items with their names in `property_keys`.
pub fn items(
    request: &Request,
    user: &User,
    scopes: &[String],
    secure: bool,
) -> Vec<(&'static str, Value)> {
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    let plain = |name: &'static str, value: Option<Value>| (name, item(name, has(name), value));
    let year = user.birthday.year.map(|year| json!(year.to_string()));
    let images = has("profile_image").then_some(secure);
    vec![
        ("profile", profile(request, user, has("profile_nickname"), images)),
        plain("name", Some(json!(user.shown_name()))),
        ("email", email(user, has("account_email"))),
        plain("age_range", user.age_from.map(age_range)),
        plain("birthyear", year),
        ("birthday", birthday(user, has("birthday"))),
        plain("gender", user.gender.map(|gender| json!(gender))),
        plain("phone_number", user.phone.map(phone)),
    ]
}

/// `X_needs_agreement` is true if there is a value without consent; `X` is absent then.
fn item(name: &str, agreed: bool, value: Option<Value>) -> Value {
    let mut object = json!({ format!("{name}_needs_agreement"): value.is_some() && !agreed });
    if let Some(value) = value.filter(|_| agreed) {
        object[name] = value;
    }
    object
}

/// `images`: whether the URLs of the pictures are secure, if the user agreed to them.
fn profile(request: &Request, user: &User, nickname_agreed: bool, images: Option<bool>) -> Value {
    let mut profile = json!({});
    if nickname_agreed {
        profile["nickname"] = json!(nickname(user));
        profile["is_default_nickname"] = json!(user.nickname.is_none());
    }
    if let Some(secure) = images {
        profile["thumbnail_image_url"] = json!(image(request, user, secure, "110x110"));
        profile["profile_image_url"] = json!(image(request, user, secure, "640x640"));
        profile["is_default_image"] = json!(user.colour.is_none());
    }
    let mut object = json!({
        "profile_nickname_needs_agreement": !nickname_agreed,
        "profile_image_needs_agreement": images.is_none(),
    });
    if nickname_agreed || images.is_some() {
        object["profile"] = profile;
    }
    object
}

/// A user without a nickname is asked to choose one.
pub fn nickname(user: &User) -> &'static str {
    user.nickname.unwrap_or("닉네임을 등록해주세요")
}

/// The URL of a picture: plain http at Kakao's image host unless `secure_resource=true`, which would be https there.
pub fn image(request: &Request, user: &User, secure: bool, size: &str) -> String {
    let root =
        if secure { request.url("/img") } else { "http://k.kakaocdn.net/dn/demo".to_owned() };
    let folder = if user.colour.is_some() { user.key } else { "default" };
    format!("{root}/{folder}/img_{size}.jpg")
}

fn email(user: &User, agreed: bool) -> Value {
    let mut object = item("email", agreed, user.email.map(|email| json!(email.address)));
    if let Some(email) = user.email.filter(|_| agreed) {
        let flags = json!({ "is_email_valid": email.valid, "is_email_verified": email.verified });
        merge(&mut object, flags);
    }
    object
}

/// "20~29", and "90~" without an end.
fn age_range(from: u8) -> Value {
    if from >= 90 { json!("90~") } else { json!(format!("{from}~{}", from + 9)) }
}

fn birthday(user: &User, agreed: bool) -> Value {
    let birthday = user.birthday;
    let day = birthday.day.map(|(month, day)| json!(format!("{month:02}{day:02}")));
    let known = day.is_some();
    let mut object = item("birthday", agreed, day);
    if known && agreed {
        let kind = if birthday.lunar { "LUNAR" } else { "SOLAR" };
        merge(&mut object, json!({ "birthday_type": kind, "is_leap_month": false }));
    }
    object
}

/// `+821012345678` -> `+82 10-1234-5678`.
fn phone(e164: &str) -> Value {
    let local = e164.trim_start_matches("+82");
    let (area, rest) = local.split_at(local.len().min(2));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(4));
    json!(format!("+82 {area}-{middle}-{last}"))
}
