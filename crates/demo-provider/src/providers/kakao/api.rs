//! Kakao's API host: profile, token information, logout, unlink, pictures.

use super::{account, consented, names, number};
use crate::providers::prelude::*;

/// `{"msg","code"}` with a number for a code.
pub fn error(status: u16, code: i32, text: &str) -> Refusal {
    Refusal::new(status, json!({ "msg": text, "code": code }))
}

pub fn me(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized()?.grant;
    let form = request.form().unwrap_or_default();
    let parameter = |name: &str| request.query.get(name).or_else(|| form.get(name));
    let keys = parameter("property_keys").map(property_keys).transpose()?;
    let secure = parameter("secure_resource") == Some("true");
    let user = request.user(&grant);
    let consented = consented(request, &grant);
    let mut profile = json!({ "id": number(&user), "connected_at": "2026-11-01T09:00:00Z" });
    let mut kakao_account = json!({});
    for (name, members) in account::items(request, &user, &consented, secure) {
        let key = format!("kakao_account.{name}");
        if keys.as_ref().is_none_or(|keys| keys.contains(&key)) {
            merge(&mut kakao_account, members);
        }
    }
    if kakao_account != json!({}) {
        profile["kakao_account"] = kakao_account;
    }
    // Deprecated, and still sent if no keys are chosen.
    if keys.is_none() && consented.has("profile_nickname") {
        profile["properties"] = json!({ "nickname": account::nickname(&user) });
    }
    Ok(profile)
}

/// A JSON array in a string. An unknown key is -201 by the table of codes; the text is a guess. `birthyear` and
/// `phone_number` as keys are a guess too: the list has six others.
fn property_keys(text: &str) -> Result<Vec<String>, Refusal> {
    let invalid = |_| error(400, -2, "property_keys must be a JSON array of strings");
    let keys: Vec<String> = serde_json::from_str(text).map_err(invalid)?;
    let known = |key: &String| {
        let name = key.strip_prefix("kakao_account.");
        name.is_some_and(|name| account::ITEMS.contains(&name)) || key.starts_with("properties.")
    };
    let unknown = || error(400, -201, "invalid property key");
    keys.iter().all(known).then_some(()).ok_or_else(unknown)?;
    Ok(keys)
}

pub fn userinfo(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized()?.grant;
    let consented = consented(request, &grant);
    if !grant.has("openid") {
        let body = json!({ "msg": "insufficient scopes.", "code": -402, "api_type": "OIDC_USER_INFO", "required_scopes": ["openid"], "allowed_scopes": consented.scopes });
        return Err(Refusal::new(403, body));
    }
    let user = request.user(&grant);
    let mut claims = json!({ "sub": number(&user).to_string() });
    merge(&mut claims, names(request, &consented, &user));
    if let Some(email) = user.email.filter(|_| consented.has("account_email")) {
        let verified = email.valid && email.verified;
        merge(&mut claims, json!({ "email": email.address, "email_verified": verified }));
    }
    Ok(claims)
}

pub fn token_info(request: &Request) -> Result<Value, Refusal> {
    let token = request.authorized()?;
    Ok(json!({
        "id": number(token.grant.user),
        "expires_in": token.expires - request.state.now(),
        "app_id": 1_234_567,
    }))
}

/// Revokes this token; the other tokens stay valid.
pub fn logout(request: &Request) -> Result<Response, Refusal> {
    revoke(request, Reach::Token(request.bearer().unwrap_or_default()))
}

/// Withdraws the consent and revokes all tokens of the user for the app.
pub fn unlink(request: &Request) -> Result<Response, Refusal> {
    revoke(request, Reach::Account)
}

fn revoke(request: &Request, reach: Reach<'_>) -> Result<Response, Refusal> {
    let grant = request.authorized()?.grant;
    request.revoke(&grant, reach);
    Ok(response::ok(&json!({ "id": number(grant.user) })))
}

pub async fn image(Path((key, file)): Path<(String, String)>, request: Request) -> Response {
    match (key.as_str(), file.as_str()) {
        ("default", _) => pictures::respond(&request, embed(1)),
        (key, "img_640x640.jpg") => pictures::of_user(&request, key, 512, ImageFormat::Jpeg),
        (key, "img_110x110.jpg") => pictures::of_user(&request, key, 110, ImageFormat::Jpeg),
        _ => pictures::respond(&request, None),
    }
}
