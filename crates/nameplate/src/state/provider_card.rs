//! A provider, as a user interface shows it.

use native_oauth::provider::{AccountPage, RevocationEffect, SecretNeed, ServerInput};
use serde::Serialize;

use crate::account::LOCAL_PROVIDER;
use crate::config::{Config, Entry, env};
use crate::context::Context;
use crate::error::Error;
use crate::explain::Explainer;
use crate::extra_grant::{self, BotPermission};
use crate::messages::{Problem, messages};
use crate::provider_setup::SetUpPage;
use crate::redirect_uris;
use crate::settings::Language;

/// A provider, and how it is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ProviderCard {
    /// The provider's id.
    pub id: String,
    /// The provider's display name.
    pub label: String,
    /// Id of the built-in provider, or `oidc`.
    pub kind: String,
    /// Whether it is set up.
    pub ready: bool,
    /// Whether the program runs it itself ([`LoopbackProvider`](crate::LoopbackProvider)); it is in no
    /// configuration.
    pub loopback: bool,
    /// What the user names besides it, to sign in.
    pub server_input: ServerInput,
    /// What was named before, the last one first.
    pub named_before: Vec<String>,
    /// The error in its configuration.
    pub problem: Option<Problem>,
    /// Redirect URIs to register.
    pub redirect_uris: Vec<String>,
    /// Path of `providers.toml`.
    pub file: String,
    /// Environment variables for client id and secret.
    pub variables: Vec<String>,
    /// Lines for `providers.toml`.
    pub snippet: String,
    /// Page of the provider to register a client at.
    pub register_url: Option<String>,
    /// Keys of endpoints that `providers.toml` overrides.
    pub overrides: Vec<String>,
    /// What disconnecting revokes.
    pub revocation_effect: RevocationEffect,
    /// Whether more scopes can be requested.
    pub more: bool,
    /// The provider's pages for a user with an account there.
    pub account_pages: Vec<AccountPage>,
    /// Permissions of a bot; empty if the provider has no bots.
    pub bot: Vec<BotPermission>,
    /// How it is set up.
    pub set_up: SetUpPage,
}

pub(super) fn provider_card(
    context: &Context,
    config: &Config,
    language: Language,
    entry: &Entry,
) -> ProviderCard {
    // An error without a provider is about the whole file.
    let concerns = |problem: &&Error| problem.provider().is_none_or(|at| at == entry.oauth.id);
    let problem = config.problem.as_ref().filter(concerns);
    ProviderCard {
        id: entry.oauth.id.clone(),
        label: messages(language).label(entry).to_owned(),
        kind: entry.oauth.provider.id.to_owned(),
        ready: entry.is_ready(),
        loopback: entry.is_loopback_provider,
        server_input: entry.server_input(),
        named_before: context.store.named_servers(&entry.oauth.id).unwrap_or_default(),
        problem: problem
            .map(|problem| Explainer::new(&context.home, config, language).problem(problem)),
        redirect_uris: redirect_uris::to_register(&context.home, entry),
        file: context.home.providers_file().display().to_string(),
        variables: vec![env::id_variable(&entry.oauth.id), env::secret_variable(&entry.oauth.id)],
        snippet: snippet(&entry.oauth.id, entry.oauth.provider.set_up.secret),
        register_url: entry.oauth.provider.set_up.register_url.map(str::to_owned),
        revocation_effect: entry.oauth.provider.revocations.effect,
        more: !entry.oauth.provider.optional_scopes.is_empty(),
        account_pages: account_pages(entry),
        bot: extra_grant::offered(language, entry),
        overrides: entry.overrides.iter().map(|&key| key.to_owned()).collect(),
        set_up: SetUpPage::new(context, language, entry),
    }
}

/// The table of a client. The line of the secret is a comment, since `client_secret` in the file replaces the one in the keychain.
fn snippet(id: &str, secret: SecretNeed) -> String {
    let secret = match secret {
        SecretNeed::Never => "",
        SecretNeed::Optional | SecretNeed::Needed => "# client_secret = \"\"\n",
    };
    format!("[{id}]\nclient_id = \"\"\n{secret}")
}

/// None where the endpoints are overridden: the account is at another server then.
fn account_pages(entry: &Entry) -> Vec<AccountPage> {
    match entry.overrides.is_empty() {
        true => entry.oauth.provider.account_pages.known(),
        false => Vec::new(),
    }
}

/// Local profiles are shown beside the providers; they need no client.
pub(super) fn local_profile_card(context: &Context, language: Language) -> ProviderCard {
    ProviderCard {
        id: LOCAL_PROVIDER.to_owned(),
        label: messages(language).local_profile.clone(),
        kind: LOCAL_PROVIDER.to_owned(),
        ready: true,
        file: context.home.providers_file().display().to_string(),
        revocation_effect: RevocationEffect::Profile,
        ..ProviderCard::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_to_add_show_where_the_secret_goes() {
        let needed = snippet("kakao", SecretNeed::Needed);
        assert_eq!(needed, "[kakao]\nclient_id = \"\"\n# client_secret = \"\"\n");
        assert!(!snippet("bluesky", SecretNeed::Never).contains("secret"));
    }
}
