//! Answers, and the place where faults bend them.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::book::Asked;
use crate::faults::Fault;
use crate::pictures::Picture;
use crate::play::{self, Play};
use crate::world::World;

const FILLER: usize = 4 * 1024 * 1024;
const AVATAR_FILLER: usize = 24 * 1024 * 1024;
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect width="9" height="9"/></svg>"#;
const HTML: &str = "<!doctype html><title>Checking your browser</title><h1>One moment, please</h1>";

/// JSON that no cache keeps.
pub fn json(status: StatusCode, body: &Value) -> Response {
    raw(status, "application/json", body.to_string())
}

/// Any body.
pub fn raw(status: StatusCode, kind: &str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (status, headers, body.into()).into_response()
}

/// A refusal: data until it is sent, so that a step can hand it up with `?`.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        json(self.status, &self.body)
    }
}

/// An RFC 6749 §5.2 error.
pub fn error(status: StatusCode, error: &str, description: Option<&str>) -> Refused {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    Refused { status, body }
}

/// A redirect.
pub fn found(status: StatusCode, location: &str) -> Response {
    (status, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store")]).into_response()
}

/// A token endpoint that looks at the request unless a fault strikes before, and counts whom it refuses.
pub async fn token_endpoint(
    world: &World,
    realm: &str,
    grant: impl FnOnce() -> Result<Value, Refused>,
) -> Response {
    if let Some(fault) = before_token(world, realm).await {
        return fault;
    }
    match grant() {
        Ok(body) => token(world, realm, body),
        Err(refusal) => {
            world.refused(realm);
            refusal.into_response()
        }
    }
}

/// The token endpoint's faults that strike before the request is looked at.
pub async fn before_token(world: &World, realm: &str) -> Option<Response> {
    let play = play::of(realm);
    let bad = |fault| world.has(realm, fault);
    if bad(Fault::TokenHangs) {
        std::future::pending::<()>().await;
    }
    if bad(Fault::TokenRedirects) {
        let to = format!("{}/demo/elsewhere/token", world.base);
        return Some(found(StatusCode::TEMPORARY_REDIRECT, &to));
    }
    if bad(Fault::Token5xx) {
        return Some(unavailable());
    }
    if bad(Fault::Token429) {
        return Some(too_many((play.token_429)()));
    }
    if bad(Fault::TokenProxy403) {
        return Some(raw(StatusCode::FORBIDDEN, "text/html", HTML));
    }
    if bad(Fault::TokenInvalidClient) {
        return Some((play.invalid_client)().into_response());
    }
    if bad(Fault::TokenInvalidGrant) {
        return Some((play.dead_grant)().into_response());
    }
    bad(Fault::TokenError200).then(|| {
        json(StatusCode::OK, &json!({ "error": "invalid_grant", "error_description": "An error that came with HTTP 200" }))
    })
}

/// A token answer, bent where a fault says so.
pub fn token(world: &World, realm: &str, body: Value) -> Response {
    token_as(world, realm, body, |body| json(StatusCode::OK, body))
}

/// The same in another encoding than JSON.
pub fn token_as(
    world: &World,
    realm: &str,
    mut body: Value,
    write: impl FnOnce(&Value) -> Response,
) -> Response {
    record(world, &body);
    let bad = |fault| world.has(realm, fault);
    if bad(Fault::TokenAnswerLost) {
        return raw(StatusCode::BAD_GATEWAY, "text/html", HTML);
    }
    if bad(Fault::TokenNotJson) {
        return raw(StatusCode::OK, "text/html", HTML);
    }
    for (fault, name) in [
        (Fault::TokenWithoutExpiresIn, "expires_in"),
        (Fault::TokenWithoutScope, "scope"),
        (Fault::TokenWithoutRefreshToken, "refresh_token"),
        (Fault::TokenWithoutAccessToken, "access_token"),
        (Fault::TokenWithoutType, "token_type"),
        (Fault::IdTokenMissing, "id_token"),
    ] {
        if bad(fault) {
            remove(&mut body, name);
        }
    }
    if bad(Fault::TokenExpiresInString) && body["expires_in"].is_number() {
        body["expires_in"] = json!(body["expires_in"].to_string());
    }
    if bad(Fault::TokenTypeMac) {
        body["token_type"] = json!("mac");
    }
    if bad(Fault::TokenTypeUpper) {
        body["token_type"] = json!("BEARER");
    }
    if bad(Fault::TokenTooLarge) {
        body["filler"] = json!("x".repeat(FILLER));
    }
    write(&body)
}

/// A key set, or what a fault puts in its place.
pub fn keys(world: &World, realm: &str, keys: &[Value]) -> Response {
    if world.has(realm, Fault::Jwks5xx) {
        return unavailable();
    }
    let keys = if world.has(realm, Fault::JwksEmpty) { &[] } else { keys };
    json(StatusCode::OK, &json!({ "keys": keys }))
}

/// A profile answer, bent where a fault says so.
pub async fn profile(world: &World, realm: &str, body: Value) -> Response {
    profile_in(world, realm, body, |profile| profile).await
}

/// The same inside an envelope of the provider's.
pub async fn profile_in(
    world: &World,
    realm: &str,
    body: Value,
    envelope: impl FnOnce(Value) -> Value,
) -> Response {
    let play = play::of(realm);
    let bad = |fault| world.has(realm, fault);
    if bad(Fault::ProfileHangs) {
        std::future::pending::<()>().await;
    }
    if bad(Fault::Profile5xx) {
        return unavailable();
    }
    if bad(Fault::Profile401) {
        return (play.bad_bearer)();
    }
    if bad(Fault::Profile429) {
        return too_many((play.profile_429)());
    }
    if bad(Fault::ProfileProxy403) {
        return raw(StatusCode::FORBIDDEN, "text/html", HTML);
    }
    if bad(Fault::ProfileRedirects) {
        let to = format!("{}/demo/elsewhere/profile", world.base);
        return found(StatusCode::TEMPORARY_REDIRECT, &to);
    }
    if bad(Fault::ProfileNotJson) {
        return raw(StatusCode::OK, "text/html", HTML);
    }
    json(StatusCode::OK, &envelope(bend_profile(world, realm, play, body)))
}

fn bend_profile(world: &World, realm: &str, play: &Play, mut body: Value) -> Value {
    let bad = |fault| world.has(realm, fault);
    let there = play.id_fields.iter().find(|name| body.get(**name).is_some());
    let id = there.copied().unwrap_or_default();
    if bad(Fault::ProfileWrongShape) {
        return json!([body]);
    }
    if bad(Fault::ProfileFieldsMissing) {
        body = json!({ id: body[id] });
    }
    if bad(Fault::ProfileWithoutId) {
        remove(&mut body, id);
    }
    if bad(Fault::ProfileSubMismatch) {
        body[id] =
            if body[id].is_string() { json!("4242424242") } else { json!(4_242_424_242_u64) };
    }
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        if bad(Fault::ProfileFieldsNull) && name != id {
            *value = Value::Null;
        }
        if bad(Fault::ProfileFieldsEmpty) && name != id {
            empty(value);
        }
        if bad(Fault::ProfileWrongType) {
            *value = if value.is_object() { json!(7) } else { json!({ "unexpected": true }) };
        }
    }
    if bad(Fault::ProfileTooLarge) {
        body["filler"] = json!("x".repeat(FILLER));
    }
    body
}

/// Every text becomes an empty one.
fn empty(value: &mut Value) {
    match value {
        Value::String(text) => text.clear(),
        Value::Array(values) => values.iter_mut().for_each(empty),
        Value::Object(fields) => fields.values_mut().for_each(empty),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A picture, or 404; bent where a fault says so. `path` is the picture's own, for redirects.
pub async fn picture(world: &World, realm: &str, path: &str, picture: Option<Picture>) -> Response {
    let bad = |fault| world.has(realm, fault);
    if bad(Fault::AvatarHangs) {
        std::future::pending::<()>().await;
    }
    if bad(Fault::Avatar5xx) {
        return unavailable();
    }
    if bad(Fault::AvatarRedirectLoop) {
        return found(StatusCode::FOUND, &format!("{}{path}", world.base));
    }
    if bad(Fault::AvatarRedirectToPrivate) {
        return found(StatusCode::FOUND, "http://10.255.255.1/avatar.png");
    }
    if bad(Fault::AvatarSvg) {
        return raw(StatusCode::OK, "image/svg+xml", SVG);
    }
    if bad(Fault::AvatarHtml) {
        return raw(StatusCode::OK, "image/png", HTML);
    }
    if bad(Fault::AvatarBomb) {
        return raw(StatusCode::OK, "image/png", crate::pictures::bomb());
    }
    let Some(mut picture) = picture.filter(|_| !bad(Fault::Avatar404)) else {
        return raw(StatusCode::NOT_FOUND, "text/plain", "not found");
    };
    if bad(Fault::AvatarRedirectOnce) {
        return found(StatusCode::FOUND, &format!("{}{}", world.base, picture.plain_path()));
    }
    if bad(Fault::AvatarTooLarge) {
        picture.bytes.resize(picture.bytes.len() + AVATAR_FILLER, 0);
    }
    if bad(Fault::AvatarTruncated) {
        picture.bytes.truncate(picture.bytes.len() / 2);
    }
    let kind =
        if bad(Fault::AvatarWrongContentType) { "text/plain" } else { picture.format.mime() };
    raw(StatusCode::OK, kind, picture.bytes)
}

/// The answer at the redirect URI, bent where a fault says so.
pub fn callback(world: &World, asked: &Asked, mut answer: Vec<(&'static str, String)>) -> Response {
    bend_callback(world, &asked.realm, &mut answer);
    let mut ledger = world.ledger();
    for (name, value) in &answer {
        ledger.received(name, value);
    }
    drop(ledger);
    let mut to = with_query(&asked.redirect_uri, &answer);
    to.push_str(play::of(&asked.realm).fragment);
    if world.has(&asked.realm, Fault::CallbackFragment) {
        to.push_str("#_=_");
    }
    found(StatusCode::FOUND, &to)
}

fn bend_callback(world: &World, realm: &str, answer: &mut Vec<(&'static str, String)>) {
    let bad = |fault| world.has(realm, fault);
    if bad(Fault::IssMissing) {
        answer.retain(|(name, _)| *name != "iss");
    }
    if bad(Fault::IssWrong) {
        answer.retain(|(name, _)| *name != "iss");
        answer.push(("iss", "https://issuer.example".to_owned()));
    }
    if bad(Fault::StateMissing) {
        answer.retain(|(name, _)| *name != "state");
    }
    for (name, value) in answer.iter_mut() {
        if bad(Fault::StateWrong) && *name == "state" {
            *value = crate::random::base64url(43);
        }
        if bad(Fault::DenialWithMarkup) && *name == "error_description" {
            *value = "<script>alert(1)</script><b>\"&amp;".to_owned();
        }
    }
    if bad(Fault::DuplicateParameters)
        && let Some(state) = answer.iter().find(|(name, _)| *name == "state").cloned()
    {
        answer.push(state);
    }
    if bad(Fault::ExtraParameters) {
        answer.push(("session_state", "a.b-c_d~e".to_owned()));
        answer.push(("anything", "새로운 것 & ? # %00 \u{202e}".to_owned()));
    }
    if bad(Fault::CallbackToken) {
        let token = crate::random::alphanumeric(30);
        answer.push(("access_token", token));
    }
}

/// `uri?a=b`, with `%20` for a blank as Discord, Google and Kakao write it.
pub fn with_query(uri: &str, pairs: &[(&'static str, String)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", query.replace('+', "%20"))
}

/// 503.
pub fn unavailable() -> Response {
    let mut response = raw(StatusCode::SERVICE_UNAVAILABLE, "text/html", HTML);
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
    response
}

fn too_many(body: Response) -> Response {
    let mut response = body;
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("7"));
    response
}

fn record(world: &World, body: &Value) {
    let mut ledger = world.ledger();
    for name in ["access_token", "refresh_token", "id_token"] {
        let Some(value) = body[name].as_str() else {
            continue;
        };
        let set = match name {
            "access_token" => &mut ledger.access_tokens,
            "refresh_token" => &mut ledger.refresh_tokens,
            _ => &mut ledger.id_tokens,
        };
        set.insert(value.to_owned());
    }
}

/// Takes a member out of a JSON object.
pub fn remove(body: &mut Value, name: &str) {
    if let Some(object) = body.as_object_mut() {
        object.remove(name);
    }
}
