//! What Facebook's Graph tells of a person: only what `fields` asks for. And the end of it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{REALM, refused, subject};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::{Grant, same_account};
use crate::faults::Fault;
use crate::people::Person;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// How long an address of a picture is good; the real time is unconfirmed.
const PICTURE_LIFE: i64 = 14 * 86_400;
/// What stands in the address of the grey figure.
const NOBODY: &str = "silhouette";

/// What is read and ended with a token, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/facebook/graph/v24.0/me", get(me))
        .route("/facebook/graph/v24.0/me/permissions", delete(permissions))
        .route("/facebook/picture/{key}", get(picture))
}

/// The word for a token that is not good.
pub fn dead_token() -> Refused {
    let mut refusal =
        refused(190, "Error validating access token: The session is invalid or has expired.");
    refusal.body["error"]["error_subcode"] = json!(463);
    refusal
}

/// In the header or in the query.
fn bearer(world: &World, ask: &Ask) -> Result<Arc<Grant>, Refused> {
    let words = "An active access token must be used to query information about the current user.";
    let token = ask.bearer().or_else(|| ask.query.get("access_token"));
    let token = token.ok_or_else(|| refused(2500, words))?;
    world.ledger().received("access_token", token);
    let book = world.book();
    let good = book.access(REALM, token).filter(|token| token.expires > world.now());
    good.map(|token| Arc::clone(&token.grant)).ok_or_else(dead_token)
}

async fn me(State(world): State<Shared>, ask: Ask) -> Response {
    let fields = ask.query.get("fields").unwrap_or("id,name");
    match bearer(&world, &ask).and_then(|grant| profile(&world, &grant, fields)) {
        Ok(body) => answer::profile(&world, REALM, body).await,
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

/// `id` always comes; what was not granted or not given is absent.
fn profile(world: &World, grant: &Grant, fields: &str) -> Result<Value, Refused> {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(subject(grant.person)));
    for field in fields.split(',').map(str::trim) {
        // `picture.type(large)`, `picture{url}`: what follows the name shapes it.
        let name = field.split(['.', '{']).next().unwrap_or_default();
        let value = value(world, grant, name, field)?;
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    }
    Ok(Value::Object(body))
}

fn value(world: &World, grant: &Grant, name: &str, field: &str) -> Result<Option<Value>, Refused> {
    let person = world.person_of(grant);
    let names = names(person);
    let after = |scope: &str, value: Option<Value>| value.filter(|_| grant.has(scope));
    Ok(match name {
        "id" => Some(json!(subject(person))),
        "name" => Some(names["name"].clone()),
        "first_name" => Some(names["given_name"].clone()),
        "last_name" => names.get("family_name").cloned(),
        "email" => email(world, grant).map(|email| json!(email)),
        "picture" => Some(picture_data(world, person, field)),
        "birthday" => after("user_birthday", birthday(person).map(|day| json!(day))),
        "gender" => after("user_gender", person.gender.map(|gender| json!(gender))),
        "age_range" => after("user_age_range", person.age_from.map(|_| json!({ "min": 21 }))),
        _ => {
            let text =
                format!("(#100) Tried accessing nonexisting field ({name}) on node type (User)");
            return Err(refused(100, &text));
        }
    })
}

/// Everybody has a name there.
pub fn names(person: &Person) -> Value {
    let name = person.shown_name();
    match name.split_once(' ') {
        Some((given, family)) => {
            json!({ "name": name, "given_name": given, "family_name": family })
        }
        None => json!({ "name": name, "given_name": name }),
    }
}

/// Absent for who has none, and for who left it out.
pub fn email(world: &World, grant: &Grant) -> Option<&'static str> {
    let wanted = grant.has("email") && !world.has(REALM, Fault::EmailMissing);
    grant.person.email.filter(|_| wanted).map(|email| email.address)
}

/// `MM/DD/YYYY`, or the piece that there is.
fn birthday(person: &Person) -> Option<String> {
    match (person.birthday.day, person.birthday.year) {
        (Some((month, day)), Some(year)) => Some(format!("{month:02}/{day:02}/{year}")),
        (Some((month, day)), None) => Some(format!("{month:02}/{day:02}")),
        (None, Some(year)) => Some(year.to_string()),
        (None, None) => None,
    }
}

fn is_silhouette(world: &World, person: &Person) -> bool {
    person.colour.is_none() || world.has(REALM, Fault::PictureMissing)
}

fn picture_data(world: &World, person: &Person, field: &str) -> Value {
    let side = if field.contains("large") { 200 } else { 50 };
    json!({ "data": {
        "height": side,
        "width": side,
        "is_silhouette": is_silhouette(world, person),
        "url": picture_url(world, person),
    } })
}

/// The address ends at `ext`, and cannot be made to last longer.
pub fn picture_url(world: &World, person: &Person) -> String {
    let key = if is_silhouette(world, person) { NOBODY } else { person.key };
    let ends = world.now() + PICTURE_LIFE;
    let hash = seal(key, &ends.to_string());
    format!("{}/facebook/picture/{key}?height=200&width=200&ext={ends}&hash={hash}", world.base)
}

fn seal(key: &str, ends: &str) -> String {
    let hash = Sha256::digest(format!("{REALM} {key} {ends}"));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

async fn picture(
    State(world): State<Shared>,
    Path(key): Path<String>,
    uri: Uri,
    ask: Ask,
) -> Response {
    let ends = ask.query.get("ext").unwrap_or_default();
    let sealed = ask.query.get("hash") == Some(seal(&key, ends).as_str());
    if !sealed || ends.parse::<i64>().is_ok_and(|ends| ends <= world.now()) {
        return answer::raw(StatusCode::FORBIDDEN, "text/plain", "URL signature expired");
    }
    let picture = match world.person(&key) {
        Some(person) => pictures::of(person, 200, Format::Jpeg),
        None => pictures::embed(1).filter(|_| key == NOBODY),
    };
    answer::picture(&world, REALM, uri.path(), picture).await
}

/// `DELETE /me/permissions`: the app is nothing to the person any more.
async fn permissions(State(world): State<Shared>, ask: Ask) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
    }
    let grant = match bearer(&world, &ask) {
        Ok(grant) => grant,
        Err(refusal) => {
            world.refused(REALM);
            return refusal.into_response();
        }
    };
    let mut book = world.book();
    book.kill(|other| same_account(other, &grant));
    book.consents(REALM, grant.client, grant.person).clear();
    drop(book);
    world.ledger().counts(REALM).revocations += 1;
    answer::json(StatusCode::OK, &json!({ "success": true }))
}
