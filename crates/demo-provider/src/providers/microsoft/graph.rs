//! Microsoft Graph: userinfo, and the photo, which needs the bearer token.

use super::{is_personal, subject};
use crate::provider::prelude::*;

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
    email.map_or(json!({}), |email| json!({ "email": email.address }))
}

/// `picture` is always present; only a request tells whether there is one. Personal accounts have only the parts of the
/// name, under names without underscores (observed by many, not documented).
pub fn userinfo(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
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
    merge(&mut claims, email(grant, &user));
    claims
}

/// Needs `User.Read`. The texts of the refusals are guesses.
pub async fn photo(request: Request) -> Response {
    let granted = request.authorized().ok().filter(|_| !request.has(Fault::Photo401));
    let Some((grant, _)) = granted else {
        return bad_bearer().into_response();
    };
    if !grant.has("User.Read") {
        let text = "Insufficient privileges to complete the operation.";
        return error(403, "Authorization_RequestDenied", text).into_response();
    }
    match crate::pictures::of(&request.user(&grant), 240, Format::Jpeg) {
        Some(picture) => pictures::respond(&request, Some(picture)).await,
        None => error(404, "ImageNotFound", "The photo wasn't found.").into_response(),
    }
}
