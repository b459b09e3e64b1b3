//! Kakao's token endpoint.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{ISSUER, REALM, account, consents, number};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::{Code, Grant};
use crate::clients::{self, Client, Secret};
use crate::id_token;
use crate::random;
use crate::tokens::{self, Lives, Minted};
use crate::world::{Rotation, Shared, World};

const LIVES: Lives = Lives { access: 43_199, refresh: 5_184_000 };
const MONTH: i64 = 30 * 86_400;

/// `POST /oauth/token`.
pub async fn token(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(fault) = answer::before_token(&world, REALM).await {
        return fault;
    }
    // A body that is no form has no parameters; Basic is not looked at, so that the client id is missing then.
    let form = ask.form(&world).unwrap_or_default();
    drop(ask.basic(&world));
    grant(&world, &form).unwrap_or_else(|refusal| {
        world.refused(REALM);
        refusal.into_response()
    })
}

fn koe(status: StatusCode, error: &str, description: &str, code: &str) -> Refused {
    let body = json!({ "error": error, "error_description": description, "error_code": code });
    Refused { status, body }
}

fn bad(error: &str, description: &str, code: &str) -> Refused {
    koe(StatusCode::BAD_REQUEST, error, description, code)
}

fn grant(world: &World, form: &Params) -> Result<Response, Refused> {
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, form),
        Some("refresh_token") => refresh(world, form),
        // The code is documented, the words are a guess.
        _ => Err(bad("unsupported_grant_type", "Provided grant type is not supported", "KOE310")),
    }
}

/// Missing, wrong, or sent although it is switched off: all the same code.
pub fn bad_credentials() -> Refused {
    koe(StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials", "KOE010")
}

fn authenticate(form: &Params) -> Result<&'static Client, Refused> {
    let id = form.get("client_id");
    let client = id.and_then(|id| clients::find(REALM, id)).ok_or_else(|| {
        let text = format!("Not exist client_id [{}]", id.unwrap_or("null"));
        koe(StatusCode::UNAUTHORIZED, "invalid_client", &text, "KOE101")
    })?;
    match (client.secret, form.get("client_secret")) {
        (Secret::None, None) => Ok(client),
        (Secret::Required(right), Some(given)) if right == given => Ok(client),
        (Secret::None | Secret::Required(_), _) => Err(bad_credentials()),
    }
}

fn exchange(world: &World, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(form)?;
    let value = form.get("code").unwrap_or_default();
    let mut book = world.book();
    let code = book.code(REALM, client, value, world.now()).ok_or_else(|| {
        // The real answer repeats the code, which is why a client must not log it unread.
        bad("invalid_grant", &format!("authorization code not found for code={value}"), "KOE320")
    })?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(bad("invalid_grant", "Redirect URI mismatch.", "KOE303"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    book.spend(value);
    let minted = tokens::issue(&mut book, &code.grant, world.now(), LIVES, mint);
    drop(book);
    world.ledger().counts(REALM).authorization_code += 1;
    Ok(answer::token(world, REALM, body(world, &code.grant, &minted)))
}

/// No source shows Kakao's words about a verifier; that it is checked is what S256 in the metadata promises.
fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refused> {
    let good = match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            crate::pkce::is_well_formed(verifier) && challenge.fits(verifier)
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    good.then_some(()).ok_or_else(|| bad("invalid_grant", "code verifier mismatched", "KOE001"))
}

fn refresh(world: &World, form: &Params) -> Result<Response, Refused> {
    let client = authenticate(form)?;
    let value = form
        .get("refresh_token")
        .ok_or_else(|| bad("invalid_grant", "refresh_token is missing", "KOE319"))?;
    let rotation = world.rotation(REALM).unwrap_or_else(|| by_age(world, client, value));
    let (grant, minted) = tokens::refresh(world, REALM, client, value, rotation, LIVES, mint)
        .ok_or_else(dead_grant)?;
    world.ledger().counts(REALM).refresh_token += 1;
    Ok(answer::token(world, REALM, body(world, &grant, &minted)))
}

/// A new refresh token comes only in the old one's last month, and the old one is dead then.
fn by_age(world: &World, client: &Client, token: &str) -> Rotation {
    let now = world.now();
    let left = world.book().refresh(REALM, client, token, now).map(|old| old.expires - now);
    if left.is_some_and(|left| left < MONTH) { Rotation::AtOnce } else { Rotation::Keep }
}

/// Expired or unknown.
pub fn dead_grant() -> Refused {
    bad("invalid_grant", "expired_or_invalid_refresh_token", "KOE322")
}

/// The code is documented; its words are a guess.
pub fn too_many() -> Refused {
    koe(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "token request rate limit exceeded",
        "KOE237",
    )
}

fn mint() -> (String, String) {
    (random::base64url(54), random::base64url(54))
}

/// `token_type` is lower-case and `scope` comes back with blanks, however it went out.
fn body(world: &World, grant: &Grant, minted: &Minted) -> Value {
    let scopes = consents(world, grant);
    let mut body = json!({
        "access_token": minted.access,
        "token_type": "bearer",
        "expires_in": LIVES.access,
        "scope": scopes.join(" "),
    });
    if let Some(refresh) = &minted.refresh {
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(LIVES.refresh);
    }
    // With `scope` in the request, an id_token comes only if `openid` was among it.
    if grant.has("openid") {
        body["id_token"] = json!(id_token(world, grant, &scopes));
    }
    body
}

/// No at_hash and no email_verified; the address stands there only if it is valid and verified.
fn id_token(world: &World, grant: &Grant, scopes: &[String]) -> String {
    let person = world.person_of(grant);
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    let mut claims = id_token::claims(world, grant, ISSUER, &number(person).to_string(), 43_199);
    claims["auth_time"] = json!(grant.auth_time);
    if has("profile_nickname") {
        claims["nickname"] = json!(account::nickname(person));
    }
    if has("profile_image") {
        claims["picture"] = json!(account::images(world, person, true).thumbnail);
    }
    if let Some(email) = account::email(world, person)
        .filter(|email| has("account_email") && email.valid && email.verified)
    {
        claims["email"] = json!(email.address);
    }
    id_token::sign(world, &claims)
}
