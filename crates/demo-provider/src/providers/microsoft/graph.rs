//! Microsoft Graph: userinfo, and the photo, which needs the bearer token.

use super::{is_personal, subject};
use crate::providers::prelude::*;

fn error(status: u16, code: &str, message: &str) -> Refusal {
    Refusal::new(status, json!({ "error": { "code": code, "message": message } }))
}

pub fn throttled() -> Refusal {
    error(429, "TooManyRequests", "Too many requests")
}

pub fn bad_bearer() -> Refusal {
    error(401, "InvalidAuthenticationToken", "Access token is empty or has expired.")
}

/// The claim about the address. Nothing says whether it is verified.
pub fn email(grant: &Grant, user: &User) -> Value {
    let email = user.email.filter(|_| grant.has("email"));
    present(json!({ "email": email.map(|email| email.address) }))
}

/// `picture` is always present; only a request tells whether there is one. Personal accounts have only the parts of the
/// name, under names without underscores (observed by many, not documented).
pub fn userinfo(request: &Request) -> Result<Value, Refusal> {
    let grant = request.granted("openid")?;
    let user = request.user(&grant);
    let mut claims = json!({ "sub": subject(&user) });
    if grant.has("profile") {
        let name = user.shown_name();
        claims["picture"] = json!(request.endpoint("photo_endpoint"));
        let names = match (is_personal(grant.user), name.split_once(' ')) {
            (true, Some((given, family))) => json!({ "givenname": given, "familyname": family }),
            (true, None) => json!({ "givenname": name }),
            (false, Some((given, family))) => {
                json!({ "name": name, "given_name": given, "family_name": family })
            }
            (false, None) => json!({ "name": name }),
        };
        merge(&mut claims, names);
    }
    merge(&mut claims, email(&grant, &user));
    Ok(claims)
}

/// Needs `User.Read`. The texts of the refusals are guesses.
pub async fn photo(request: Request) -> Result<Response, Refusal> {
    let grant = request.authorized()?.grant;
    if request.has(Fault::Photo401) {
        return Err(bad_bearer());
    }
    if !grant.has("User.Read") {
        let text = "Insufficient privileges to complete the operation.";
        return Err(error(403, "Authorization_RequestDenied", text));
    }
    let picture = picture_of(&request.user(&grant), 240, ImageFormat::Jpeg);
    let missing = || error(404, "ImageNotFound", "The photo wasn't found.");
    Ok(pictures::respond(&request, Some(picture.ok_or_else(missing)?)))
}
