//! Google's token and revocation endpoints.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{EMAIL, ISSUER, PLAY, PROFILE, REALM, device, email, picture, subject};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant, same_account};
use crate::clients::{self, Client, Secret};
use crate::device::GRANT_TYPE;
use crate::faults::Fault;
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

const LIVES: Lives = Lives {
    access: 3599,
    // Six months without use end it; counting from issue is close enough here.
    refresh: 180 * 86_400,
};
/// Per account and client id; the oldest dies without a word.
const REFRESH_LIMIT: usize = 100;

/// `POST /token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = answer::before_token(&world, REALM).await {
        return fault;
    }
    // Google's endpoint is lenient about much, but what it documents is a form.
    let form = ask.form(&world).unwrap_or_default();
    grant(&world, &ask, &form).unwrap_or_else(|refusal| {
        world.refused(REALM);
        refusal.into_response()
    })
}

fn bad(code: &str, text: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, code, Some(text))
}

fn grant(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, ask, form),
        Some("refresh_token") => refresh(world, ask, form),
        Some(GRANT_TYPE) => {
            let client = authenticate(world, ask, form)?;
            let grant = device::redeem(world, client, form)?;
            Ok(answer::token(world, REALM, issue(world, &grant)))
        }
        Some(other) => Err(bad("unsupported_grant_type", &format!("Invalid grant_type: {other}"))),
        None => Err(bad("invalid_request", "Required parameter is missing: grant_type")),
    }
}

/// The secret of a Desktop client is no secret, and yet nothing goes without it.
fn authenticate(world: &World, ask: &Ask, form: &Params) -> Result<&'static Client, Refused> {
    let basic = ask.basic(world);
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (form.get("client_id"), form.get("client_secret")),
    };
    let id =
        id.ok_or_else(|| bad("invalid_request", "Could not determine client ID from request."))?;
    let client = clients::find(REALM, id).ok_or_else(|| {
        error(StatusCode::UNAUTHORIZED, "invalid_client", Some("The OAuth client was not found."))
    })?;
    match (client.secret, secret) {
        (Secret::Required(_), None) => Err(bad("invalid_request", "client_secret is missing.")),
        (Secret::Required(right), Some(given)) if right != given => Err((PLAY.invalid_client)()),
        (Secret::None | Secret::Required(_), _) => Ok(client),
    }
}

fn exchange(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form
        .get("code")
        .ok_or_else(|| bad("invalid_request", "Missing required parameter: code"))?;
    let mut book = world.book();
    // Unknown, expired and used codes look alike, except for those that do not even look like one.
    let looks = if value.starts_with("4/") { "Bad Request" } else { "Malformed auth code." };
    let code =
        book.code(REALM, client, value, world.now()).ok_or_else(|| bad("invalid_grant", looks))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(bad("redirect_uri_mismatch", "Bad Request"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(answer::token(world, REALM, issue(world, &code.grant)))
}

/// Tokens for what a person has just allowed.
fn issue(world: &World, grant: &Arc<Grant>) -> Value {
    let (now, mut book) = (world.now(), world.book());
    let minted = tokens::issue(&mut book, grant, now, LIVES, mint);
    book.trim_refresh(grant, REFRESH_LIMIT);
    drop(book);
    body(world, grant, &minted)
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(bad("invalid_grant", "Missing code verifier.")),
        (None, Some(_)) => Err(bad("invalid_grant", "code_verifier or verifier is not needed.")),
        (Some(challenge), Some(verifier)) => {
            let good = crate::pkce::is_well_formed(verifier) && challenge.fits(verifier);
            good.then_some(()).ok_or_else(|| bad("invalid_grant", "Invalid code verifier."))
        }
    }
}

fn refresh(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form
        .get("refresh_token")
        .ok_or_else(|| bad("invalid_request", "Missing required parameter: refresh_token"))?;
    // Google sends none on refresh; a test can make it rotate, because a client must take a new one if it comes.
    let rotation = world.rotation(REALM).unwrap_or(Rotation::Keep);
    let (grant, minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    world.ledger().counts(REALM).refresh_token += 1;
    Ok(answer::token(world, REALM, body(world, &grant, &minted)))
}

/// Expired, revoked or never issued.
pub fn dead_grant() -> Refused {
    bad("invalid_grant", "Token has been expired or revoked.")
}

/// Access tokens begin with `ya29.`, refresh tokens with `1//`.
fn mint() -> (String, String) {
    (format!("ya29.a0{}", random::base64url(180)), format!("1//0{}", random::base64url(98)))
}

fn body(world: &World, grant: &Grant, minted: &Minted) -> Value {
    let mut body = json!({
        "access_token": minted.access,
        "expires_in": LIVES.access,
        "scope": grant.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh) = &minted.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if ["openid", EMAIL, PROFILE].iter().any(|scope| grant.has(scope)) {
        body["id_token"] = json!(id_token(world, grant, &minted.access));
    }
    body
}

fn id_token(world: &World, grant: &Grant, access_token: &str) -> String {
    let person = world.person_of(grant);
    let mut claims = id_token::claims(world, grant, ISSUER, &subject(person), 3600);
    claims["azp"] = json!(grant.client.id);
    id_token::bind(&mut claims, access_token);
    if grant.has(EMAIL) {
        id_token::merge(&mut claims, email(world, person));
    }
    if grant.has(PROFILE) {
        id_token::merge(&mut claims, super::userinfo::names(person));
        let picture =
            picture(world, person).filter(|_| !world.has(REALM, Fault::IdTokenWithoutPicture));
        id_token::merge(&mut claims, picture.map_or(json!({}), |url| json!({ "picture": url })));
    }
    id_token::sign(world, &claims)
}

/// `POST /revoke?token=` or in the body: ends the whole grant of the project, whichever token it was.
pub async fn revoke(State(world): State<Shared>, ask: Ask) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
    }
    let form = ask.form(&world).unwrap_or_default();
    let token = ask.query.get("token").or_else(|| form.get("token")).unwrap_or_default();
    let mut book = world.book();
    let Some(grant) = book.grant_of(REALM, token) else {
        drop(book);
        world.refused(REALM);
        return bad("invalid_token", "Token expired or revoked").into_response();
    };
    book.kill(|other| same_account(other, &grant));
    book.consents(REALM, grant.client, grant.person).clear();
    drop(book);
    world.ledger().counts(REALM).revocations += 1;
    answer::json(StatusCode::OK, &json!({}))
}
