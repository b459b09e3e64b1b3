//! The providers. Each is one module; removing one takes its module, its tests, and its lines here.

pub mod discord;
pub mod facebook;
pub mod github;
pub mod google;
pub mod kakao;
pub mod line;
pub mod microsoft;
pub mod naver;
pub mod oidc;

use std::sync::Arc;

use axum::Router;

use crate::endpoints;
use crate::provider::Provider;
use crate::state::ServerState;

/// All providers.
pub(crate) static PROVIDERS: &[&Provider] = &[
    &discord::PROVIDER,
    &google::PROVIDER,
    &kakao::PROVIDER,
    &facebook::PROVIDER,
    &github::PROVIDER,
    &microsoft::PROVIDER,
    &naver::PROVIDER,
    &line::PROVIDER,
    &oidc::PROVIDER,
];

/// The endpoints of all providers.
pub(crate) fn routes(state: &Arc<ServerState>) -> Router {
    PROVIDERS
        .iter()
        .fold(Router::new(), |router, provider| router.merge(endpoints::routes(state, provider)))
}

/// A `providers.toml` with the endpoints at `base`.
pub(crate) fn providers_toml(base: &str, https_redirect: &str) -> String {
    let mut file =
        "# The endpoints of the demo provider. The secrets are its own and protect nothing.\n"
            .to_owned();
    for provider in PROVIDERS {
        file.push_str(
            &(provider.table)(provider, base).replace("{https_redirect}", https_redirect),
        );
    }
    file
}
