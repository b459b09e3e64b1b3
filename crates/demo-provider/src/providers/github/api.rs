//! GitHub's REST API, as far as a sign-in reads it, and the avatars.

use super::APP_CLIENT_ID;
use crate::pictures::identicon;
use crate::providers::prelude::*;

/// An error of the API; `topic` is the path of its documentation.
pub fn error(status: u16, message: &str, topic: &str) -> Refusal {
    let link = format!("https://docs.github.com/rest{topic}");
    let text = status.to_string();
    let body = json!({ "message": message, "documentation_url": link, "status": text });
    Refusal::new(status, body)
}

/// GitHub uses 403 for it as well.
pub fn rate_limited() -> Refusal {
    error(429, "API rate limit exceeded", "/overview/rate-limits-for-the-rest-api")
}

pub fn bad_credentials() -> Refusal {
    error(401, "Bad credentials", "")
}

/// A request without `User-Agent` is refused before everything else.
pub fn require_user_agent(request: &Request) -> Result<(), Refusal> {
    if request.header("user-agent").is_some_and(|name| !name.trim().is_empty()) {
        return Ok(());
    }
    let text = "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.\r\n";
    Err(Refusal::new(403, json!(text)))
}

/// The id of an account: a JSON number.
fn number(user: &User) -> u64 {
    user.number % 190_000_000 + 1_000_000
}

/// Letters, digits and hyphens.
fn login(user: &User) -> String {
    user.username.replace(['.', '_'], "-")
}

/// `email` is the public address, which no user here has; `name` is null without a nickname.
/// `Authorization: token ...` is accepted there too; only Bearer is documented today.
pub fn user(request: &Request) -> Result<Value, Refusal> {
    require_user_agent(request)?;
    let user = request.user(&request.authorized()?.grant);
    let (id, login) = (number(&user), login(&user));
    Ok(json!({
        "login": login,
        "id": id,
        "node_id": format!("U_kgDO{id}"),
        "avatar_url": request.url(&format!("/avatars/u/{id}?v=4")),
        "gravatar_id": "",
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "user_view_type": "private",
        "site_admin": false,
        "name": user.nickname,
        "company": null,
        "blog": "",
        "location": null,
        "email": null,
        "bio": null,
        "created_at": "2019-03-14T09:26:53Z",
        "updated_at": "2026-10-01T00:00:00Z",
    }))
}

/// Needs `user:email`; without it the list is not found. A GitHub App has the permission in its settings.
pub fn emails(request: &Request) -> Result<Value, Refusal> {
    require_user_agent(request)?;
    let grant = request.authorized()?.grant;
    let app = grant.client.id == APP_CLIENT_ID;
    let permitted = app || grant.has("user:email") || grant.has("user");
    if !permitted || request.has(Fault::Emails404) {
        let topic = "/users/emails#list-email-addresses-for-the-authenticated-user";
        return Err(error(404, "Not Found", topic));
    }
    Ok(addresses(&request.user(&grant)))
}

/// The primary address, and one of GitHub's own, which is verified and not read.
fn addresses(user: &User) -> Value {
    let Some(email) = user.email else {
        return json!([]);
    };
    let hidden = format!("{}+{}@users.noreply.github.com", number(user), login(user));
    json!([
        { "email": hidden, "primary": false, "verified": true, "visibility": null },
        { "email": email.address, "primary": true, "verified": email.verified, "visibility": "private" },
    ])
}

/// An account without a picture has an identicon.
pub async fn avatar(Path(id): Path<String>, request: Request) -> Response {
    let size = request.query.get("s").and_then(|size| size.parse().ok()).unwrap_or(460_u32);
    let user = USERS.iter().find(|user| number(user).to_string() == id);
    let user = user.and_then(|user| request.state.user(user.key));
    let picture = user.filter(|_| !request.has(Fault::PictureMissing)).and_then(|user| {
        picture_of(user, size.clamp(16, 512), ImageFormat::Png).or_else(|| identicon(user))
    });
    pictures::respond(&request, picture)
}
