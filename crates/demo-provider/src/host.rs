//! Access: only requests to a loopback host name are answered. Counts the requests per path, and delays the responses.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::response;
use crate::state::ServerState;

/// Refuses other `Host` headers: a web page whose name was rebound to 127.0.0.1 sends its own name.
pub async fn loopback_only(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        let text = "this server responds on loopback names only";
        return response::raw(421, "text/plain", text);
    }
    let path = request.uri().path();
    // The control endpoints are not requests of a client.
    if !path.starts_with("/demo/") {
        state.log(|log| *log.paths.entry(path.to_owned()).or_default() += 1);
        let delay = state.delay();
        // Sleeping for no time takes a tick of the timer.
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
    next.run(request).await
}
