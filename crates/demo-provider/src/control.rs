//! The control endpoints under `/demo`, for tests. Each responds after the change took effect.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{any, get, put};
use image::ImageFormat;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::pictures::{self, Picture};
use crate::providers::PROVIDERS;
use crate::response::{self, Refusal};
use crate::state::ServerState;
use crate::users::User;

type Shared = State<Arc<ServerState>>;

/// The pictures that no fault changes.
pub fn pictures(state: &Arc<ServerState>) -> Router {
    Router::new().route("/demo/users/{key}", get(picture)).with_state(Arc::clone(state))
}

/// The control endpoints.
pub fn routes(state: &Arc<ServerState>) -> Router {
    Router::new()
        .route("/demo/faults", get(faults))
        .route("/demo/faults/{provider}", put(set_faults))
        .route("/demo/delay", put(set_delay))
        .route("/demo/request-log", get(request_log))
        .route("/demo/users/{key}", put(change_user))
        .route("/demo/elsewhere/{endpoint}", any(elsewhere))
        .with_state(Arc::clone(state))
}

async fn faults(State(state): Shared) -> Response {
    response::ok(&json!(state.faults()))
}

/// Replaces the faults of a provider; `[]` removes them.
async fn set_faults(
    State(state): Shared,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    known(&provider)?;
    let faults: BTreeSet<Fault> = parse(&body)?;
    state.set_faults(&provider, faults.clone());
    Ok(response::ok(&json!(faults)))
}

/// `PUT /demo/delay`: holds back every response by this many milliseconds, save those of the control endpoints.
async fn set_delay(State(state): Shared, body: Bytes) -> Result<Response, Refusal> {
    state.set_delay(parse(&body)?);
    Ok(response::ok(&json!({ "delay": state.delay().as_millis() })))
}

async fn request_log(State(state): Shared) -> Response {
    response::ok(&json!(state.request_log()))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    nickname: Option<String>,
    colour: Option<[u8; 3]>,
}

/// Changes nickname and picture (by the colour in its middle) at all providers.
async fn change_user(
    State(state): Shared,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let known =
        state.user(&key).ok_or_else(|| not_found(json!({ "error": format!("no user {key}") })))?;
    let change: Change = parse(&body)?;
    let nickname = change.nickname.map(|name| -> &'static str { name.leak() });
    let (nickname, colour) = (nickname.or(known.nickname), change.colour.or(known.colour));
    state.change_user(User { nickname, colour, ..known.clone() });
    Ok(response::ok(&json!({ "nickname": nickname, "colour": colour })))
}

async fn picture(State(state): Shared, Path(file): Path<String>) -> Response {
    match find_picture(&state, &file) {
        Some(picture) => response::raw(200, picture.format.to_mime_type(), picture.bytes),
        None => response::not_found(),
    }
}

fn find_picture(state: &ServerState, file: &str) -> Option<Picture> {
    let (name, extension) = file.rsplit_once('.')?;
    if let Some(index) = name.strip_prefix("embed-") {
        return pictures::embed(index.parse().ok()?);
    }
    pictures::of(state.user(name)?, 128, ImageFormat::from_extension(extension)?)
}

/// A token or a profile that only a client sees which follows redirects of these endpoints.
async fn elsewhere(Path(endpoint): Path<String>) -> Response {
    const FOLLOWED: &str = "redirects-were-followed";
    response::ok(&match endpoint.as_str() {
        "token" => json!({ "access_token": FOLLOWED, "token_type": "Bearer", "expires_in": 3600 }),
        _ => json!({ "id": "1", "sub": "1", "username": FOLLOWED, "name": FOLLOWED }),
    })
}

fn known(name: &str) -> Result<(), Refusal> {
    let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
    let known = names.contains(&name);
    let error = || json!({ "error": format!("no provider {name}"), "providers": names });
    known.then_some(()).ok_or_else(|| not_found(error()))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let body = json!({ "error": error.to_string() });
        Refusal::new(400, body)
    })
}

fn not_found(body: Value) -> Refusal {
    Refusal::new(404, body)
}
