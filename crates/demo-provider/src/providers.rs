//! The providers. Each is one module; its tests are one file of `tests/providers`. To remove one, delete both, its two lines
//! here, and its line in `tests/providers/main.rs`.

pub mod discord;
pub mod facebook;
pub mod github;
pub mod google;
pub mod kakao;
pub mod line;
pub mod mastodon;
pub mod microsoft;
pub mod naver;
pub mod oidc;
mod prelude;

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
    &mastodon::PROVIDER,
    &mastodon::OLDER,
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

#[cfg(test)]
mod tests {
    use super::PROVIDERS;
    use crate::errors::TokenError::*;

    #[test]
    fn every_provider_has_a_response_to_every_error() {
        let errors = [
            GrantTypeMissing,
            GrantTypeUnsupported,
            ClientIdMissing,
            ClientUnknown,
            SecretMissing,
            SecretWrong,
            SecretUnexpected,
            CodeMissing,
            CodeInvalid,
            Mismatch,
            VerifierMissing,
            VerifierWrong,
            VerifierUnexpected,
            RefreshTokenMissing,
            RefreshTokenInvalid,
        ];
        let polls = [Pending, TooSoon, Denied, Expired, DeviceCodeInvalid];
        for provider in PROVIDERS {
            let polls = polls.iter().filter(|_| provider.device.is_some());
            for error in errors.iter().chain(polls) {
                let rows = provider.token.errors.iter().filter(|row| row.errors.contains(error));
                assert_eq!(rows.count(), 1, "{}: {error:?}", provider.name);
            }
        }
    }
}
