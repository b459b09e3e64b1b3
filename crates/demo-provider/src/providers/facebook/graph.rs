//! Facebook's Graph: the profile with the fields that are asked for, pictures, and the end of the permissions.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{oauth_exception, subject};
use crate::providers::prelude::*;

/// Lifetime of a picture's URL in seconds; the real one is unconfirmed.
const PICTURE_LIFETIME: i64 = 14 * 86_400;
/// The key of the picture of an account without one.
const SILHOUETTE: &str = "silhouette";

/// The token is in the header or in the query.
fn authorized(request: &Request) -> Result<Arc<Grant>, Refusal> {
    let token = request.bearer().or_else(|| request.query.get("access_token"));
    request.log(&request.query);
    Ok(request.authorized_by(token)?.grant)
}

/// `id` is always present; what was not granted, or is not known, is absent. Every account has a name.
pub fn me(request: &Request) -> Result<Value, Refusal> {
    let grant = authorized(request)?;
    let user = request.user(&grant);
    let names = User::names(user.shown_name());
    let mut profile = json!({ "id": subject(&user) });
    for field in request.query.get("fields").unwrap_or("id,name").split(',').map(str::trim) {
        // `picture.type(large)`, `picture{url}`: what follows the name selects its form.
        let name = field.split(['.', '{']).next().unwrap_or_default();
        profile[name] = match name {
            "id" => continue,
            "name" => names["name"].clone(),
            "first_name" => names["given_name"].clone(),
            "last_name" => names["family_name"].clone(),
            "picture" => picture_data(request, &user, field),
            "email" if grant.has("email") => json!(user.email.map(|email| email.address)),
            "birthday" if grant.has("user_birthday") => json!(birthday(&user)),
            "gender" if grant.has("user_gender") => json!(user.gender),
            "age_range" if grant.has("user_age_range") => {
                json!(user.age_from.map(|_| json!({ "min": 21 })))
            }
            "email" | "birthday" | "gender" | "age_range" => continue,
            _ => {
                let text = "Tried accessing nonexisting field";
                let text = format!("(#100) {text} ({name}) on node type (User)");
                return Err(oauth_exception(100, &text));
            }
        };
    }
    Ok(present(profile))
}

/// `MM/DD/YYYY`, or the part that is known.
fn birthday(user: &User) -> Option<String> {
    let day = user.birthday.day.map(|(month, day)| format!("{month:02}/{day:02}"));
    let year = user.birthday.year.map(|year| year.to_string());
    let parts: Vec<String> = day.into_iter().chain(year).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn picture_data(request: &Request, user: &User, field: &str) -> Value {
    let side = if field.contains("large") { 200 } else { 50 };
    json!({ "data": {
        "height": side,
        "width": side,
        "is_silhouette": user.colour.is_none(),
        "url": picture_url(request, user),
    } })
}

/// The URL is valid until `ext`, in Unix seconds.
pub fn picture_url(request: &Request, user: &User) -> String {
    let key = if user.colour.is_none() { SILHOUETTE } else { user.key };
    let expires = request.state.now() + PICTURE_LIFETIME;
    let hash = hash(key, &expires.to_string());
    request.url(&format!("/picture/{key}?height=200&width=200&ext={expires}&hash={hash}"))
}

fn hash(key: &str, expires: &str) -> String {
    format!("{:.16x}", Sha256::digest(format!("facebook {key} {expires}")))
}

pub async fn picture(Path(key): Path<String>, request: Request) -> Response {
    let expires = request.query.get("ext").unwrap_or_default();
    let signed = request.query.get("hash") == Some(hash(&key, expires).as_str());
    let expired = expires.parse::<i64>().is_ok_and(|expires| expires <= request.state.now());
    if !signed || expired {
        return response::raw(403, "text/plain", "URL signature expired");
    }
    if key == SILHOUETTE {
        return pictures::respond(&request, embed(1));
    }
    pictures::of_user(&request, &key, 200, ImageFormat::Jpeg)
}

/// `DELETE /me/permissions`: removes the app from the account.
pub fn revoke(request: &Request) -> Result<Response, Refusal> {
    request.revoke(&*authorized(request)?, Reach::Account);
    Ok(response::ok(&json!({ "success": true })))
}
