//! The generic issuer's authorization endpoint.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Issuer, PLAY, PROVIDER};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients::{self, Secret};
use crate::faults::Fault;
use crate::pages::{self, Refusal};
use crate::signin;
use crate::world::{Shared, World};

/// `error` and `error_description`.
type Wrong = (&'static str, &'static str);

/// `GET authorize`.
pub async fn authorize(State(world): State<Shared>, issuer: Issuer, ask: Ask) -> Response {
    let query = &ask.query;
    let Some(client) = query.get("client_id").and_then(|id| clients::find(PROVIDER, id)) else {
        return on_page(
            &world,
            &issuer,
            &ask,
            "unauthorized_client",
            ("The client is not registered.", "등록되지 않은 클라이언트입니다."),
        );
    };
    let Some(redirect_uri) = query.get("redirect_uri").filter(|uri| client.allows(uri)) else {
        return on_page(
            &world,
            &issuer,
            &ask,
            "invalid_request",
            ("The redirect URI is not registered.", "등록되지 않은 리디렉션 URI입니다."),
        );
    };
    // Scopes that mean nothing here are ignored (OIDC Core 3.1.2.1).
    let mut asked = Asked::new(&issuer.realm, client, redirect_uri, query);
    asked.scopes.retain(|id| PLAY.scope(id).is_some());
    let refusal = wrong(query, &asked).or_else(|| offline(&world, query, &mut asked).err());
    match refusal {
        Some((error, description)) => signin::error(&world, &asked, error, Some(description)),
        None => signin::begin(&world, &ask, asked),
    }
}

/// Nobody stays signed in without being asked (OIDC Core 11): `offline_access` is ignored then.
fn offline(world: &World, query: &Params, asked: &mut Asked) -> Result<(), Wrong> {
    let offline = |id: &String| id == "offline_access";
    if prompts(query, "consent") || !asked.scopes.iter().any(offline) {
        return Ok(());
    }
    if world.has(&asked.realm, Fault::OfflineAccessRefused) {
        return Err(("invalid_request", "offline_access needs consent in prompt"));
    }
    asked.scopes.retain(|id| !offline(id));
    Ok(())
}

fn prompts(query: &Params, value: &str) -> bool {
    query.get("prompt").is_some_and(|prompt| prompt.split_whitespace().any(|word| word == value))
}

/// What is wrong with a request whose redirect URI is good; the application is told (RFC 6749 §4.1.2.1).
fn wrong(query: &Params, asked: &Asked) -> Option<Wrong> {
    if query.repeated().is_some() {
        return Some(("invalid_request", "a parameter stands there twice"));
    }
    if query.get("request").is_some() || query.get("request_uri").is_some() {
        return Some(("request_not_supported", "request objects are not supported"));
    }
    match query.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Some(("unsupported_response_type", "only the code flow is supported"));
        }
        None => return Some(("invalid_request", "response_type is missing")),
    }
    if asked.challenge.is_none() && asked.client.secret == Secret::None {
        return Some(("invalid_request", "public clients must use PKCE"));
    }
    if asked.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return Some(("invalid_request", "only S256 is supported as code_challenge_method"));
    }
    // Nobody is remembered, so nobody is signed in.
    prompts(query, "none").then_some(("login_required", "nobody is signed in"))
}

fn on_page(world: &World, issuer: &Issuer, ask: &Ask, code: &str, text: (&str, &str)) -> Response {
    let refusal =
        Refusal {
            code, title: ("This sign-in cannot go on", "로그인을 계속할 수 없습니다"), text
        };
    let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
    signin::refuse(world, &issuer.realm, page)
}
