//! LINE's profile, its userinfo, and its pictures.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{REALM, subject};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::Grant;
use crate::faults::Fault;
use crate::id_token;
use crate::people::Person;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// What is read with a bearer, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/line/v2/profile", get(profile))
        .route("/line/oauth2/v2.1/userinfo", get(userinfo).post(userinfo))
        .route("/line/img/{key}", get(image))
}

/// The shape of errors of LINE's APIs.
pub fn message(status: StatusCode, text: &str) -> Refused {
    Refused { status, body: json!({ "message": text }) }
}

/// The word for a bearer that is not good.
pub fn expired() -> Refused {
    message(StatusCode::UNAUTHORIZED, "The access token expired")
}

/// The words for a missing scope are a guess.
fn bearer(world: &World, ask: &Ask, scope: &str) -> Result<Arc<Grant>, Refused> {
    let book = world.book();
    let token = ask.bearer().and_then(|token| book.access(REALM, token));
    let good = token.filter(|token| token.expires > world.now()).ok_or_else(expired)?;
    let lacks = || message(StatusCode::FORBIDDEN, "The access token lacks a required scope");
    good.grant.has(scope).then(|| Arc::clone(&good.grant)).ok_or_else(lacks)
}

/// Name and picture, as the id_token and userinfo call them. Everybody has a name there.
pub fn names(world: &World, person: &Person) -> Value {
    let mut names = json!({ "name": person.shown_name() });
    if let Some(url) = picture(world, person) {
        names["picture"] = json!(url);
    }
    names
}

fn picture(world: &World, person: &Person) -> Option<String> {
    person.colour.filter(|_| !world.has(REALM, Fault::PictureMissing))?;
    Some(format!("{}/line/img/{}", world.base, person.key))
}

async fn profile(State(world): State<Shared>, ask: Ask) -> Response {
    let grant = match bearer(&world, &ask, "profile") {
        Ok(grant) => grant,
        Err(refusal) => return refusal.into_response(),
    };
    let person = world.person_of(&grant);
    let mut body = json!({ "userId": subject(person), "displayName": person.shown_name() });
    if let Some(url) = picture(&world, person) {
        body["pictureUrl"] = json!(url);
    }
    if person.nickname.is_some() {
        body["statusMessage"] = json!(person.about.0);
    }
    answer::profile(&world, REALM, body).await
}

async fn userinfo(State(world): State<Shared>, ask: Ask) -> Response {
    let grant = match bearer(&world, &ask, "openid") {
        Ok(grant) => grant,
        Err(refusal) => return refusal.into_response(),
    };
    let mut claims = json!({ "sub": subject(grant.person) });
    if grant.has("profile") {
        id_token::merge(&mut claims, names(&world, world.person_of(&grant)));
    }
    answer::profile(&world, REALM, claims).await
}

async fn image(State(world): State<Shared>, Path(key): Path<String>, uri: Uri) -> Response {
    let picture = world.person(&key).and_then(|person| pictures::of(person, 240, Format::Jpeg));
    answer::picture(&world, REALM, uri.path(), picture).await
}
