//! The generic issuer's userinfo endpoint and pictures.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::{Issuer, PROVIDER, claims};
use crate::answer::{self, error};
use crate::ask::Ask;
use crate::book::Grant;
use crate::pictures::{self, Format};
use crate::world::{Shared, World};

/// `GET` or `POST userinfo`, the token in the header and nowhere else.
pub async fn userinfo(State(world): State<Shared>, issuer: Issuer, ask: Ask) -> Response {
    let Some(grant) = bearer(&world, &issuer, &ask) else {
        return invalid_token();
    };
    if !grant.has("openid") {
        return insufficient_scope();
    }
    let mut claims = claims::userinfo(&world, &grant);
    if let Some(module) = issuer.module {
        module.bend_userinfo(&mut claims);
        if let Some(response) = module.userinfo(&world, &grant, &claims) {
            return response;
        }
    }
    answer::profile(&world, &issuer.realm, claims).await
}

fn bearer(world: &World, issuer: &Issuer, ask: &Ask) -> Option<Arc<Grant>> {
    let book = world.book();
    let token = book.access(&issuer.realm, ask.bearer()?)?;
    (token.expires > world.now()).then(|| Arc::clone(&token.grant))
}

/// The word for a bearer that is not good (RFC 6750 §3).
pub fn invalid_token() -> Response {
    challenge(StatusCode::UNAUTHORIZED, "invalid_token")
}

/// The word for a bearer that does not open this (RFC 6750 §3).
pub fn insufficient_scope() -> Response {
    challenge(StatusCode::FORBIDDEN, "insufficient_scope")
}

fn challenge(status: StatusCode, code: &'static str) -> Response {
    let mut response = error(status, code, None).into_response();
    let value = match code {
        "insufficient_scope" => {
            HeaderValue::from_static(r#"Bearer error="insufficient_scope", scope="openid""#)
        }
        _ => HeaderValue::from_static(r#"Bearer error="invalid_token""#),
    };
    response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    response
}

/// `img/KEY.webp`, or another format by its extension.
pub async fn image(State(world): State<Shared>, Path(file): Path<String>, uri: Uri) -> Response {
    let picture = file
        .rsplit_once('.')
        .and_then(|(key, extension)| pictures::of(world.person(key)?, 256, Format::of(extension)?));
    answer::picture(&world, PROVIDER, uri.path(), picture).await
}
