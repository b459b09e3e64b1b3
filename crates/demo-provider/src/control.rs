//! What tests turn and read, under `/demo`. Every answer comes after the change took place.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, put};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{self, json as answer_json};
use crate::ask::Ask;
use crate::faults::Fault;
use crate::people::Person;
use crate::pictures::{self, Format, Picture};
use crate::play::PLAYS;
use crate::world::{Rotation, Shared, World};

/// The control endpoints, and the pictures that no fault reaches.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/demo/faults", get(faults))
        .route("/demo/faults/{provider}", put(set_faults))
        .route("/demo/rotation/{provider}", put(set_rotation))
        .route("/demo/clock", put(set_clock))
        .route("/demo/ledger", get(ledger))
        .route("/demo/people/{key}", get(picture).put(change))
        .route("/demo/elsewhere/token", axum::routing::any(elsewhere_token))
        .route("/demo/elsewhere/profile", axum::routing::any(elsewhere_profile))
}

async fn faults(State(world): State<Shared>) -> Response {
    answer_json(StatusCode::OK, &json!(world.faults()))
}

/// Replaces the set; `[]` clears it.
async fn set_faults(
    State(world): State<Shared>,
    Path(provider): Path<String>,
    ask: Ask,
) -> Response {
    if !known(&provider) {
        return unknown(&provider);
    }
    match ask.json::<BTreeSet<Fault>>() {
        Ok(faults) => {
            world.set_faults(&provider, faults.clone());
            answer_json(StatusCode::OK, &json!(faults))
        }
        Err(error) => bad(&error.to_string()),
    }
}

/// `"at_once"`, `"on_use"` or `"keep"`.
async fn set_rotation(
    State(world): State<Shared>,
    Path(provider): Path<String>,
    ask: Ask,
) -> Response {
    if !known(&provider) {
        return unknown(&provider);
    }
    match ask.json::<Rotation>() {
        Ok(rotation) => {
            world.set_rotation(&provider, rotation);
            answer_json(StatusCode::OK, &json!(rotation))
        }
        Err(error) => bad(&error.to_string()),
    }
}

/// A number of seconds to put the clock forward by; it cannot go back.
async fn set_clock(State(world): State<Shared>, ask: Ask) -> Response {
    match ask.json::<u32>() {
        Ok(seconds) => {
            world.advance(i64::from(seconds));
            answer_json(StatusCode::OK, &json!({ "now": world.now() }))
        }
        Err(error) => bad(&error.to_string()),
    }
}

async fn ledger(State(world): State<Shared>) -> Response {
    let ledger = world.ledger().clone();
    answer_json(StatusCode::OK, &json!(ledger))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    nickname: Option<String>,
    colour: Option<[u8; 3]>,
}

/// Another nickname, another picture (by the colour in its middle), at every provider at once.
async fn change(State(world): State<Shared>, Path(key): Path<String>, ask: Ask) -> Response {
    let Some(known) = world.person(&key) else {
        let body = json!({ "error": format!("no person {key}") });
        return answer_json(StatusCode::NOT_FOUND, &body);
    };
    match ask.json::<Change>() {
        Ok(change) => {
            let nickname = change.nickname.map(|name| -> &'static str { name.leak() });
            let (nickname, colour) = (nickname.or(known.nickname), change.colour.or(known.colour));
            world.change(Person { nickname, colour, ..known.clone() });
            answer_json(StatusCode::OK, &json!({ "nickname": nickname, "colour": colour }))
        }
        Err(error) => bad(&error.to_string()),
    }
}

async fn picture(State(world): State<Shared>, Path(file): Path<String>) -> Response {
    match plain(&world, &file) {
        Some(picture) => answer::raw(StatusCode::OK, picture.format.mime(), picture.bytes),
        None => answer::raw(StatusCode::NOT_FOUND, "text/plain", "not found"),
    }
}

fn plain(world: &World, file: &str) -> Option<Picture> {
    let (name, extension) = file.rsplit_once('.')?;
    if let Some(index) = name.strip_prefix("embed-") {
        return pictures::embed(index.parse().ok()?);
    }
    pictures::of(world.person(name)?, 128, Format::of(extension)?)
}

/// A token that only a client which follows redirects of a token endpoint gets to see.
async fn elsewhere_token() -> Response {
    let body = json!({ "access_token": "redirects-were-followed", "token_type": "Bearer", "expires_in": 3600 });
    answer_json(StatusCode::OK, &body)
}

async fn elsewhere_profile() -> Response {
    answer_json(
        StatusCode::OK,
        &json!({ "id": "1", "sub": "1", "username": "redirects-were-followed", "name": "redirects-were-followed" }),
    )
}

fn known(provider: &str) -> bool {
    PLAYS.iter().any(|play| play.name == provider)
}

fn unknown(provider: &str) -> Response {
    let names: Vec<&str> = PLAYS.iter().map(|play| play.name).collect();
    let body: Value = json!({ "error": format!("no provider {provider}"), "providers": names });
    answer_json(StatusCode::NOT_FOUND, &body)
}

fn bad(reason: &str) -> Response {
    answer_json(StatusCode::BAD_REQUEST, &json!({ "error": reason }))
}
