//! Microsoft's token endpoint.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::{REALM, aadsts, device, graph, subject, tenant};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::device::GRANT_TYPE;
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

const LIVES: Lives = Lives { access: 3599, refresh: 90 * 86_400 };

/// `POST /oauth2/v2.0/token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    let granted = || grant(&world, &ask, &ask.form(&world).unwrap_or_default());
    answer::token_endpoint(&world, REALM, granted).await
}

fn bad(error: &str, code: u32, text: &str) -> Refused {
    aadsts(StatusCode::BAD_REQUEST, error, code, text)
}

fn missing(name: &str) -> Refused {
    let text = format!("The request body must contain the following parameter: '{name}'.");
    bad("invalid_request", 900_144, &text)
}

fn grant(world: &World, ask: &Ask, form: &Params) -> Result<Value, Refused> {
    from_a_desktop(ask)?;
    let client = authenticate(world, ask, form)?;
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, client, form),
        Some("refresh_token") => refresh(world, client, form),
        Some(GRANT_TYPE) => device::redeem(world, client, form),
        Some(_) => Err(bad("unsupported_grant_type", 70_003, "The grant type is not supported.")),
        None => Err(missing("grant_type")),
    }
}

/// A browser's cross-origin request is for redirect URIs of the type "SPA" alone.
fn from_a_desktop(ask: &Ask) -> Result<(), Refused> {
    let Some(origin) = ask.header("origin") else {
        return Ok(());
    };
    let text = format!(
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
    );
    Err(bad("invalid_request", 9_002_326, &text))
}

/// Public clients have a name and nothing else.
pub fn authenticate(world: &World, ask: &Ask, form: &Params) -> Result<&'static Client, Refused> {
    let basic = ask.basic(world);
    let id = basic.as_ref().map(|(id, _)| id.as_str()).or_else(|| form.get("client_id"));
    let id = id.ok_or_else(|| missing("client_id"))?;
    let client = clients::find(REALM, id).ok_or_else(|| unknown(id))?;
    let presented = basic.is_some() || form.get("client_secret").is_some();
    match client.secret {
        Secret::None if presented => Err(secret_presented()),
        Secret::None | Secret::Required(_) => Ok(client),
    }
}

fn unknown(id: &str) -> Refused {
    let text =
        format!("Application with identifier '{id}' was not found in the directory 'common'.");
    bad("unauthorized_client", 700_016, &text)
}

/// The code is documented, the words are a guess.
pub fn secret_presented() -> Refused {
    let text =
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
    aadsts(StatusCode::UNAUTHORIZED, "invalid_client", 700_025, text)
}

/// Expired, revoked or never issued: three codes there, one here.
pub fn dead_grant() -> Refused {
    bad("invalid_grant", 70_000, "The provided value for the input parameter is not valid.")
}

fn exchange(world: &World, client: &'static Client, form: &Params) -> Result<Value, Refused> {
    let value = form.get("code").ok_or_else(|| missing("code"))?;
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now()).ok_or_else(dead_grant)?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        let text = "The reply address does not match the reply address provided when requesting Authorization code.";
        return Err(bad("invalid_client", 500_112, text));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(issue(world, &code.grant))
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        // Which code a missing or an unannounced one gets is a guess.
        (Some(_), None) | (None, Some(_)) => false,
    };
    let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
    good.then_some(()).ok_or_else(|| bad("invalid_grant", 501_481, text))
}

/// Tokens for what a person has just allowed; a refresh token only with `offline_access`.
pub fn issue(world: &World, grant: &Arc<Grant>) -> Value {
    let (now, mut book) = (world.now(), world.book());
    let minted = if grant.has("offline_access") {
        tokens::issue(&mut book, grant, now, LIVES, mint)
    } else {
        tokens::issue_access(&mut book, grant, now, LIVES, mint)
    };
    drop(book);
    body(world, grant, &minted)
}

/// A new refresh token comes every time, and the old one stays good.
fn refresh(world: &World, client: &'static Client, form: &Params) -> Result<Value, Refused> {
    let value = form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let chosen = world.rotation(REALM);
    let rotation = chosen.unwrap_or(Rotation::Keep);
    let (grant, mut minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    if chosen.is_none() {
        let (_, new) = mint();
        world.book().add_refresh(&new, &grant, world.now() + LIVES.refresh, None);
        minted.refresh = Some(new);
    }
    world.ledger().counts(REALM).refresh_token += 1;
    Ok(body(world, &grant, &minted))
}

fn mint() -> (String, String) {
    (format!("EwB{}", random::base64url(200)), format!("0.A{}", random::base64url(200)))
}

/// `offline_access` is not repeated in `scope`: seen so often that it is played, and written nowhere.
fn body(world: &World, grant: &Grant, minted: &Minted) -> Value {
    let scopes = grant.scopes.iter().filter(|id| *id != "offline_access");
    let scopes: Vec<&str> = scopes.map(String::as_str).collect();
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scopes.join(" "),
        "expires_in": LIVES.access,
        "ext_expires_in": LIVES.access,
        "access_token": minted.access,
    });
    if let Some(refresh) = &minted.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if grant.has("openid") {
        body["id_token"] = json!(id_token(world, grant));
    }
    body
}

/// The issuer names the tenant. There is an address and no word on whether it is verified.
fn id_token(world: &World, grant: &Grant) -> String {
    let (person, tenant) = (world.person_of(grant), tenant(grant.person));
    let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let mut claims = id_token::claims(world, grant, &issuer, &subject(person), LIVES.access);
    claims["ver"] = json!("2.0");
    claims["tid"] = json!(tenant);
    claims["nbf"] = claims["iat"].clone();
    if grant.has("profile") {
        claims["oid"] = json!(format!(
            "00000000-0000-0000-{:04x}-{:012x}",
            person.number >> 48,
            person.number & 0xffff_ffff_ffff
        ));
        claims["name"] = json!(person.shown_name());
        claims["preferred_username"] =
            json!(person.email.map_or(person.username, |email| email.address));
    }
    id_token::merge(&mut claims, graph::email(world, grant));
    id_token::sign(world, &claims)
}
