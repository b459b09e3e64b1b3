//! The state that a user interface shows, as one value.

use native_oauth::provider::{AccountPage, RevocationEffect, ServerInput};
use serde::Serialize;

use crate::accounts::Accounts;
use crate::config::{Config, Entry, env};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::explain::Explainer;
use crate::extra_grant::{self, BotAdded, BotPermission};
use crate::home::Home;
use crate::local_profile;
use crate::messages::{Problem, messages};
use crate::provider_setup::SetUpPage;
use crate::redirect_uris;
use crate::settings::{Language, LanguageChoice, Settings};
use crate::sign_in::{SignIns, SigningIn};
use crate::user::{AccountId, User, UserId};

/// The state that a user interface shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct State {
    /// The users on this device.
    pub users: Vec<User>,
    /// The user to show.
    pub current: Option<UserId>,
    /// The pending sign-in.
    pub signing_in: Option<SigningIn>,
    /// The last error, until it is dismissed.
    pub problem: Option<Problem>,
    /// What an operation waits for: a locked keychain, or another process.
    pub waits_for: Option<Problem>,
    /// The server that a bot was added to, until it is dismissed.
    pub bot: Option<BotAdded>,
    /// Accounts that may belong to another user on this device.
    pub offers: Vec<LinkOffer>,
    /// The providers, set up or not, and local profiles (`email`) last.
    pub providers: Vec<ProviderCard>,
    /// The user's settings.
    pub settings: Settings,
    /// The language of messages.
    pub language: Language,
    /// Whether the provider of the shown user cannot be reached.
    pub offline: bool,
    /// The program.
    pub app: AppInfo,
}

/// An account that may belong to another user on this device (S39).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct LinkOffer {
    /// The account.
    pub account: AccountId,
    /// The other user.
    pub user: UserId,
    /// The other user's name on this device.
    pub nickname: String,
}

/// A provider, and how it is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Whether the program runs it itself ([`LoopbackProvider`](crate::LoopbackProvider)); nobody has
    /// configured it.
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
    /// The provider's pages for a person with an account there.
    pub account_pages: Vec<AccountPage>,
    /// Permissions of a bot; empty if the provider has no bots.
    pub bot: Vec<BotPermission>,
    /// How it is set up.
    pub set_up: SetUpPage,
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct AppInfo {
    /// Name of the program.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// The folder of a separate home.
    pub home: Option<String>,
    /// The scheme of its deep links.
    pub scheme: String,
}

impl State {
    /// The state if the engine cannot start, or waits to ([`Code::StoreUpdating`]).
    pub fn of_failure(home: &Home, error: &Error) -> Self {
        let language = LanguageChoice::System.resolve(sys_locale::get_locale().as_deref());
        let explained = Some(messages(language).problem(&home.identity().name, error, None));
        let (problem, waits_for) = match error.code() == Code::StoreUpdating {
            true => (None, explained),
            false => (explained, None),
        };
        Self {
            users: Vec::new(),
            current: None,
            signing_in: None,
            problem,
            waits_for,
            bot: None,
            offers: Vec::new(),
            providers: Vec::new(),
            settings: Settings::default(),
            language,
            offline: false,
            app: app(home),
        }
    }
}

impl State {
    /// The present state. Opens no keychain item.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn new(context: &Context, accounts: &Accounts, sign_ins: &SignIns) -> Result<Self> {
        let language = context.language();
        let config = context.config();
        let explainer = Explainer::new(&context.home, &config, language);
        let explain = |error: Error| explainer.problem(&error);
        let mut users = context.users()?;
        for account in users.iter_mut().flat_map(|user| &mut user.accounts) {
            account.notes = explainer.notes(&account.label, &account.notes);
        }
        Ok(Self {
            current: context.current_user()?.map(|user| user.id),
            offers: link_offers(accounts, &users)?,
            users,
            signing_in: sign_ins.status(language),
            problem: context.notices.problem().map(explain),
            waits_for: context.notices.waiting_for().map(explain),
            bot: context.notices.bot().map(|bot| BotAdded::new(&config, language, bot)),
            providers: config
                .entries()
                .iter()
                .map(|entry| provider_card(context, &config, language, entry))
                .chain([local_profile_card(context)])
                .collect(),
            settings: context.store.settings()?,
            language,
            offline: context.is_offline(),
            app: app(&context.home),
        })
    }
}

fn link_offers(accounts: &Accounts, users: &[User]) -> Result<Vec<LinkOffer>> {
    let named = |(account, user): (AccountId, UserId)| {
        let nickname = users.iter().find(|known| known.id == user)?.nickname.clone();
        Some(LinkOffer { account, user, nickname })
    };
    Ok(accounts.link_offers()?.into_iter().filter_map(named).collect())
}

fn provider_card(
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
        label: entry.label.clone(),
        kind: entry.oauth.provider.id.to_owned(),
        ready: entry.is_ready(),
        loopback: entry.is_offered,
        server_input: entry.server_input(),
        named_before: context.store.named_servers(&entry.oauth.id).unwrap_or_default(),
        problem: problem
            .map(|problem| Explainer::new(&context.home, config, language).problem(problem)),
        redirect_uris: redirect_uris::to_register(&context.home, entry),
        file: context.home.providers_file().display().to_string(),
        variables: vec![env::id_variable(&entry.oauth.id), env::secret_variable(&entry.oauth.id)],
        snippet: format!("[{}]\nclient_id = \"\"\n", entry.oauth.id),
        register_url: entry.oauth.provider.set_up.register_url.map(str::to_owned),
        revocation_effect: entry.oauth.provider.revocations.effect,
        more: !entry.oauth.provider.optional_scopes.is_empty(),
        account_pages: account_pages(entry),
        bot: extra_grant::offered(language, entry),
        overrides: entry.overrides.iter().map(|&key| key.to_owned()).collect(),
        set_up: SetUpPage::new(context, language, entry),
    }
}

/// None where the endpoints are overridden: the account is at another server then.
fn account_pages(entry: &Entry) -> Vec<AccountPage> {
    match entry.overrides.is_empty() {
        true => entry.oauth.provider.account_pages.known(),
        false => Vec::new(),
    }
}

/// Local profiles are shown beside the providers; they need no client.
fn local_profile_card(context: &Context) -> ProviderCard {
    ProviderCard {
        id: local_profile::ID.to_owned(),
        label: local_profile::LABEL.to_owned(),
        kind: local_profile::ID.to_owned(),
        ready: true,
        loopback: false,
        server_input: ServerInput::None,
        named_before: Vec::new(),
        problem: None,
        redirect_uris: Vec::new(),
        file: context.home.providers_file().display().to_string(),
        variables: Vec::new(),
        snippet: String::new(),
        register_url: None,
        overrides: Vec::new(),
        revocation_effect: RevocationEffect::Profile,
        more: false,
        account_pages: Vec::new(),
        bot: Vec::new(),
        set_up: SetUpPage::none(),
    }
}

fn app(home: &Home) -> AppInfo {
    AppInfo {
        name: home.identity().name.clone(),
        version: home.identity().version.clone(),
        home: home.own_dir().map(|dir| dir.display().to_string()),
        scheme: home.scheme(),
    }
}
