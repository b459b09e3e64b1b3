//! The generic issuer's authorization endpoint.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Issuer, PLAY, PROVIDER};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients::{self, Secret};
use crate::pages::{self, Refusal};
use crate::signin;
use crate::world::{Shared, World};

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
    match wrong(query, &asked) {
        Some((error, description)) => signin::error(&world, &asked, error, Some(description)),
        None => signin::begin(&world, &ask, asked),
    }
}

/// What is wrong with a request whose redirect URI is good; the application is told (RFC 6749 §4.1.2.1).
fn wrong(query: &Params, asked: &Asked) -> Option<(&'static str, &'static str)> {
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
    let silent = query
        .get("prompt")
        .is_some_and(|prompt| prompt.split_whitespace().any(|word| word == "none"));
    silent.then_some(("login_required", "nobody is signed in"))
}

fn on_page(world: &World, issuer: &Issuer, ask: &Ask, code: &str, text: (&str, &str)) -> Response {
    let refusal =
        Refusal {
            code, title: ("This sign-in cannot go on", "로그인을 계속할 수 없습니다"), text
        };
    let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
    signin::refuse(world, &issuer.realm, page)
}
