//! Discord's profile, its OpenID endpoints and its picture host.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{ISSUER, REALM};
use crate::answer;
use crate::ask::Ask;
use crate::book::Grant;
use crate::date;
use crate::faults::Fault;
use crate::id_token;
use crate::people::{Email, PEOPLE, Person};
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// Everything that is read with a bearer, and the pictures.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/discord/api/v10/users/@me", get(me))
        .route("/discord/api/users/@me", get(me))
        .route("/discord/api/v10/oauth2/@me", get(authorization))
        .route("/discord/api/oauth2/@me", get(authorization))
        .route("/discord/api/oauth2/userinfo", get(userinfo))
        .route("/discord/api/oauth2/keys", get(keys))
        .route("/discord/.well-known/openid-configuration", get(openid))
        .route("/discord/.well-known/oauth-authorization-server", get(metadata))
        .route("/discord/cdn/avatars/{id}/{file}", get(avatar))
        .route("/discord/cdn/embed/avatars/{file}", get(embed))
}

/// The word for a bearer that is not good.
pub fn unauthorized() -> Response {
    answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": "401: Unauthorized", "code": 0 }))
}

fn bearer(world: &World, ask: &Ask) -> Option<(Arc<Grant>, i64)> {
    let book = world.book();
    let token = book.access(REALM, ask.bearer()?)?;
    (token.expires > world.now()).then(|| (Arc::clone(&token.grant), token.expires))
}

/// `GET /users/@me` needs `identify`; `email` alone is not enough. The body of that refusal is a guess.
async fn me(State(world): State<Shared>, ask: Ask) -> Response {
    let Some((grant, _)) = bearer(&world, &ask).filter(|(grant, _)| grant.has("identify")) else {
        return unauthorized();
    };
    answer::profile(&world, REALM, user(&world, &grant)).await
}

fn user(world: &World, grant: &Grant) -> Value {
    let person = world.person_of(grant);
    let mut user = json!({
        "id": person.number.to_string(),
        "username": person.username,
        "avatar": avatar_hash(world, person),
        "discriminator": person.discriminator,
        "public_flags": 64,
        "flags": 64,
        "banner": null,
        "accent_color": null,
        "global_name": person.nickname,
        "avatar_decoration_data": null,
        "collectibles": null,
        "primary_guild": null,
        "mfa_enabled": false,
        "locale": "ko",
    });
    if grant.has("identify.premium") {
        user["premium_type"] = json!(0);
    }
    if grant.has("email") {
        let email = email(world, person);
        user["email"] = json!(email.map(|email| email.address));
        user["verified"] = json!(verified(world, email));
    }
    user
}

fn email(world: &World, person: &Person) -> Option<Email> {
    person.email.filter(|_| !world.has(REALM, Fault::EmailMissing))
}

fn verified(world: &World, email: Option<Email>) -> bool {
    email.is_some_and(|email| email.verified) && !world.has(REALM, Fault::EmailUnverified)
}

/// Any 32 hex digits do; those of a moving picture begin with `a_`.
fn avatar_hash(world: &World, person: &Person) -> Option<String> {
    let colour = person.colour.filter(|_| !world.has(REALM, Fault::PictureMissing))?;
    let [r, g, b] = colour.map(u64::from);
    let hash = format!("{:016x}{:016x}", person.number, r << 40 | g << 20 | b);
    Some(if person.animated { format!("a_{hash}") } else { hash })
}

async fn authorization(State(world): State<Shared>, ask: Ask) -> Response {
    let Some((grant, expires)) = bearer(&world, &ask) else {
        return unauthorized();
    };
    let mut body = json!({
        "application": { "id": grant.client.id, "name": grant.client.name, "icon": null, "description": "", "bot_public": true, "bot_require_code_grant": false },
        "scopes": grant.scopes,
        "expires": date::rfc3339(expires),
    });
    if grant.has("identify") {
        let person = world.person_of(&grant);
        body["user"] = json!({
            "id": person.number.to_string(), "username": person.username, "avatar": avatar_hash(&world, person),
            "discriminator": person.discriminator, "global_name": person.nickname, "public_flags": 64,
        });
    }
    answer::json(StatusCode::OK, &body)
}

async fn userinfo(State(world): State<Shared>, ask: Ask) -> Response {
    let Some((grant, _)) = bearer(&world, &ask).filter(|(grant, _)| grant.has("openid")) else {
        return unauthorized();
    };
    let person = world.person_of(&grant);
    let picture = avatar_hash(&world, person)
        .map(|hash| format!("{}/discord/cdn/avatars/{}/{hash}.png", world.base, person.number));
    let mut claims = json!({
        "sub": person.number.to_string(), "preferred_username": person.username, "nickname": person.nickname,
        "picture": picture, "locale": "ko",
    });
    if grant.has("email") {
        let email = email(&world, person);
        id_token::merge(
            &mut claims,
            json!({ "email": email.map(|email| email.address), "email_verified": verified(&world, email) }),
        );
    }
    answer::json(StatusCode::OK, &claims)
}

async fn keys(State(world): State<Shared>) -> Response {
    answer::json(StatusCode::OK, &id_token::key_set(&world))
}

async fn openid(State(world): State<Shared>) -> Response {
    let base = format!("{}/discord/api/oauth2", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{}/discord/oauth2/authorize", world.base),
            "token_endpoint": format!("{base}/token"),
            "userinfo_endpoint": format!("{base}/userinfo"),
            "jwks_uri": format!("{base}/keys"),
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }),
    )
}

/// The metadata that announces `iss`, which nobody here has seen in an answer.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/discord/api/oauth2", world.base);
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "revocation_endpoint": format!("{base}/token/revoke"),
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

/// `avatars/{id}/{hash}.{ext}?size=`. `.webp?animated=true` stands still here: no encoder at hand makes moving WebP.
async fn avatar(
    State(world): State<Shared>,
    Path((id, file)): Path<(String, String)>,
    uri: Uri,
    ask: Ask,
) -> Response {
    let picture = (|| {
        let (hash, extension) = file.rsplit_once('.')?;
        let format = Format::of(extension)?;
        let known = PEOPLE.iter().find(|person| person.number.to_string() == id)?;
        let person = world.person(known.key)?;
        let right = avatar_hash(&world, person)?;
        // Only a moving picture can be had as GIF.
        let possible = hash == right && (format != Format::Gif || person.animated);
        possible.then(|| pictures::of(person, size(&ask), format))?
    })();
    answer::picture(&world, REALM, uri.path(), picture).await
}

/// A power of two from 16 to 4096 there; drawn up to 512 here.
fn size(ask: &Ask) -> u32 {
    let wanted = ask.query.get("size").and_then(|size| size.parse::<u32>().ok());
    wanted.filter(|size| size.is_power_of_two()).unwrap_or(128).clamp(16, 512)
}

async fn embed(State(world): State<Shared>, Path(file): Path<String>, uri: Uri) -> Response {
    // PNG only.
    let index = file.strip_suffix(".png").and_then(|index| index.parse().ok());
    answer::picture(&world, REALM, uri.path(), index.and_then(pictures::embed)).await
}
