//! GitHub's REST API as far as a sign-in reads it, and its picture host.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{REALM, may_read_emails};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::Grant;
use crate::faults::Fault;
use crate::people::{PEOPLE, Person};
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// What is read with a bearer, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/github/api/user", get(user))
        .route("/github/api/user/emails", get(emails))
        .route("/github/avatars/u/{id}", get(avatar))
}

/// The shape of errors of the API.
pub fn error(status: StatusCode, message: &str, topic: &str) -> Refused {
    let link = format!("https://docs.github.com/rest{topic}");
    let body = json!({
        "message": message, "documentation_url": link, "status": status.as_u16().to_string(),
    });
    Refused { status, body }
}

/// The word for a bearer that is not good.
pub fn bad_credentials() -> Refused {
    error(StatusCode::UNAUTHORIZED, "Bad credentials", "")
}

/// Too many requests; GitHub uses 403 for it as well.
pub fn rate_limited() -> Refused {
    let topic = "/overview/rate-limits-for-the-rest-api";
    error(StatusCode::TOO_MANY_REQUESTS, "API rate limit exceeded", topic)
}

/// A request without `User-Agent` is turned away before anything else is looked at.
pub fn nameless(ask: &Ask) -> Option<Response> {
    if ask.header("user-agent").is_some_and(|name| !name.trim().is_empty()) {
        return None;
    }
    let text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.";
    Some(answer::raw(StatusCode::FORBIDDEN, "text/html; charset=utf-8", format!("\r\n{text}\r\n")))
}

/// `Authorization: token ...` works there too; what is documented today is Bearer.
fn bearer(world: &World, ask: &Ask) -> Option<Arc<Grant>> {
    let book = world.book();
    let token = book.access(REALM, ask.bearer()?)?;
    (token.expires > world.now()).then(|| Arc::clone(&token.grant))
}

async fn user(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(refusal) = nameless(&ask) {
        return refusal;
    }
    let Some(grant) = bearer(&world, &ask) else {
        return bad_credentials().into_response();
    };
    answer::profile(&world, REALM, profile(&world, world.person_of(&grant))).await
}

/// The number that GitHub knows a person by: a JSON number.
fn number(person: &Person) -> u64 {
    person.number % 190_000_000 + 1_000_000
}

/// Letters, digits and hyphens are all that a login may have.
fn login(person: &Person) -> String {
    person.username.replace(['.', '_'], "-")
}

/// `email` is the public address, which nobody here has; `name` is null for whoever never gave one.
fn profile(world: &World, person: &Person) -> Value {
    let (id, login) = (number(person), login(person));
    json!({
        "login": login,
        "id": id,
        "node_id": format!("U_kgDO{id}"),
        "avatar_url": format!("{}/github/avatars/u/{id}?v=4", world.base),
        "gravatar_id": "",
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "user_view_type": "private",
        "site_admin": false,
        "name": person.nickname,
        "company": null,
        "blog": "",
        "location": null,
        "email": null,
        "bio": null,
        "created_at": "2019-03-14T09:26:53Z",
        "updated_at": "2026-10-01T00:00:00Z",
    })
}

/// Needs `user:email`; without it the list is not found.
async fn emails(State(world): State<Shared>, ask: Ask) -> Response {
    if let Some(refusal) = nameless(&ask) {
        return refusal;
    }
    let Some(grant) = bearer(&world, &ask) else {
        return bad_credentials().into_response();
    };
    if !may_read_emails(&grant) || world.has(REALM, Fault::Emails404) {
        let topic = "/users/emails#list-email-addresses-for-the-authenticated-user";
        return error(StatusCode::NOT_FOUND, "Not Found", topic).into_response();
    }
    answer::json(StatusCode::OK, &addresses(&world, world.person_of(&grant)))
}

/// The primary address, and one of GitHub's own that is verified and nobody reads. An account without
/// any address does not exist there; the list is empty then.
fn addresses(world: &World, person: &Person) -> Value {
    let Some(email) = person.email.filter(|_| !world.has(REALM, Fault::EmailMissing)) else {
        return json!([]);
    };
    let verified = email.verified && !world.has(REALM, Fault::EmailUnverified);
    let hidden = format!("{}+{}@users.noreply.github.com", number(person), login(person));
    json!([
        { "email": hidden, "primary": false, "verified": true, "visibility": null },
        { "email": email.address, "primary": true, "verified": verified, "visibility": "private" },
    ])
}

/// Who has no picture is given a drawn one: an address always comes.
async fn avatar(
    State(world): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
    ask: Ask,
) -> Response {
    let size = ask.query.get("s").and_then(|size| size.parse().ok()).unwrap_or(460_u32);
    let person = PEOPLE.iter().find(|person| number(person).to_string() == id);
    let person = person.and_then(|person| world.person(person.key));
    let person = person.filter(|_| !world.has(REALM, Fault::PictureMissing));
    let picture = person.and_then(|person| {
        let drawn = pictures::of(person, size.clamp(16, 512), Format::Png);
        drawn.or_else(|| pictures::identicon(person))
    });
    answer::picture(&world, REALM, uri.path(), picture).await
}
