//! The three ways to end GitHub's tokens: the application's with its secret, and one that anybody may use.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, post};
use serde::Deserialize;
use serde_json::json;

use super::REALM;
use super::api::{bad_credentials, error, nameless};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::same_account;
use crate::clients::{self, Secret};
use crate::faults::Fault;
use crate::world::{Shared, World};

const LIMIT: usize = 1000;

/// The endpoints.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/github/api/applications/{client}/grant", delete(grant))
        .route("/github/api/applications/{client}/token", delete(token))
        .route("/github/api/credentials/revoke", post(credentials))
}

#[derive(Deserialize)]
struct OneToken {
    access_token: String,
}

#[derive(Deserialize)]
struct Credentials {
    credentials: Vec<String>,
}

/// How much a request ends.
#[derive(Clone, Copy)]
enum Reach {
    Token,
    Grant,
}

async fn grant(State(world): State<Shared>, Path(client): Path<String>, ask: Ask) -> Response {
    answered(&world, &ask, || end(&world, &ask, &client, Reach::Grant))
}

async fn token(State(world): State<Shared>, Path(client): Path<String>, ask: Ask) -> Response {
    answered(&world, &ask, || end(&world, &ask, &client, Reach::Token))
}

async fn credentials(State(world): State<Shared>, ask: Ask) -> Response {
    let mut response = answered(&world, &ask, || give_up(&world, &ask));
    if response.status() == StatusCode::NO_CONTENT {
        response = answer::json(StatusCode::ACCEPTED, &json!({}));
    }
    response
}

fn answered(world: &World, ask: &Ask, step: impl Fn() -> Result<(), Refused>) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
    }
    let refusal = match nameless(ask) {
        Some(refusal) => refusal,
        None => match step() {
            Ok(()) => return answer::raw(StatusCode::NO_CONTENT, "application/json", ""),
            Err(refusal) => refusal.into_response(),
        },
    };
    world.refused(REALM);
    refusal
}

/// Basic with the application's id and secret. The bodies of the refusals are a guess.
fn end(world: &World, ask: &Ask, id: &str, reach: Reach) -> Result<(), Refused> {
    let (user, given) = ask.basic(world).ok_or_else(bad_credentials)?;
    let client = clients::find(REALM, id).filter(|client| match client.secret {
        Secret::None => false,
        Secret::Required(right) => user == id && given == right,
    });
    let client = client.ok_or_else(bad_credentials)?;
    let body: OneToken = ask.json().map_err(|_| invalid())?;
    let mut book = world.book();
    let grant = book.grant_of(REALM, &body.access_token);
    let grant = grant
        .filter(|grant| grant.client.id == client.id)
        .ok_or_else(|| error(StatusCode::NOT_FOUND, "Not Found", "/apps/oauth-applications"))?;
    match reach {
        Reach::Token => book.kill_access(&body.access_token),
        Reach::Grant => book.kill(|other| same_account(other, &grant)),
    }
    drop(book);
    world.ledger().counts(REALM).revocations += 1;
    Ok(())
}

/// No authentication: whoever holds a token may end it. Unknown ones are accepted without a word.
fn give_up(world: &World, ask: &Ask) -> Result<(), Refused> {
    let body: Credentials = ask.json().map_err(|_| invalid())?;
    if !(1..=LIMIT).contains(&body.credentials.len()) {
        return Err(invalid());
    }
    for token in &body.credentials {
        let mut book = world.book();
        let known = book.grant_of(REALM, token).is_some();
        book.kill_access(token);
        book.kill_refresh(token);
        drop(book);
        world.ledger().counts(REALM).revocations += u64::from(known);
    }
    Ok(())
}

fn invalid() -> Refused {
    error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed", "/credentials/revoke")
}
