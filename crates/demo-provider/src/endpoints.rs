//! The handlers that all providers share.

pub mod authorization;
mod consent;
mod device_authorization;
mod metadata;
pub mod pictures;
pub mod registration;
pub mod revocation;
pub mod token;
pub mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::pages;
use crate::provider::{Context, Provider};
use crate::state::ServerState;

pub use metadata::keys;

/// The endpoints of a provider.
pub fn routes(state: &Arc<ServerState>, provider: &'static Provider) -> Router {
    let path = |name: &str| format!("/{}{name}", provider.name);
    let mut router = standard(provider, &path(""))
        .route(&path("/sign-in"), post(consent::sign_in))
        .route(&path("/style.css"), get(pages::style));
    if let Some(device) = &provider.device {
        let page = get(device_authorization::page).post(device_authorization::enter);
        router = router.route(&path(device.page), page);
        if let Some(endpoint) = provider.endpoint("device_authorization_endpoint") {
            router = router.route(&path(endpoint), post(device_authorization::authorize));
        }
    }
    let context = Context { state: Arc::clone(state), provider };
    (provider.routes)(router).with_state(context)
}

/// The endpoints that each issuer of a provider has.
pub fn standard(provider: &'static Provider, prefix: &str) -> Router<Context> {
    let handlers = [
        ("authorization_endpoint", get(authorization::authorize)),
        ("token_endpoint", post(token::token)),
        ("jwks_uri", get(metadata::keys)),
    ];
    let mut router = Router::new();
    for (key, handler) in handlers {
        if let Some(path) = provider.endpoint(key) {
            router = router.route(&format!("{prefix}{path}"), handler);
        }
    }
    if let Some((path, _)) = provider.metadata {
        router = router.route(&format!("{prefix}{path}"), get(metadata::metadata));
    }
    router
}
