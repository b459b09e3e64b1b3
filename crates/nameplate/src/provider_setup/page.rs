//! What a form for the set-up of a provider shows.

use native_oauth::provider::SecretNeed;
use serde::Serialize;

use crate::config::Entry;
use crate::context::Context;
use crate::messages::messages;
use crate::settings::Language;
use crate::{provider_client, redirect_uris};

/// How a provider is set up. Contains no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SetUpPage {
    /// Page of the provider to register a client at.
    pub register_url: Option<String>,
    /// Redirect URIs to register.
    pub redirect_uris: Vec<String>,
    /// Steps at the provider, as sentences.
    pub steps: Vec<String>,
    /// The configured client id.
    pub client_id: Option<String>,
    /// Whether the client needs a secret.
    pub secret: SecretNeed,
    /// Whether a secret is configured.
    pub secret_kept: bool,
    /// Whether an issuer is to be entered.
    pub asks_issuer: bool,
    /// The configured issuer.
    pub issuer: Option<String>,
    /// Whether an https redirect page can be configured.
    pub takes_redirect_uri: bool,
    /// The configured https redirect page.
    pub redirect_uri: Option<String>,
    /// The environment variable that sets the client, which then cannot be changed here.
    pub fixed_by: Option<String>,
}

impl SetUpPage {
    pub(crate) fn new(context: &Context, language: Language, entry: &Entry) -> Self {
        let set_up = &entry.oauth.provider.set_up;
        let client = entry.oauth.client.as_ref();
        let program = &context.home.identity().name;
        let discovered = entry.oauth.is_discovered() && !entry.oauth.provider.is_atproto();
        Self {
            register_url: set_up.register_url.map(str::to_owned),
            redirect_uris: redirect_uris::to_register(&context.home, entry),
            steps: set_up.steps.iter().map(|key| messages(language).step(program, key)).collect(),
            client_id: client.map(|client| client.id.clone()),
            secret: set_up.secret,
            secret_kept: client.is_some_and(|client| {
                client.secret.is_some()
                    || provider_client::has_secret_in_keychain(context, &entry.oauth, client)
            }),
            asks_issuer: discovered,
            issuer: Some(entry.oauth.issuer.clone()).filter(|of| discovered && !of.is_empty()),
            takes_redirect_uri: true,
            redirect_uri: entry.https_page.as_ref().map(ToString::to_string),
            fixed_by: entry.fixed_by.clone(),
        }
    }
}
