//! What the generic issuer tells of a person, scope by scope (OIDC Core 5.4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::PROVIDER;
use crate::book::Grant;
use crate::faults::Fault;
use crate::id_token::merge;
use crate::people::{Birthday, Person};
use crate::world::World;

/// For the discovery document.
pub const SUPPORTED: [&str; 17] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "at_hash",
    "name",
    "nickname",
    "preferred_username",
    "picture",
    "birthdate",
    "gender",
    "email",
    "email_verified",
    "phone_number",
];

/// Pairwise: each issuer knows the person by another name.
pub fn subject(realm: &str, person: &Person) -> String {
    let hash = Sha256::digest(format!("{realm} {}", person.key));
    URL_SAFE_NO_PAD.encode(&hash[..15])
}

/// The claims of userinfo.
pub fn userinfo(world: &World, grant: &Grant) -> Value {
    let person = world.person_of(grant);
    let mut claims = json!({ "sub": subject(&grant.realm, person) });
    if grant.has("profile") {
        merge(&mut claims, profile(world, person));
    }
    if let Some(email) =
        person.email.filter(|_| grant.has("email") && !world.has(PROVIDER, Fault::EmailMissing))
    {
        let verified = email.verified && !world.has(PROVIDER, Fault::EmailUnverified);
        merge(&mut claims, json!({ "email": email.address, "email_verified": verified }));
    }
    if let Some(number) = person.phone.filter(|_| grant.has("phone")) {
        merge(&mut claims, json!({ "phone_number": number, "phone_number_verified": true }));
    }
    claims
}

/// What is not known is left out, not null (OIDC Core 5.3.2).
fn profile(world: &World, person: &Person) -> Value {
    let mut claims = json!({ "preferred_username": person.username, "updated_at": 1_790_000_000 });
    let mut tell = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims[name] = value;
        }
    };
    tell("name", person.nickname.map(|name| json!(name)));
    tell("nickname", person.nickname.map(|name| json!(name)));
    tell("birthdate", birthdate(person.birthday).map(|date| json!(date)));
    tell("gender", person.gender.map(|gender| json!(gender)));
    let pictured = person.colour.is_some() && !world.has(PROVIDER, Fault::PictureMissing);
    tell(
        "picture",
        pictured.then(|| json!(format!("{}/oidc/img/{}.webp", world.base, person.key))),
    );
    claims
}

/// `YYYY-MM-DD`, `0000-MM-DD` without a year, `YYYY` without a day (OIDC Core 5.1).
fn birthdate(birthday: Birthday) -> Option<String> {
    match (birthday.year, birthday.day.filter(|_| !birthday.lunar)) {
        (year, Some((month, day))) => Some(format!("{:04}-{month:02}-{day:02}", year.unwrap_or(0))),
        (Some(year), None) => Some(year.to_string()),
        (None, None) => None,
    }
}
