//! Google's userinfo and pictures.

use super::{EMAIL, PROFILE};
use crate::providers::prelude::*;

pub fn userinfo(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized()?.grant;
    let mut profile = json!({ "sub": subject(grant.user) });
    merge(&mut profile, claims(request, &grant));
    Ok(profile)
}

/// The claims of the scopes. `locale` may be missing, so it is.
pub fn claims(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    let mut claims = json!({});
    if grant.has(PROFILE) {
        merge(&mut claims, names(&user));
        claims["picture"] = json!(picture(request, &user));
    }
    if let Some(email) = user.email.filter(|_| grant.has(EMAIL)) {
        claims["email"] = json!(email.at_google);
        claims["email_verified"] = json!(email.verified);
        // Only for accounts of a Workspace.
        claims["hd"] = json!(email.workspace);
    }
    present(claims)
}

/// An account without a name has an empty one.
fn names(user: &User) -> Value {
    user.nickname.map_or_else(|| json!({ "name": "" }), User::names)
}

/// The 21 digits of `sub` and `people/...`.
pub fn subject(user: &User) -> String {
    format!("10{:0>19}", user.number)
}

pub fn picture(request: &Request, user: &User) -> Option<String> {
    user.colour.map(|_| request.url(&format!("/img/{}=s96-c", user.key)))
}

/// `KEY=s96-c`: the part after `=` is the size.
pub async fn image(Path(file): Path<String>, request: Request) -> Response {
    let (key, size) = file.split_once("=s").unwrap_or((&file, "96"));
    let size = size.trim_end_matches("-c").parse().unwrap_or(96_u32).clamp(16, 512);
    pictures::of_user(&request, key, size, ImageFormat::Png)
}
