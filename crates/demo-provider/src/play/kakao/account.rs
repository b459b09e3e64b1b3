//! `kakao_account`: what is told of a person, item by item, as far as the person agreed.

use serde_json::{Value, json};

use super::REALM;
use crate::faults::Fault;
use crate::id_token::merge;
use crate::people::{Email, Person};
use crate::world::World;

/// The two sizes of a picture.
#[derive(Debug)]
pub struct Images {
    /// 640 pixels.
    pub image: String,
    /// 110 pixels.
    pub thumbnail: String,
    /// Nobody chose it.
    pub is_default: bool,
}

/// The items of the account, each in its own object: `(name as in property_keys, members)`.
pub fn items(
    world: &World,
    person: &Person,
    scopes: &[String],
    secure: bool,
) -> Vec<(&'static str, Value)> {
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    vec![
        ("profile", profile(world, person, has("profile_nickname"), has("profile_image"), secure)),
        ("name", item("name", has("name"), Some(json!(person.shown_name())))),
        ("email", email_item(world, person, has("account_email"))),
        ("age_range", item("age_range", has("age_range"), person.age_from.map(age_range))),
        (
            "birthyear",
            item(
                "birthyear",
                has("birthyear"),
                person.birthday.year.map(|year| json!(year.to_string())),
            ),
        ),
        ("birthday", birthday(person, has("birthday"))),
        ("gender", item("gender", has("gender"), person.gender.map(|gender| json!(gender)))),
        ("phone_number", item("phone_number", has("phone_number"), person.phone.map(phone))),
    ]
}

/// `X_needs_agreement` is true where there is a value and no consent; then `X` itself is absent.
fn item(name: &str, agreed: bool, value: Option<Value>) -> Value {
    let mut object = json!({ format!("{name}_needs_agreement"): value.is_some() && !agreed });
    if let Some(value) = value.filter(|_| agreed) {
        object[name] = value;
    }
    object
}

fn profile(
    world: &World,
    person: &Person,
    nickname_agreed: bool,
    image_agreed: bool,
    secure: bool,
) -> Value {
    let mut profile = json!({});
    if nickname_agreed {
        merge(
            &mut profile,
            json!({ "nickname": nickname(person), "is_default_nickname": person.nickname.is_none() }),
        );
    }
    if image_agreed {
        let images = images(world, person, secure);
        merge(
            &mut profile,
            json!({
                "thumbnail_image_url": images.thumbnail,
                "profile_image_url": images.image,
                "is_default_image": images.is_default,
            }),
        );
    }
    let mut object = json!({
        "profile_nickname_needs_agreement": !nickname_agreed,
        "profile_image_needs_agreement": !image_agreed,
    });
    if nickname_agreed || image_agreed {
        object["profile"] = profile;
    }
    object
}

/// Who never chose one is asked to.
pub fn nickname(person: &Person) -> &'static str {
    person.nickname.unwrap_or("닉네임을 등록해주세요")
}

/// Plain http at Kakao's image host unless `secure_resource=true`. The secure form would be https there; the
/// demo has no certificate, so it gives its own loopback URL.
pub fn images(world: &World, person: &Person, secure: bool) -> Images {
    let own = person.colour.is_some() && !world.has(REALM, Fault::PictureMissing);
    let folder = if own { person.key } else { "default" };
    let root = if secure {
        format!("{}/kakao/img", world.base)
    } else {
        "http://k.kakaocdn.net/dn/demo".to_owned()
    };
    Images {
        image: format!("{root}/{folder}/img_640x640.jpg"),
        thumbnail: format!("{root}/{folder}/img_110x110.jpg"),
        is_default: !own,
    }
}

/// The account's address.
pub fn email(world: &World, person: &Person) -> Option<Email> {
    let mut email = person.email.filter(|_| !world.has(REALM, Fault::EmailMissing))?;
    email.verified &= !world.has(REALM, Fault::EmailUnverified);
    Some(email)
}

fn email_item(world: &World, person: &Person, agreed: bool) -> Value {
    let email = email(world, person);
    let mut object = item("email", agreed, email.map(|email| json!(email.address)));
    if let Some(email) = email.filter(|_| agreed) {
        merge(
            &mut object,
            json!({ "is_email_valid": email.valid, "is_email_verified": email.verified }),
        );
    }
    object
}

/// "20~29", and "90~" without an end.
fn age_range(from: u8) -> Value {
    if from >= 90 { json!("90~") } else { json!(format!("{from}~{}", from + 9)) }
}

fn birthday(person: &Person, agreed: bool) -> Value {
    let birthday = person.birthday;
    let mut object = item(
        "birthday",
        agreed,
        birthday.day.map(|(month, day)| json!(format!("{month:02}{day:02}"))),
    );
    if birthday.day.is_some() && agreed {
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
