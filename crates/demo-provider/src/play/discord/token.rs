//! Discord's token and revocation endpoints.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{ISSUER, PLAY, REALM};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant, same_account};
use crate::clients::{self, Client, Secret, is_private_scheme};
use crate::faults::Fault;
use crate::guilds::Guild;
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

const LIVES: Lives = Lives {
    access: 604_800,
    // How long a refresh token lives is not written anywhere; a year is a guess.
    refresh: 365 * 86_400,
};

/// `POST /api/oauth2/token`, form encoding only.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = answer::before_token(&world, REALM).await {
        return fault;
    }
    let answered =
        ask.form(&world).ok_or_else(not_a_form).and_then(|form| grant(&world, &ask, &form));
    answered.unwrap_or_else(|refusal| {
        world.refused(REALM);
        refusal.into_response()
    })
}

/// A JSON body counts as one without parameters (discord-api-docs#5249).
fn not_a_form() -> Refused {
    unsupported("None")
}

fn unsupported(grant: &str) -> Refused {
    let text = format!("Grant type {grant} is not supported");
    error(StatusCode::BAD_REQUEST, "unsupported_grant_type", Some(&text))
}

fn grant(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, ask, form),
        Some("refresh_token") => refresh(world, ask, form),
        other => Err(unsupported(other.unwrap_or("None"))),
    }
}

fn exchange(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form.get("code").unwrap_or_default();
    let mut book = world.book();
    let code = book
        .code(REALM, client, value, world.now())
        .ok_or_else(|| invalid("invalid_grant", "code", "Invalid"))?;
    // The code of a custom scheme without PKCE is issued and then not redeemable (#2036).
    let unprotected = is_private_scheme(&code.redirect_uri) && code.challenge.is_none();
    if unprotected || form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(invalid("invalid_request", "redirect_uri", "Invalid"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    // Without a verifier even a public client needs the secret, which it has not.
    if client.secret == Secret::None && code.challenge.is_none() {
        return Err((PLAY.invalid_client)());
    }
    book.spend(value);
    let minted = tokens::issue(&mut book, &code.grant, world.now(), LIVES, mint);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(answer::token(world, REALM, body(world, &code.grant, &minted)))
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(bare("Missing")),
        // A verifier that nobody announced is as wrong as one that does not fit (next-auth#10352).
        (None, Some(_)) => Err(bare("Invalid")),
        (Some(challenge), Some(verifier)) => {
            let good = crate::pkce::is_well_formed(verifier) && challenge.fits(verifier);
            good.then_some(()).ok_or_else(|| bare("Invalid"))
        }
    }
}

/// Discord's words about the verifier come without "in request".
fn bare(word: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, "invalid_request", Some(&format!(r#"{word} "code_verifier""#)))
}

fn invalid(code: &str, what: &str, word: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, code, Some(&format!(r#"{word} "{what}" in request."#)))
}

fn refresh(world: &World, ask: &Ask, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(world, ask, form)?;
    let value = form.get("refresh_token").unwrap_or_default();
    // Whether the old one dies at once is unconfirmed: both can be played, the harder one is the default.
    let rotation = world.rotation(REALM).unwrap_or(Rotation::AtOnce);
    let (grant, minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    world.ledger().counts(REALM).refresh_token += 1;
    // With `Keep` the old one is sent again: Discord's answers always carry one.
    let minted = Minted { refresh: minted.refresh.or_else(|| Some(value.to_owned())), ..minted };
    Ok(answer::token(world, REALM, body(world, &grant, &minted)))
}

/// Revoked, banned and expired alike.
pub fn dead_grant() -> Refused {
    error(StatusCode::BAD_REQUEST, "invalid_grant", Some(r#"Invalid "refresh_token" in request"#))
}

/// Basic or body; without a secret only where the "Public Client" switch is on.
fn authenticate(world: &World, ask: &Ask, form: &Params) -> Result<&'static Client, Refused> {
    let basic = ask.basic(world);
    let (id, secret) = match &basic {
        Some((id, secret)) => {
            (id.as_str(), Some(secret.as_str()).filter(|secret| !secret.is_empty()))
        }
        None => (form.get("client_id").unwrap_or_default(), form.get("client_secret")),
    };
    let client = clients::find(REALM, id).ok_or_else(PLAY.invalid_client)?;
    match (client.secret, secret) {
        (Secret::None, None) => Ok(client),
        (Secret::Required(right), Some(given)) if right == given => Ok(client),
        (Secret::None | Secret::Required(_), _) => Err((PLAY.invalid_client)()),
    }
}

fn mint() -> (String, String) {
    (random::alphanumeric(30), random::alphanumeric(30))
}

fn body(world: &World, grant: &Grant, minted: &Minted) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "access_token": minted.access,
        "expires_in": LIVES.access,
        "refresh_token": minted.refresh,
        "scope": grant.scopes.join(" "),
    });
    if grant.has("openid") {
        let mut claims =
            id_token::claims(world, grant, ISSUER, &grant.person.number.to_string(), 3600);
        id_token::bind(&mut claims, &minted.access);
        body["id_token"] = json!(id_token::sign(world, &claims));
    }
    if let Some(guild) = grant.guild {
        body["guild"] = described(guild);
    }
    body
}

/// The server that the bot was added to, as the documented example has it, its long lists left empty.
fn described(guild: &Guild) -> Value {
    json!({
        "id": guild.id,
        "name": guild.name,
        "icon": guild.icon,
        "splash": null,
        "owner_id": "53908232506183680",
        "afk_channel_id": null,
        "afk_timeout": 300,
        "verification_level": 1,
        "mfa_level": 0,
        "features": [],
        "roles": [],
        "emojis": [],
        "system_channel_id": null,
    })
}

/// `POST /api/oauth2/token/revoke`: any token of the user ends all of the user's tokens for the application.
pub async fn revoke(State(world): State<Shared>, ask: Ask) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
    }
    let answered =
        ask.form(&world).ok_or_else(not_a_form).and_then(|form| end(&world, &ask, &form));
    match answered {
        Ok(()) => answer::json(StatusCode::OK, &json!({})),
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

fn end(world: &World, ask: &Ask, form: &Params) -> Result<(), Refused> {
    let client = authenticate(world, ask, form)?;
    let mut book = world.book();
    // A token that is unknown, or somebody else's, is a success too (RFC 7009 §2.2).
    let grant = form.get("token").and_then(|token| book.grant_of(REALM, token));
    let Some(grant) = grant.filter(|grant| grant.client.id == client.id) else {
        return Ok(());
    };
    book.kill(|other| same_account(other, &grant));
    drop(book);
    world.ledger().counts(REALM).revocations += 1;
    Ok(())
}
