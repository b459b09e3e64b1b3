//! Naver's token endpoint, whose errors come with HTTP 200, and its revocation by RFC 7009.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{ISSUER, REALM, subject};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::faults::Fault;
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives};
use crate::world::{Rotation, Shared, World};

/// How long a refresh token lives is not written down; a year is a guess.
const LIVES: Lives = Lives { access: 3600, refresh: 365 * 86_400 };

/// `POST /oauth2/token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    let granted = || grant(&world, &ask.form(&world).unwrap_or_default());
    answer::token_endpoint(&world, REALM, granted).await
}

/// The status is unconfirmed, and so are the words.
fn bad(code: &str, text: &str) -> Refused {
    error(StatusCode::OK, code, Some(text))
}

fn grant(world: &World, form: &Params) -> Result<Value, Refused> {
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, form),
        Some("refresh_token") => refresh(world, form),
        _ => Err(bad("unsupported_grant_type", "grant_type is not supported")),
    }
}

/// The secret is wanted always: with PKCE and for a refresh too.
fn authenticate(form: &Params) -> Option<&'static Client> {
    let client = clients::find(REALM, form.get("client_id")?)?;
    let right = match client.secret {
        Secret::None => true,
        Secret::Required(secret) => form.get("client_secret") == Some(secret),
    };
    right.then_some(client)
}

/// Client id or secret, missing or wrong.
pub fn wrong_pair() -> Refused {
    bad("invalid_client", "wrong client id / client secret pair")
}

/// Expired, revoked or never issued.
pub fn dead_grant() -> Refused {
    bad("invalid_request", "invalid refresh_token")
}

fn exchange(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form).ok_or_else(wrong_pair)?;
    let value = form.get("code").unwrap_or_default();
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now());
    let code = code.ok_or_else(|| bad("invalid_request", "no valid data in session"))?;
    // The redirect URI is no parameter here; the state of the request is one.
    if form.get("state") != code.state.as_deref() {
        return Err(bad("invalid_request", "state is missing or not that of the request"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    let minted = tokens::issue(&mut book, &code.grant, world.now(), LIVES, mint);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(json!({
        "access_token": minted.access,
        "refresh_token": minted.refresh,
        "token_type": "bearer",
        "expires_in": LIVES.access,
        "id_token": id_token(world, &code.grant),
    }))
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    good.then_some(()).ok_or_else(|| bad("invalid_grant", "code_verifier does not match"))
}

/// No refresh token comes, and `expires_in` is a string this time.
fn refresh(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form).ok_or_else(wrong_pair)?;
    let value = form.get("refresh_token").unwrap_or_default();
    let rotation = world.rotation(REALM).unwrap_or(Rotation::Keep);
    let (_, minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    world.ledger().counts(REALM).refresh_token += 1;
    let mut body = json!({
        "access_token": minted.access,
        "token_type": "bearer",
        "expires_in": LIVES.access.to_string(),
    });
    if let Some(refresh) = minted.refresh {
        body["refresh_token"] = json!(refresh);
    }
    Ok(body)
}

/// Access tokens have `+/=` in them.
fn mint() -> (String, String) {
    (
        format!("AAAA{}+/{}=", random::alphanumeric(60), random::alphanumeric(60)),
        random::alphanumeric(80),
    )
}

/// The algorithm and the claims are unconfirmed; the profile is read elsewhere.
fn id_token(world: &World, grant: &Grant) -> String {
    let claims = id_token::claims(world, grant, ISSUER, &subject(grant.person), LIVES.access);
    id_token::sign(world, &claims)
}

/// `POST /oauth2.0/revoke`: ends the pair, whichever of the two it was.
pub async fn revoke(State(world): State<Shared>, ask: Ask) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        let text = "Please try again later.";
        let code = StatusCode::SERVICE_UNAVAILABLE;
        return error(code, "temporarily_unavailable", Some(text)).into_response();
    }
    let form = ask.form(&world).unwrap_or_default();
    match end(&world, &form) {
        Ok(()) => answer::raw(StatusCode::OK, "application/json", ""),
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

fn end(world: &World, form: &Params) -> Result<(), Refused> {
    let client = authenticate(form).ok_or_else(|| {
        let text = "Client authentication failed.";
        error(StatusCode::UNAUTHORIZED, "unauthorized_client", Some(text))
    })?;
    let token = form.get("token").ok_or_else(|| {
        error(StatusCode::BAD_REQUEST, "invalid_request", Some("token is missing"))
    })?;
    let mut book = world.book();
    // Unknown and dead ones are a success too.
    let grant = book.grant_of(REALM, token).filter(|grant| grant.client.id == client.id);
    if let Some(grant) = grant {
        book.kill(|other| std::ptr::eq(other, &*grant));
        drop(book);
        world.ledger().counts(REALM).revocations += 1;
    }
    Ok(())
}
