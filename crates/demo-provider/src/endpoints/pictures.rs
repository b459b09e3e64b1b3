//! Pictures, with the faults that change them.

use axum::extract::Path;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use image::ImageFormat;

use crate::faults::Fault;
use crate::pictures::{self, Picture};
use crate::provider::{Alterations, Context, FaultyResponses, Request};
use crate::response::{self, PROXY_PAGE};

/// Size of what [`Fault::AvatarTooLarge`] adds, in bytes.
const FILLER: usize = 24 * 1024 * 1024;
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect width="9" height="9"/></svg>"#;

/// The faults instead of a picture.
const FAULTS: &FaultyResponses = &[
    (Fault::Avatar5xx, |_| response::unavailable()),
    (Fault::Avatar404, |_| response::not_found()),
    (Fault::AvatarRedirectLoop, |request| {
        response::found(&format!("{}{}", request.state.base, request.path))
    }),
    (Fault::AvatarRedirectToPrivate, |_| response::found("http://10.255.255.1/avatar.png")),
    (Fault::AvatarSvg, |_| response::raw(200, "image/svg+xml", SVG)),
    (Fault::AvatarHtml, |_| response::raw(200, "image/png", PROXY_PAGE)),
    (Fault::AvatarBomb, |_| response::raw(200, "image/png", pictures::BOMB)),
];

/// The faults within a picture.
const FAULTS_WITHIN: &Alterations<Vec<u8>> = &[
    (Fault::AvatarTooLarge, |bytes| bytes.resize(bytes.len() + FILLER, 0)),
    (Fault::AvatarTruncated, |bytes| bytes.truncate(bytes.len() / 2)),
];

/// Sends a picture, or 404.
pub fn respond(request: &Request, picture: Option<Picture>) -> Response {
    if let Some(response) = request.faulty_response(FAULTS) {
        return response;
    }
    let Some(mut picture) = picture else { return response::not_found() };
    if request.has(Fault::AvatarRedirectOnce) {
        return response::found(&format!("{}{}", request.state.base, picture.plain_path()));
    }
    request.apply_faults(FAULTS_WITHIN, &mut picture.bytes);
    let mislabelled = request.has(Fault::AvatarWrongContentType);
    let content_type = if mislabelled { "text/plain" } else { picture.format.to_mime_type() };
    response::raw(200, content_type, picture.bytes)
}

/// An endpoint `{file}` for pictures: the key of the user, and a file name extension.
pub fn route(size: u32, format: ImageFormat) -> MethodRouter<Context> {
    get(move |Path(file): Path<String>, request: Request| async move {
        let key = file.split('.').next().unwrap_or_default();
        of_user(&request, key, size, format)
    })
}

/// Sends the picture of the user with this key.
pub fn of_user(request: &Request, key: &str, size: u32, format: ImageFormat) -> Response {
    let user = request.state.user(key);
    respond(request, user.and_then(|user| pictures::of(user, size, format)))
}
