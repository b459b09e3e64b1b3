//! Kakao's API host: profile, token information, logout, unlink, pictures.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{account, consents, names, number};
use crate::endpoints::revocation::{self, Reach};
use crate::endpoints::{self, pictures};
use crate::grants::Grant;
use crate::pictures::{self as drawing, Format};
use crate::provider::{BearerError, Request};
use crate::response::{self, Refusal, merge};

/// `{"msg","code"}` with a number for a code.
fn error(status: StatusCode, code: i32, text: &str) -> Refusal {
    Refusal::new(status, json!({ "msg": text, "code": code }))
}

pub fn bearer_refusal(refused: BearerError) -> Refusal {
    let text = match refused {
        BearerError::Missing => "no authentication key!",
        BearerError::Unknown | BearerError::Scope => "this access token does not exist",
        BearerError::Expired => "this access token is already expired",
    };
    error(StatusCode::UNAUTHORIZED, -401, text)
}

/// The code is documented; the text is a guess.
pub fn too_many_requests() -> Refusal {
    error(StatusCode::TOO_MANY_REQUESTS, -10, "API limit has been exceeded.")
}

pub async fn me(request: Request) -> Response {
    let granted = request.authorized().map_err(bearer_refusal);
    match granted.and_then(|(grant, _)| profile(&request, &grant)) {
        Ok(profile) => endpoints::userinfo::respond(&request, profile).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn profile(request: &Request, grant: &Grant) -> Result<Value, Refusal> {
    let form = request.form().unwrap_or_default();
    let parameter = |name: &str| request.query.get(name).or_else(|| form.get(name));
    let keys = parameter("property_keys").map(property_keys).transpose()?;
    let secure = parameter("secure_resource") == Some("true");
    let wanted = |name: &str| {
        let key = format!("kakao_account.{name}");
        keys.as_ref().is_none_or(|keys| keys.contains(&key))
    };
    let user = request.user(grant);
    let scopes = consents(request, grant);
    let mut profile = json!({ "id": number(&user), "connected_at": "2026-11-01T09:00:00Z" });
    let mut kakao_account = json!({});
    for (name, members) in account::items(request, &user, &scopes, secure) {
        if wanted(name) {
            merge(&mut kakao_account, members);
        }
    }
    if kakao_account != json!({}) {
        profile["kakao_account"] = kakao_account;
    }
    // Deprecated, and still sent if no keys are chosen.
    if keys.is_none() && scopes.iter().any(|scope| scope == "profile_nickname") {
        profile["properties"] = json!({ "nickname": account::nickname(&user) });
    }
    Ok(profile)
}

/// A JSON array in a string. An unknown key is -201 by the table of codes; the text is a guess. `birthyear` and
/// `phone_number` as keys are a guess too: the list has six others.
fn property_keys(text: &str) -> Result<Vec<String>, Refusal> {
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
        error(StatusCode::BAD_REQUEST, -2, "property_keys must be a JSON array of strings")
    })?;
    let known = |key: &String| {
        let name = key.strip_prefix("kakao_account.");
        name.is_some_and(|name| KNOWN.contains(&name)) || key.starts_with("properties.")
    };
    let unknown = || error(StatusCode::BAD_REQUEST, -201, "invalid property key");
    keys.iter().all(known).then_some(()).ok_or_else(unknown)?;
    Ok(keys)
}

pub async fn userinfo(request: Request) -> Response {
    let grant = match request.authorized() {
        Ok((grant, _)) => grant,
        Err(error) => return bearer_refusal(error).into_response(),
    };
    let scopes = consents(&request, &grant);
    if !grant.has("openid") {
        let body = json!({ "msg": "insufficient scopes.", "code": -402, "api_type": "OIDC_USER_INFO", "required_scopes": ["openid"], "allowed_scopes": scopes });
        return response::json(StatusCode::FORBIDDEN, &body);
    }
    let user = request.user(&grant);
    let mut claims = json!({ "sub": number(&user).to_string() });
    merge(&mut claims, names(&request, &grant, &user));
    let agreed = scopes.iter().any(|scope| scope == "account_email");
    if let Some(email) = user.email.filter(|_| agreed) {
        let verified = email.valid && email.verified;
        merge(&mut claims, json!({ "email": email.address, "email_verified": verified }));
    }
    response::ok(&claims)
}

pub async fn token_info(request: Request) -> Response {
    match request.authorized() {
        Ok((grant, expires)) => response::ok(&json!({
            "id": number(grant.user),
            "expires_in": expires - request.state.now(),
            "app_id": 1_234_567,
        })),
        Err(error) => bearer_refusal(error).into_response(),
    }
}

/// Revokes this token; the other tokens stay valid.
pub async fn logout(request: Request) -> Response {
    let token = request.bearer().unwrap_or_default();
    revoke(&request, Reach::Token(token))
}

/// Withdraws the consent and revokes all tokens of the user for the app.
pub async fn unlink(request: Request) -> Response {
    revoke(&request, Reach::Account)
}

fn revoke(request: &Request, reach: Reach<'_>) -> Response {
    revocation::respond(request, |request| {
        let (grant, _) = request.authorized().map_err(bearer_refusal)?;
        revocation::revoke(request, &grant, reach);
        Ok(response::ok(&json!({ "id": number(grant.user) })))
    })
}

pub async fn image(Path((key, file)): Path<(String, String)>, request: Request) -> Response {
    match (key.as_str(), file.as_str()) {
        ("default", _) => pictures::respond(&request, drawing::embed(1)).await,
        (key, "img_640x640.jpg") => pictures::of_user(&request, key, 512, Format::Jpeg).await,
        (key, "img_110x110.jpg") => pictures::of_user(&request, key, 110, Format::Jpeg).await,
        _ => pictures::respond(&request, None).await,
    }
}
