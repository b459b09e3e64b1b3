//! Naver's profile, in its envelope, and its pictures.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::{REALM, subject};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::Grant;
use crate::faults::Fault;
use crate::people::Person;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// What is read with a bearer, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/naver/openapi/v1/nid/me", get(me).post(me))
        .route("/naver/img/{file}", get(image))
}

fn failure(code: &str, message: &str) -> Refused {
    let body = json!({ "resultcode": code, "message": message });
    Refused { status: StatusCode::UNAUTHORIZED, body }
}

/// The word for a bearer that is not good.
pub fn failed() -> Refused {
    failure("024", "Authentication failed (인증에 실패했습니다.)")
}

/// Too many requests; the body is that of Naver's other APIs, for this one it is a guess.
pub fn too_many() -> Refused {
    let body = json!({ "errorMessage": "Rate limit exceeded.", "errorCode": "012" });
    Refused { status: StatusCode::TOO_MANY_REQUESTS, body }
}

fn bearer(world: &World, ask: &Ask) -> Result<Arc<Grant>, Refused> {
    let absent =
        || failure("028", "Authentication header not exists (OAuth 인증 헤더가 없습니다.)");
    let token = ask.bearer().ok_or_else(absent)?;
    let book = world.book();
    let good = book.access(REALM, token).filter(|token| token.expires > world.now());
    good.map(|token| Arc::clone(&token.grant)).ok_or_else(failed)
}

async fn me(State(world): State<Shared>, ask: Ask) -> Response {
    let grant = match bearer(&world, &ask) {
        Ok(grant) => grant,
        Err(refusal) => return refusal.into_response(),
    };
    let envelope =
        |profile| json!({ "resultcode": "00", "message": "success", "response": profile });
    answer::profile_in(&world, REALM, profile(&world, &grant), envelope).await
}

/// Items that were agreed to and that the account has; there is no word on whether the address is verified.
fn profile(world: &World, grant: &Grant) -> Value {
    let person = world.person_of(grant);
    let mut profile = Map::new();
    profile.insert("id".to_owned(), json!(subject(person)));
    let mut tell = |item: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| grant.has(item)) {
            profile.insert(item.to_owned(), json!(value));
        }
    };
    tell("nickname", Some(person.nickname.map_or_else(|| hidden(person), str::to_owned)));
    tell("name", person.nickname.map(str::to_owned));
    let email = person.email.filter(|_| !world.has(REALM, Fault::EmailMissing));
    tell("email", email.map(|email| email.address.to_owned()));
    let pictured = person.colour.is_some() && !world.has(REALM, Fault::PictureMissing);
    let picture = format!("{}/naver/img/{}.jpg", world.base, person.key);
    tell("profile_image", pictured.then_some(picture));
    tell("gender", Some(gender(person).to_owned()));
    tell("age", person.age_from.map(age));
    let day = person.birthday.day;
    tell("birthday", day.map(|(month, day)| format!("{month:02}-{day:02}")));
    tell("birthyear", person.birthday.year.map(|year| year.to_string()));
    tell("mobile", person.phone.map(mobile));
    Value::Object(profile)
}

/// Who never chose a nickname is shown as the beginning of the id: `sol***`.
fn hidden(person: &Person) -> String {
    person.username.chars().take(3).chain("***".chars()).collect()
}

fn gender(person: &Person) -> &'static str {
    match person.gender {
        Some("female") => "F",
        Some("male") => "M",
        _ => "U",
    }
}

/// `20-29`, and `60-` at the end.
fn age(from: u8) -> String {
    if from >= 60 { "60-".to_owned() } else { format!("{from}-{}", from + 9) }
}

/// `+821012345678` -> `010-1234-5678`.
fn mobile(number: &str) -> String {
    let home =
        number.strip_prefix("+82").map_or_else(|| number.to_owned(), |rest| format!("0{rest}"));
    match (home.get(..3), home.get(3..7), home.get(7..)) {
        (Some(first), Some(second), Some(third)) => format!("{first}-{second}-{third}"),
        _ => home,
    }
}

async fn image(State(world): State<Shared>, Path(file): Path<String>, uri: Uri) -> Response {
    let person = file.strip_suffix(".jpg").and_then(|key| world.person(key));
    let picture = person.and_then(|person| pictures::of(person, 240, Format::Jpeg));
    answer::picture(&world, REALM, uri.path(), picture).await
}
