//! Who may speak to the demo provider: requests that name a loopback host, counted per path.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer;
use crate::world::Shared;

/// A page elsewhere whose name was rebound to 127.0.0.1 would send its own name as `Host`.
pub async fn loopback_only(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let host =
        request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        return answer::raw(
            StatusCode::MISDIRECTED_REQUEST,
            "text/plain",
            "this server answers on loopback names only",
        );
    }
    let path = request.uri().path().to_owned();
    // The control endpoints are no traffic of a client's.
    if !path.starts_with("/demo/") {
        *world.ledger().paths.entry(path).or_default() += 1;
    }
    next.run(request).await
}
