//! What Microsoft Graph tells of a person: userinfo, and the photo that wants the bearer.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{REALM, is_personal, subject};
use crate::answer::{self, Refused};
use crate::ask::Ask;
use crate::book::Grant;
use crate::faults::Fault;
use crate::id_token;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

const PHOTO: &str = "/microsoft/graph/v1.0/me/photo/$value";

/// What is read with a bearer.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/microsoft/graph/oidc/userinfo", get(userinfo).post(userinfo))
        .route(PHOTO, get(photo))
}

/// The shape of errors of Graph.
fn error(status: StatusCode, code: &str, message: &str) -> Refused {
    Refused { status, body: json!({ "error": { "code": code, "message": message } }) }
}

/// The word for a bearer that is not good.
pub fn bad_bearer() -> Refused {
    let text = "Access token is empty or has expired.";
    error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", text)
}

/// Too many requests.
pub fn throttled() -> Refused {
    error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Too many requests")
}

fn bearer(world: &World, ask: &Ask) -> Option<Arc<Grant>> {
    let book = world.book();
    let token = book.access(REALM, ask.bearer()?)?;
    (token.expires > world.now()).then(|| Arc::clone(&token.grant))
}

/// The claim about the address; nothing says whether it is verified.
pub fn email(world: &World, grant: &Grant) -> Value {
    let wanted = grant.has("email") && !world.has(REALM, Fault::EmailMissing);
    let email = grant.person.email.filter(|_| wanted);
    email.map_or(json!({}), |email| json!({ "email": email.address }))
}

async fn userinfo(State(world): State<Shared>, ask: Ask) -> Response {
    let Some(grant) = bearer(&world, &ask).filter(|grant| grant.has("openid")) else {
        return bad_bearer().into_response();
    };
    answer::profile(&world, REALM, claims(&world, &grant)).await
}

/// `picture` always stands there: whether there is one, only asking tells. Personal accounts have the parts of
/// the name alone, and write them in one word (observed by many, documented nowhere).
fn claims(world: &World, grant: &Grant) -> Value {
    let mut claims = json!({ "sub": subject(grant.person) });
    if grant.has("profile") {
        let name = world.person_of(grant).shown_name();
        claims["picture"] = json!(format!("{}{PHOTO}", world.base));
        let parts = name.split_once(' ');
        let names = match (is_personal(grant.person), parts) {
            (true, Some((given, family))) => json!({ "givenname": given, "familyname": family }),
            (true, None) => json!({ "givenname": name }),
            (false, Some((given, family))) => {
                json!({ "name": name, "given_name": given, "family_name": family })
            }
            (false, None) => json!({ "name": name }),
        };
        id_token::merge(&mut claims, names);
    }
    id_token::merge(&mut claims, email(world, grant));
    claims
}

/// Binary; the bearer must be for `User.Read`. The words of the refusals are a guess.
async fn photo(State(world): State<Shared>, uri: Uri, ask: Ask) -> Response {
    let grant = bearer(&world, &ask).filter(|_| !world.has(REALM, Fault::Photo401));
    let Some(grant) = grant else {
        return bad_bearer().into_response();
    };
    if !grant.has("User.Read") {
        let text = "Insufficient privileges to complete the operation.";
        return error(StatusCode::FORBIDDEN, "Authorization_RequestDenied", text).into_response();
    }
    let missing = world.has(REALM, Fault::PictureMissing);
    let picture = pictures::of(world.person_of(&grant), 240, Format::Jpeg).filter(|_| !missing);
    if picture.is_none() {
        let text = "The photo wasn't found.";
        return error(StatusCode::NOT_FOUND, "ImageNotFound", text).into_response();
    }
    answer::picture(&world, REALM, uri.path(), picture).await
}
