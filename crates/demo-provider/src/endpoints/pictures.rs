//! Pictures, with the faults that change them.

use std::future;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use crate::faults::Fault;
use crate::pictures::{self, Format, Picture};
use crate::provider::{Context, Request};
use crate::response::{self, PROXY_PAGE};

/// Size of what [`Fault::AvatarTooLarge`] adds, in bytes.
const FILLER: usize = 24 * 1024 * 1024;
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect width="9" height="9"/></svg>"#;

/// Sends a picture, or 404.
pub async fn respond(request: &Request, picture: Option<Picture>) -> Response {
    let has = |fault| request.has(fault);
    let image = |content_type: &str, body: Vec<u8>| response::raw(200, content_type, body);
    let elsewhere = |location: String| response::redirect(StatusCode::FOUND, &location);
    if has(Fault::AvatarHangs) {
        future::pending::<()>().await;
    }
    if has(Fault::Avatar5xx) {
        return response::unavailable();
    }
    if has(Fault::AvatarRedirectLoop) {
        return elsewhere(format!("{}{}", request.state.base, request.path));
    }
    if has(Fault::AvatarRedirectToPrivate) {
        return elsewhere("http://10.255.255.1/avatar.png".to_owned());
    }
    if has(Fault::AvatarSvg) {
        return image("image/svg+xml", SVG.into());
    }
    if has(Fault::AvatarHtml) {
        return image("image/png", PROXY_PAGE.into());
    }
    if has(Fault::AvatarBomb) {
        return image("image/png", pictures::BOMB.to_vec());
    }
    let Some(mut picture) = picture.filter(|_| !has(Fault::Avatar404)) else {
        return response::not_found();
    };
    if has(Fault::AvatarRedirectOnce) {
        return elsewhere(format!("{}{}", request.state.base, picture.plain_path()));
    }
    if has(Fault::AvatarTooLarge) {
        picture.bytes.resize(picture.bytes.len() + FILLER, 0);
    }
    if has(Fault::AvatarTruncated) {
        picture.bytes.truncate(picture.bytes.len() / 2);
    }
    let content_type =
        if has(Fault::AvatarWrongContentType) { "text/plain" } else { picture.format.mime() };
    image(content_type, picture.bytes)
}

/// An endpoint `{file}` for pictures: the key of the user, and a file name extension.
pub fn route(size: u32, format: Format) -> MethodRouter<Context> {
    get(move |Path(file): Path<String>, request: Request| async move {
        let key = file.split('.').next().unwrap_or_default();
        of_user(&request, key, size, format).await
    })
}

/// Sends the picture of the user with this key.
pub async fn of_user(request: &Request, key: &str, size: u32, format: Format) -> Response {
    let user = request.state.user(key);
    respond(request, user.and_then(|user| pictures::of(user, size, format))).await
}
