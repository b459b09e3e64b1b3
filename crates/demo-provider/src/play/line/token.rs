//! LINE's token endpoint and its revocation.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{ISSUER, REALM, profile, subject};
use crate::answer::{self, Refused, error};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::faults::Fault;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};
use crate::{id_token, keys};

const LIVES: Lives = Lives { access: 2_592_000, refresh: 90 * 86_400 };
const ID_TOKEN_LIFE: i64 = 3600;

/// `POST /oauth2/v2.1/token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    let granted = || grant(&world, &ask.form(&world).unwrap_or_default());
    answer::token_endpoint(&world, REALM, granted).await
}

fn bad(code: &str, text: &str) -> Refused {
    error(StatusCode::BAD_REQUEST, code, Some(text))
}

fn missing() -> Refused {
    bad("invalid_request", "some parameters missed or invalid")
}

fn grant(world: &World, form: &Params) -> Result<Value, Refused> {
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, form),
        Some("refresh_token") => refresh(world, form),
        Some(_) => Err(bad("unsupported_grant_type", "unsupported grant_type")),
        None => Err(missing()),
    }
}

/// In the body; PKCE does not replace it for a channel of the type "Web app".
fn authenticate(form: &Params) -> Result<&'static Client, Refused> {
    let client = form.get("client_id").and_then(|id| clients::find(REALM, id));
    let client = client.ok_or_else(|| bad("invalid_client", "invalid client_id"))?;
    match (client.secret, form.get("client_secret")) {
        (Secret::Required(_), None) => Err(missing()),
        (Secret::Required(right), Some(given)) if right != given => Err(invalid_client()),
        (Secret::None | Secret::Required(_), _) => Ok(client),
    }
}

/// The secret is wrong; the words are a guess, like most of this endpoint's.
pub fn invalid_client() -> Refused {
    bad("invalid_client", "invalid client_secret")
}

/// Expired, revoked or never issued.
pub fn dead_grant() -> Refused {
    bad("invalid_grant", "invalid refresh token")
}

fn exchange(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form)?;
    let value = form.get("code").ok_or_else(missing)?;
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now());
    let code = code.ok_or_else(|| bad("invalid_grant", "invalid authorization code"))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(bad("invalid_grant", "redirect_uri does not match"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    let minted = tokens::issue(&mut book, &code.grant, world.now(), LIVES, mint);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    let mut body = body(&code.grant, &minted);
    if code.grant.has("openid") {
        body["id_token"] = json!(id_token(world, &code.grant, Algorithm::asked_for(form)));
    }
    Ok(body)
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    good.then_some(()).ok_or_else(|| bad("invalid_grant", "invalid code_verifier"))
}

/// The same refresh token comes back, its time not extended.
fn refresh(world: &World, form: &Params) -> Result<Value, Refused> {
    let client = authenticate(form)?;
    let value = form.get("refresh_token").ok_or_else(missing)?;
    let rotation = world.rotation(REALM).unwrap_or(Rotation::Keep);
    let (grant, minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    world.ledger().counts(REALM).refresh_token += 1;
    let minted = Minted { refresh: minted.refresh.or_else(|| Some(value.to_owned())), ..minted };
    Ok(body(&grant, &minted))
}

fn mint() -> (String, String) {
    (format!("eyJhbGciOiJIUzI1NiJ9.{}", random::base64url(120)), random::alphanumeric(20))
}

/// `email` never stands in `scope`, granted or not.
fn body(grant: &Grant, minted: &Minted) -> Value {
    let scopes = grant.scopes.iter().filter(|id| *id != "email");
    let scopes: Vec<&str> = scopes.map(String::as_str).collect();
    json!({
        "access_token": minted.access,
        "expires_in": LIVES.access,
        "refresh_token": minted.refresh,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    })
}

/// How an id_token is signed.
enum Algorithm {
    /// With the channel secret: the default of a web channel.
    Hs256,
    /// With a key of the key set.
    Es256,
}

impl Algorithm {
    /// Several clients ask by `id_token_key_type=JWK`; that it has this effect is unconfirmed.
    fn asked_for(form: &Params) -> Self {
        if form.get("id_token_key_type") == Some("JWK") { Self::Es256 } else { Self::Hs256 }
    }
}

/// The only place where the address stands.
fn id_token(world: &World, grant: &Grant, algorithm: Algorithm) -> String {
    let person = world.person_of(grant);
    let mut claims = id_token::claims(world, grant, ISSUER, &subject(person), ID_TOKEN_LIFE);
    claims["amr"] = json!(["linesso"]);
    if grant.has("profile") {
        id_token::merge(&mut claims, profile::names(world, person));
    }
    let email = person.email.filter(|_| grant.has("email"));
    if let Some(email) = email.filter(|_| !world.has(REALM, Fault::EmailMissing)) {
        claims["email"] = json!(email.address);
    }
    match (algorithm, grant.client.secret) {
        (Algorithm::Hs256, Secret::Required(secret)) => {
            keys::sign_hs256(secret.as_bytes(), &json!({ "alg": "HS256", "typ": "JWT" }), &claims)
        }
        (Algorithm::Es256, _) | (Algorithm::Hs256, Secret::None) => {
            let key = &world.keys.elliptic;
            key.sign(&json!({ "alg": "ES256", "typ": "JWT", "kid": key.kid }), &claims)
        }
    }
}

/// `POST /oauth2/v2.1/revoke`: the parameter is `access_token`, not RFC 7009's `token`. That the refresh
/// token dies with it is a guess.
pub async fn revoke(State(world): State<Shared>, ask: Ask) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
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
    let client = authenticate(form)?;
    let token = form.get("access_token").ok_or_else(missing)?;
    let mut book = world.book();
    let grant = book.grant_of(REALM, token).filter(|grant| grant.client.id == client.id);
    if let Some(grant) = grant {
        book.kill(|other| std::ptr::eq(other, &*grant));
        drop(book);
        world.ledger().counts(REALM).revocations += 1;
    }
    Ok(())
}
