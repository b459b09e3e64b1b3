//! The `avatar:` scheme: pictures from the database, so that a page loads no remote image.

use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Runtime, UriSchemeContext, UriSchemeResponder};

use crate::NameplateExt;

/// Serves `<account>/<key>`. The key is not read: it gives a new picture a new URL.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let path = request.uri().path().trim_start_matches('/').replace("%2F", "/");
    let account = path.split('/').next().unwrap_or_default();
    let engine = context.app_handle().nameplate();
    let picture = engine.ok().and_then(|engine| engine.profiles().picture(account).ok().flatten());
    responder.respond(match picture {
        Some(png) => response(StatusCode::OK, png),
        None => response(StatusCode::NOT_FOUND, Vec::new()),
    });
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}
