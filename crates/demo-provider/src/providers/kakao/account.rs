//! `kakao_account`: the items of a profile, as far as the user agreed.

use crate::providers::prelude::*;

/// The names of the items in `property_keys`.
pub const ITEMS: [&str; 8] =
    ["profile", "name", "email", "age_range", "birthyear", "birthday", "gender", "phone_number"];

/// The items with their names in `property_keys`. `X_needs_agreement` is true if there is a value without consent; `X` is
/// absent then, with what else is said of it.
pub fn items(
    request: &Request,
    user: &User,
    consented: &Grant,
    secure: bool,
) -> Vec<(&'static str, Value)> {
    let item = |name: &'static str, scope: &str, value: Value, more: Value| {
        let (known, agreed) = (!value.is_null(), consented.has(scope));
        let mut item = json!({ format!("{name}_needs_agreement"): known && !agreed });
        if known && agreed {
            item[name] = value;
            merge(&mut item, more);
        }
        (name, item)
    };
    let plain = |name: &'static str, value: Value| item(name, name, value, json!({}));
    let birthday = user.birthday;
    let day = birthday.day.map(|(month, day)| format!("{month:02}{day:02}"));
    let kind = if birthday.lunar { "LUNAR" } else { "SOLAR" };
    let address = user.email.map(|email| email.address);
    let flags = user
        .email
        .map(|email| json!({ "is_email_valid": email.valid, "is_email_verified": email.verified }));
    vec![
        ("profile", profile(request, user, consented, secure)),
        plain("name", json!(user.shown_name())),
        item("email", "account_email", json!(address), json!(flags)),
        plain("age_range", json!(user.age_from.map(age_range))),
        plain("birthyear", json!(birthday.year.map(|year| year.to_string()))),
        item(
            "birthday",
            "birthday",
            json!(day),
            json!({ "birthday_type": kind, "is_leap_month": false }),
        ),
        plain("gender", json!(user.gender)),
        plain("phone_number", json!(user.phone.map(phone))),
    ]
}

/// The URLs of the pictures are https ones if `secure`.
fn profile(request: &Request, user: &User, consented: &Grant, secure: bool) -> Value {
    let nickname_agreed = consented.has("profile_nickname");
    let image_agreed = consented.has("profile_image");
    let mut item = json!({
        "profile_nickname_needs_agreement": !nickname_agreed,
        "profile_image_needs_agreement": !image_agreed,
    });
    if nickname_agreed {
        item["profile"]["nickname"] = json!(nickname(user));
        item["profile"]["is_default_nickname"] = json!(user.nickname.is_none());
    }
    if image_agreed {
        for (name, size) in [("thumbnail_image_url", "110x110"), ("profile_image_url", "640x640")] {
            item["profile"][name] = json!(image(request, user, secure, size));
        }
        item["profile"]["is_default_image"] = json!(user.colour.is_none());
    }
    item
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

/// "20~29", and "90~" without an end.
fn age_range(from: u8) -> String {
    if from >= 90 { "90~".to_owned() } else { format!("{from}~{}", from + 9) }
}

/// `+821012345678` -> `+82 10-1234-5678`.
fn phone(e164: &str) -> String {
    let local = e164.trim_start_matches("+82");
    let (area, rest) = local.split_at(local.len().min(2));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(4));
    format!("+82 {area}-{middle}-{last}")
}
