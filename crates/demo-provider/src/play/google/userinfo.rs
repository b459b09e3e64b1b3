//! Google's userinfo, keys, metadata and pictures.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{EMAIL, ISSUER, PROFILE, REALM, email, picture, subject};
use crate::answer;
use crate::ask::Ask;
use crate::book::Grant;
use crate::id_token;
use crate::people::Person;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// Everything but the People API.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/google/v1/userinfo", get(userinfo).post(userinfo))
        .route("/google/oauth2/v3/certs", get(certs))
        .route("/google/.well-known/openid-configuration", get(metadata))
        .route("/google/img/{file}", get(image))
}

/// The grant of a good bearer.
pub fn bearer(world: &World, ask: &Ask) -> Option<Arc<Grant>> {
    let book = world.book();
    let token = book.access(REALM, ask.bearer()?)?;
    (token.expires > world.now()).then(|| Arc::clone(&token.grant))
}

/// The word for a bearer that is not good.
pub fn invalid_credentials() -> Response {
    let mut response =
        answer::error(StatusCode::UNAUTHORIZED, "invalid_request", Some("Invalid Credentials"))
            .into_response();
    let challenge = HeaderValue::from_static(
        r#"Bearer realm="https://accounts.google.com/", error="invalid_token""#,
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

async fn userinfo(State(world): State<Shared>, ask: Ask) -> Response {
    let Some(grant) = bearer(&world, &ask) else {
        return invalid_credentials();
    };
    answer::profile(&world, REALM, claims(&world, &grant)).await
}

/// Without `profile` only `sub`, with `email` the address. `locale` may be missing, so it is.
fn claims(world: &World, grant: &Grant) -> Value {
    let person = world.person_of(grant);
    let mut claims = json!({ "sub": subject(person) });
    if grant.has(PROFILE) {
        id_token::merge(&mut claims, names(person));
        id_token::merge(
            &mut claims,
            picture(world, person).map_or(json!({}), |url| json!({ "picture": url })),
        );
    }
    if grant.has(EMAIL) {
        id_token::merge(&mut claims, email(world, person));
    }
    claims
}

/// Who never gave a name has an empty one there.
pub fn names(person: &Person) -> Value {
    match person.nickname.unwrap_or_default().split_once(' ') {
        Some((given, family)) => {
            json!({ "name": person.nickname, "given_name": given, "family_name": family })
        }
        None if person.nickname.is_some() => {
            json!({ "name": person.nickname, "given_name": person.nickname })
        }
        None => json!({ "name": "" }),
    }
}

async fn certs(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.next.jwk(), world.keys.main.jwk()])
}

/// Google's own endpoints stand under other hosts; here they stand under one prefix.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/google", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/o/oauth2/v2/auth"),
            "token_endpoint": format!("{base}/token"),
            "userinfo_endpoint": format!("{base}/v1/userinfo"),
            "revocation_endpoint": format!("{base}/revoke"),
            "jwks_uri": format!("{base}/oauth2/v3/certs"),
            "response_types_supported": ["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
        }),
    )
}

/// `KEY=s96-c`: the part after `=` is the size. The real host has https; this one has no certificate to show.
async fn image(State(world): State<Shared>, Path(file): Path<String>, uri: Uri) -> Response {
    let (key, size) = file.split_once("=s").unwrap_or((&file, "96"));
    let size = size.trim_end_matches("-c").parse().unwrap_or(96_u32).clamp(16, 512);
    let picture = world.person(key).and_then(|person| pictures::of(person, size, Format::Png));
    answer::picture(&world, REALM, uri.path(), picture).await
}
