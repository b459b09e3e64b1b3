//! Kakao's API host: profile, logout, unlink, token information, pictures.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{REALM, account, consents, number};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::{Grant, same_account};
use crate::faults::Fault;
use crate::id_token::merge;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// Everything with a bearer, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/kakao/v2/user/me", get(me).post(me))
        .route("/kakao/v1/oidc/userinfo", get(userinfo).post(userinfo))
        .route("/kakao/v1/user/access_token_info", get(info))
        .route("/kakao/v1/user/logout", post(logout))
        .route("/kakao/v1/user/unlink", post(unlink))
        .route("/kakao/img/{key}/{file}", get(image))
}

/// `{"msg","code"}`, the code being an int.
fn kapi(status: StatusCode, code: i32, text: &str) -> Refused {
    Refused { status, body: json!({ "msg": text, "code": code }) }
}

/// The word for a token that is not known.
pub fn unknown_token() -> Refused {
    kapi(StatusCode::UNAUTHORIZED, -401, "this access token does not exist")
}

/// The word for too many requests; the words are a guess, the code is documented.
pub fn quota() -> Refused {
    kapi(StatusCode::TOO_MANY_REQUESTS, -10, "API limit has been exceeded.")
}

fn bearer(world: &World, ask: &Ask) -> Result<(Arc<Grant>, i64), Refused> {
    let token = ask
        .bearer()
        .ok_or_else(|| kapi(StatusCode::UNAUTHORIZED, -401, "no authentication key!"))?;
    let book = world.book();
    let entry = book.access(REALM, token).ok_or_else(unknown_token)?;
    if entry.expires <= world.now() {
        return Err(kapi(StatusCode::UNAUTHORIZED, -401, "this access token is already expired"));
    }
    Ok((Arc::clone(&entry.grant), entry.expires))
}

async fn me(State(world): State<Shared>, ask: Ask) -> Response {
    let (grant, _) = match bearer(&world, &ask) {
        Ok(found) => found,
        Err(refusal) => return refusal.into_response(),
    };
    match user(&world, &ask, &grant) {
        Ok(user) => answer::profile(&world, REALM, user).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn user(world: &World, ask: &Ask, grant: &Grant) -> Result<Value, Refused> {
    let form = ask.form(world).unwrap_or_default();
    let parameter = |name: &str| ask.query.get(name).or_else(|| form.get(name)).map(str::to_owned);
    let keys = parameter("property_keys").map(|text| property_keys(&text)).transpose()?;
    let secure = parameter("secure_resource").as_deref() == Some("true");
    let wanted = |name: &str| keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key == name));

    let person = world.person_of(grant);
    let scopes = consents(world, grant);
    let mut user = json!({ "id": number(person), "connected_at": "2026-11-01T09:00:00Z" });
    let mut kakao_account = json!({});
    for (name, members) in account::items(world, person, &scopes, secure) {
        if wanted(&format!("kakao_account.{name}")) {
            merge(&mut kakao_account, members);
        }
    }
    if kakao_account.as_object().is_some_and(|account| !account.is_empty()) {
        user["kakao_account"] = kakao_account;
    }
    // Deprecated, and still sent where everything is asked for.
    if keys.is_none() && scopes.iter().any(|scope| scope == "profile_nickname") {
        user["properties"] = json!({ "nickname": account::nickname(person) });
    }
    Ok(user)
}

/// A JSON array in a string. A key that nobody knows is -201 by the table of codes; its words are a guess.
/// `birthyear` and `phone_number` as keys of their own are a guess too: the list names six others.
fn property_keys(text: &str) -> Result<Vec<String>, Refused> {
    const KNOWN: [&str; 8] = [
        "profile",
        "name",
        "email",
        "age_range",
        "birthday",
        "birthyear",
        "gender",
        "phone_number",
    ];
    let keys: Vec<String> = serde_json::from_str(text).map_err(|_| {
        kapi(StatusCode::BAD_REQUEST, -2, "property_keys must be a JSON array of strings")
    })?;
    let known =
        |key: &String| key.strip_prefix("kakao_account.").is_some_and(|name| KNOWN.contains(&name));
    if keys.iter().all(|key| known(key) || key.starts_with("properties.")) {
        Ok(keys)
    } else {
        Err(kapi(StatusCode::BAD_REQUEST, -201, "invalid property key"))
    }
}

async fn userinfo(State(world): State<Shared>, ask: Ask) -> Response {
    let (grant, _) = match bearer(&world, &ask) {
        Ok(found) => found,
        Err(refusal) => return refusal.into_response(),
    };
    if !grant.has("openid") {
        let body = json!({ "msg": "insufficient scopes.", "code": -402, "api_type": "OIDC_USER_INFO", "required_scopes": ["openid"], "allowed_scopes": consents(&world, &grant) });
        return answer::json(StatusCode::FORBIDDEN, &body);
    }
    let person = world.person_of(&grant);
    let mut claims = json!({ "sub": number(person).to_string() });
    let scopes = consents(&world, &grant);
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    if has("profile_nickname") {
        claims["nickname"] = json!(account::nickname(person));
    }
    if has("profile_image") {
        claims["picture"] = json!(account::images(&world, person, true).thumbnail);
    }
    if let Some(email) = account::email(&world, person).filter(|_| has("account_email")) {
        merge(
            &mut claims,
            json!({ "email": email.address, "email_verified": email.valid && email.verified }),
        );
    }
    answer::json(StatusCode::OK, &claims)
}

async fn info(State(world): State<Shared>, ask: Ask) -> Response {
    match bearer(&world, &ask) {
        Ok((grant, expires)) => {
            let body = json!({ "id": number(grant.person), "expires_in": expires - world.now(), "app_id": 1_234_567 });
            answer::json(StatusCode::OK, &body)
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Ends this one token; the browser's session and the other tokens stay.
async fn logout(State(world): State<Shared>, ask: Ask) -> Response {
    end(&world, &ask, |world, _, token| world.book().kill_access(token))
}

/// Withdraws the consent and ends all of the person's tokens for the app.
async fn unlink(State(world): State<Shared>, ask: Ask) -> Response {
    end(&world, &ask, |world, grant, _| {
        let mut book = world.book();
        book.kill(|other| same_account(other, grant));
        book.consents(REALM, grant.client, grant.person).clear();
    })
}

fn end(world: &World, ask: &Ask, how: impl Fn(&World, &Grant, &str)) -> Response {
    if world.has(REALM, Fault::Revoke503) {
        return answer::unavailable();
    }
    match bearer(world, ask) {
        Ok((grant, _)) => {
            how(world, &grant, ask.bearer().unwrap_or_default());
            world.ledger().counts(REALM).revocations += 1;
            answer::json(StatusCode::OK, &json!({ "id": number(grant.person) }))
        }
        Err(refusal) => {
            world.refused(REALM);
            refusal.into_response()
        }
    }
}

async fn image(
    State(world): State<Shared>,
    Path((key, file)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let size = match file.as_str() {
        "img_640x640.jpg" => Some(512),
        "img_110x110.jpg" => Some(110),
        _ => None,
    };
    let picture = match key.as_str() {
        "default" => pictures::embed(1),
        key => size.and_then(|size| pictures::of(world.person(key)?, size, Format::Jpeg)),
    };
    answer::picture(&world, REALM, uri.path(), picture).await
}
