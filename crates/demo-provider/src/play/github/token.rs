//! GitHub's token endpoint: every answer with HTTP 200, errors too.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::{OFFLINE, REALM, device, encoded, refuse, refused};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::device::GRANT_TYPE;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

/// Eight hours and six months. Of GitHub Apps both are documented, of OAuth apps the first is
/// reported and the second a guess.
const EXPIRING: Lives = Lives { access: 28_800, refresh: 15_897_600 };
/// The other tokens of an OAuth app do not end; a century is as good.
const LIVES: Lives = Lives { access: 100 * 365 * 86_400, refresh: 0 };
const TROUBLE: &str =
    "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

/// `POST /login/oauth/access_token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = answer::before_token(&world, REALM).await {
        return fault;
    }
    let form = ask.form(&world).unwrap_or_default();
    match grant(&world, &form) {
        Ok(body) => answer::token_as(&world, REALM, body, |body| encoded(&ask, body)),
        Err(refusal) => refuse(&world, &ask, &refusal),
    }
}

fn grant(world: &World, form: &Params) -> Result<Value, Refused> {
    match form.get("grant_type") {
        // The web flow's table names no grant type.
        None | Some("authorization_code") => exchange(world, form),
        Some("refresh_token") => refresh(world, form),
        Some(GRANT_TYPE) => device::redeem(world, form),
        // The code is documented, the words are a guess.
        Some(_) => Err(refused("unsupported_grant_type", "The grant type is not supported.", "")),
    }
}

/// The secret is needed in the web flow, PKCE or not: GitHub tells public clients and others not apart.
fn authenticate(form: &Params) -> Result<&'static Client, Refused> {
    let client = form.get("client_id").and_then(|id| clients::find(REALM, id));
    let good = |client: &&Client| match client.secret {
        Secret::None => true,
        Secret::Required(right) => form.get("client_secret") == Some(right),
    };
    client.filter(good).ok_or_else(incorrect_client_credentials)
}

/// Client id and secret, missing or wrong.
pub fn incorrect_client_credentials() -> Refused {
    refused(
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
        &format!("{TROUBLE}#incorrect-client-credentials"),
    )
}

/// Expired, used or never issued.
pub fn bad_refresh_token() -> Refused {
    refused(
        "bad_refresh_token",
        "The refresh token passed is incorrect or expired.",
        "https://docs.github.com",
    )
}

fn bad_code() -> Refused {
    refused(
        "bad_verification_code",
        "The code passed is incorrect or expired.",
        &format!("{TROUBLE}#bad-verification-code"),
    )
}

fn exchange(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form)?;
    let value = form.get("code").unwrap_or_default();
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now()).ok_or_else(bad_code)?;
    // It may be left out; where it stands, it must be the one of the request.
    if form.get("redirect_uri").is_some_and(|uri| uri != code.redirect_uri) {
        return Err(refused(
            "redirect_uri_mismatch",
            "The redirect_uri MUST match the registered callback URL for this application.",
            &format!("{TROUBLE}#redirect-uri-mismatch2"),
        ));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    check_email(&code.grant)?;
    book.spend(value);
    let minted = mint(&code.grant);
    file(&mut book, &code.grant, &minted, world.now());
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(body(&code.grant, &minted))
}

/// GitHub's words about a verifier are written nowhere; that the code is called bad is a guess.
fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier) {
        (None, _) => true,
        (Some(challenge), Some(verifier)) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        (Some(_), None) => false,
    };
    good.then_some(()).ok_or_else(bad_code)
}

/// Who has not confirmed the primary address gets no application a token.
pub fn check_email(grant: &Grant) -> Result<(), Refused> {
    if grant.person.email.is_none_or(|email| email.verified) {
        return Ok(());
    }
    Err(refused(
        "unverified_user_email",
        "The user must have a verified primary email.",
        &format!("{TROUBLE}#unverified_user_email"),
    ))
}

fn refresh(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form)?;
    let value = form.get("refresh_token").unwrap_or_default();
    let rotation = world.rotation(REALM).unwrap_or(Rotation::AtOnce);
    let mint = match client.id {
        clients::GITHUB_APP => app_tokens,
        _ => oauth_tokens,
    };
    let (grant, minted) = tokens::refresh(world, REALM, client, value, rotation, EXPIRING, mint)
        .ok_or_else(bad_refresh_token)?;
    world.ledger().counts(REALM).refresh_token += 1;
    Ok(body(&grant, &minted))
}

/// Tokens in the format of this kind of application.
pub fn mint(grant: &Grant) -> Minted {
    let (access, refresh) = match grant.client.id {
        clients::GITHUB_APP => app_tokens(),
        _ => oauth_tokens(),
    };
    Minted { access, refresh: expires(grant).then_some(refresh) }
}

/// Those of a GitHub App expire, and those of an OAuth app by its settings or by a scope.
fn expires(grant: &Grant) -> bool {
    matches!(grant.client.id, clients::GITHUB_APP | clients::GITHUB_EXPIRING) || grant.has(OFFLINE)
}

fn app_tokens() -> (String, String) {
    (format!("ghu_{}", random::alphanumeric(36)), format!("ghr_{}", random::alphanumeric(76)))
}

/// The form of an OAuth app's refresh token is written nowhere: it is a guess.
fn oauth_tokens() -> (String, String) {
    (format!("gho_{}", random::alphanumeric(36)), format!("ghr_{}", random::alphanumeric(76)))
}

/// Files them.
pub fn file(book: &mut crate::book::Book, grant: &Arc<Grant>, minted: &Minted, now: i64) {
    let lives = if minted.refresh.is_some() { EXPIRING } else { LIVES };
    book.add_access(&minted.access, grant, now + lives.access);
    if let Some(refresh) = &minted.refresh {
        book.add_refresh(refresh, grant, now + lives.refresh, None);
    }
}

/// Scopes with commas; what expires says when, and what renews it stands beside.
pub fn body(grant: &Grant, minted: &Minted) -> Value {
    let mut body = json!({
        "access_token": minted.access,
        "token_type": "bearer",
        "scope": grant.scopes.join(","),
    });
    if let Some(refresh) = &minted.refresh {
        body["expires_in"] = json!(EXPIRING.access);
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(EXPIRING.refresh);
    }
    body
}
