//! The generic issuer's token and revocation endpoints, by RFC 6749, 7009 and 9700.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Issuer, PLAY, PROVIDER, claims, device};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::device::GRANT_TYPE;
use crate::faults::Fault;
use crate::id_token;
use crate::keys;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

const LIVES: Lives = Lives { access: 3600, refresh: 30 * 86_400 };

/// `POST token`.
pub async fn token(State(world): State<Shared>, issuer: Issuer, ask: Ask) -> Response {
    if let Some(fault) = answer::before_token(&world, &issuer.realm).await {
        return fault;
    }
    let form = ask.form(&world).ok_or_else(|| bad("invalid_request", "the body must be a form"));
    form.and_then(|form| grant(&world, &issuer, &ask, &form))
        .unwrap_or_else(|refusal| refuse(&world, &issuer, refusal))
}

/// A client that may have tried Basic is told so (RFC 6749 §5.2).
fn refuse(world: &World, issuer: &Issuer, refusal: Refused) -> Response {
    world.refused(&issuer.realm);
    let mut response = refusal.into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
    }
    response
}

fn bad(code: &str, text: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, code, Some(text))
}

fn grant(world: &World, issuer: &Issuer, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    if form.repeated().is_some() {
        return Err(bad("invalid_request", "a parameter stands there twice"));
    }
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, issuer, ask, form),
        Some("refresh_token") => refresh(world, issuer, ask, form),
        Some(GRANT_TYPE) => {
            let client = authenticate(world, ask, form)?;
            let grant = device::redeem(world, issuer, client, form)?;
            let minted = issue(world, &grant);
            Ok(answer::token(world, &issuer.realm, body(world, issuer, &grant, &minted, false)))
        }
        Some(_) => Err(bad("unsupported_grant_type", "this grant type is not supported")),
        None => Err(bad("invalid_request", "grant_type is missing")),
    }
}

/// Basic or body for confidential clients, nothing but the id for public ones.
pub fn authenticate(world: &World, ask: &Ask, form: &Params) -> Result<&'static Client, Refused> {
    let basic = ask.basic(world);
    let (id, secret) = match &basic {
        Some((id, secret)) => {
            (id.as_str(), Some(secret.as_str()).filter(|secret| !secret.is_empty()))
        }
        None => (form.get("client_id").unwrap_or_default(), form.get("client_secret")),
    };
    let client = clients::find(PROVIDER, id).filter(|client| match (client.secret, secret) {
        (Secret::None, None) => true,
        (Secret::Required(right), Some(given)) => right == given,
        (Secret::None, Some(_)) | (Secret::Required(_), None) => false,
    });
    client.ok_or_else(PLAY.invalid_client)
}

fn exchange(world: &World, issuer: &Issuer, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form.get("code").ok_or_else(|| bad("invalid_request", "code is missing"))?;
    let mut book = world.book();
    let Some(code) = book.code(&issuer.realm, client, value, world.now()) else {
        // A code that comes twice ends what it brought the first time (RFC 6749 §4.1.2).
        book.kill_replayed(value);
        return Err(bad("invalid_grant", "the code is unknown, expired or used"));
    };
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(bad("invalid_grant", "redirect_uri is not that of the request"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    drop(book);
    let minted = issue(world, &code.grant);
    world.ledger().counts(&issuer.realm).authorization_code += 1;
    Ok(answer::token(world, &issuer.realm, body(world, issuer, &code.grant, &minted, false)))
}

/// A refresh token only where `offline_access` was granted (OIDC Core 11).
fn issue(world: &World, grant: &Arc<Grant>) -> Minted {
    let (now, mut book) = (world.now(), world.book());
    if grant.has("offline_access") {
        tokens::issue(&mut book, grant, now, LIVES, mint)
    } else {
        tokens::issue_access(&mut book, grant, now, LIVES, mint)
    }
}

/// A verifier without a challenge is refused too: somebody took the challenge away (RFC 9700 §4.8.2).
fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(bad("invalid_grant", "code_verifier is missing")),
        (None, Some(_)) => Err(bad("invalid_grant", "there was no code_challenge")),
        (Some(challenge), Some(verifier)) => {
            let good = crate::pkce::is_well_formed(verifier) && challenge.fits(verifier);
            good.then_some(()).ok_or_else(|| bad("invalid_grant", "code_verifier does not fit"))
        }
    }
}

fn refresh(world: &World, issuer: &Issuer, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form
        .get("refresh_token")
        .ok_or_else(|| bad("invalid_request", "refresh_token is missing"))?;
    let rotation = world.rotation(PROVIDER).unwrap_or(Rotation::AtOnce);
    let (grant, minted) =
        tokens::refresh(world, &issuer.realm, client, value, rotation, LIVES, mint)
            .ok_or_else(dead_grant)?;
    world.ledger().counts(&issuer.realm).refresh_token += 1;
    Ok(answer::token(world, &issuer.realm, body(world, issuer, &grant, &minted, true)))
}

/// Expired, revoked, rotated away or never issued.
pub fn dead_grant() -> Refused {
    bad("invalid_grant", "the refresh token is not valid")
}

fn mint() -> (String, String) {
    (random::base64url(43), random::base64url(43))
}

fn body(world: &World, issuer: &Issuer, grant: &Grant, minted: &Minted, refreshed: bool) -> Value {
    let mut body = json!({
        "access_token": minted.access,
        "token_type": "Bearer",
        "expires_in": LIVES.access,
        "scope": grant.scopes.join(" "),
    });
    if let Some(refresh) = &minted.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if grant.has("openid") {
        body["id_token"] = json!(id_token(world, issuer, grant, &minted.access, refreshed));
    }
    if let Some(module) = issuer.module {
        module.bend_token(&mut body);
    }
    body
}

/// The claims of the scopes stand at userinfo, as the code flow has it.
fn id_token(
    world: &World,
    issuer: &Issuer,
    grant: &Grant,
    access_token: &str,
    refreshed: bool,
) -> String {
    let subject = claims::subject(&grant.realm, grant.person);
    let mut claims = id_token::claims(world, grant, &issuer.url(world), &subject, 3600);
    claims["auth_time"] = json!(grant.auth_time);
    id_token::bind(&mut claims, access_token);
    match issuer.module {
        Some(module) => {
            claims["at_hash"] = json!(keys::at_hash(module.algorithm(), access_token));
            if module.tells_in_id_token() {
                id_token::merge(&mut claims, claims::userinfo(world, grant));
            }
            module.bend_claims(&mut claims, refreshed);
            module.sign(world, &claims)
        }
        None => id_token::sign(world, &claims),
    }
}

/// `POST revoke`: ends the grant behind the token, access and refresh (RFC 7009 §2.1).
pub async fn revoke(State(world): State<Shared>, issuer: Issuer, ask: Ask) -> Response {
    let has = |fault| world.has(&issuer.realm, fault);
    if has(Fault::Revoke503) {
        return answer::unavailable();
    }
    let form = ask.form(&world).unwrap_or_default();
    let token = form.get("token").unwrap_or_default();
    let is_access = world.book().access(&issuer.realm, token).is_some();
    if is_access && has(Fault::RevokeAccess503) {
        return answer::unavailable();
    }
    let client = match authenticate(&world, &ask, &form) {
        Ok(_) if has(Fault::Revoke401) => Err((PLAY.invalid_client)()),
        Ok(_) if is_access && has(Fault::RevokeNoAccessToken) => {
            Err(bad("unsupported_token_type", "access tokens end by themselves"))
        }
        client => client,
    };
    match client {
        Ok(client) => {
            end(&world, &issuer, client, token);
            answer::json(StatusCode::OK, &json!({}))
        }
        Err(refusal) => refuse(&world, &issuer, refusal),
    }
}

fn end(world: &World, issuer: &Issuer, client: &Client, token: &str) {
    let alone = world.has(&issuer.realm, Fault::RevokeOneToken);
    let mut book = world.book();
    let Some(grant) =
        book.grant_of(&issuer.realm, token).filter(|grant| grant.client.id == client.id)
    else {
        return;
    };
    if alone {
        book.kill_access(token);
        book.kill_refresh(token);
    } else {
        book.kill(|other| std::ptr::eq(other, &*grant));
    }
    drop(book);
    world.ledger().counts(&issuer.realm).revocations += 1;
}
