//! The state that a user interface shows, as one value.

use native_oauth::provider::{Channel, Registration, RevocationEffect, SecretNeed};
use native_oauth::redirect::private_use_scheme;
use serde::Serialize;

use crate::bot::{BotAdded, BotPermission};
use crate::config::{Entry, env};
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::login::{Login, SigningIn, offered};
use crate::messages::{Problem, messages};
use crate::settings::{Language, LanguageChoice, Settings};
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
    /// The providers, set up or not.
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
    /// Permissions of a bot; empty if the provider has no bots.
    pub bot: Vec<BotPermission>,
    /// How it is set up.
    pub set_up: SetUpPage,
}

/// How a provider is set up. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The state if the engine cannot start.
    pub fn of_failure(home: &Home, error: &Error) -> Self {
        let language = LanguageChoice::System.resolve(sys_locale::get_locale().as_deref());
        Self {
            users: Vec::new(),
            current: None,
            signing_in: None,
            problem: Some(messages(language).problem(error, None)),
            waits_for: None,
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

impl Login {
    /// The present state. Opens no keychain item.
    ///
    /// # Errors
    /// If the database fails.
    pub fn state(&self) -> Result<State> {
        let language = self.language();
        let config = self.config();
        let mut users = self.users()?;
        for account in users.iter_mut().flat_map(|user| &mut user.accounts) {
            account.notes = self.notes(language, &account.label, &account.notes);
        }
        Ok(State {
            current: self.shown_user()?.map(|user| user.id),
            offers: self.open_link_offers(&users)?,
            users,
            signing_in: self.signing_in(language),
            problem: self.problem().map(|error| self.explain(language, &error)),
            waits_for: self.waits_for().map(|error| self.explain(language, &error)),
            bot: self.bot_added(language),
            providers: config.entries().iter().map(|entry| self.card(language, entry)).collect(),
            settings: self.settings()?,
            language,
            offline: self.is_offline(),
            app: app(self.home()),
        })
    }

    fn open_link_offers(&self, users: &[User]) -> Result<Vec<LinkOffer>> {
        let named = |(account, user): (AccountId, UserId)| {
            let nickname = users.iter().find(|known| known.id == user)?.nickname.clone();
            Some(LinkOffer { account, user, nickname })
        };
        Ok(self.link_offers()?.into_iter().filter_map(named).collect())
    }

    /// The messages of an error.
    pub fn explain(&self, language: Language, error: &Error) -> Problem {
        let config = self.config();
        let label =
            error.provider().and_then(|id| config.entry(id).ok()).map(|entry| entry.label.as_str());
        let problem = messages(language).problem(error, label);
        match self.on_its_page(error) {
            Some(on_page) => {
                // Only the messages change, not the code.
                let Problem { message, next, remedies, .. } =
                    messages(language).problem(&on_page, label);
                Problem { message, next, remedies, ..problem }
            }
            None => match self.similar_provider(error) {
                Some(id) => {
                    let did_you_mean =
                        messages(language).command("did_you_mean", &[("provider", &id)]);
                    let next = format!("{did_you_mean} {}", problem.next);
                    Problem { next, ..problem }
                }
                None => problem,
            },
        }
    }

    /// The provider whose id is similar to an unknown one (Jaro similarity over 0.7, as in `clap`).
    fn similar_provider(&self, error: &Error) -> Option<String> {
        let typed = error.words().filter(|_| error.code() == Code::UnknownProvider)?;
        let config = self.config();
        let ids = config
            .entries()
            .iter()
            .map(|entry| (strsim::jaro(typed, &entry.oauth.id), &entry.oauth.id));
        let near = ids.filter(|(likeness, _)| (0.7..1.0).contains(likeness));
        near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, id)| id.clone())
    }

    /// Replaces a timeout at a provider that shows errors on its own page only.
    fn on_its_page(&self, error: &Error) -> Option<Error> {
        let provider = error.provider().filter(|_| error.code() == Code::TimedOut)?;
        let config = self.config();
        let shown = config.entry(provider).ok()?.oauth.provider.set_up.page_error;
        (!shown.is_empty()).then(|| Error::new(Code::ErrorOnPage).at(provider).detail(shown))
    }

    /// Sentences for the codes of notes.
    fn notes(&self, language: Language, label: &str, codes: &[String]) -> Vec<String> {
        let code = |text: &String| Code::ALL.iter().find(|code| code.to_string() == *text);
        let sentence = |code: &Code| {
            let problem = messages(language).problem(&Error::new(*code), Some(label));
            format!("{} {}", problem.message, problem.next)
        };
        codes.iter().filter_map(code).map(sentence).collect()
    }

    fn card(&self, language: Language, entry: &Entry) -> ProviderCard {
        let home = self.home();
        let config = self.config();
        // An error without a provider is about the whole file.
        let concerns = |problem: &&Error| problem.provider().is_none_or(|at| at == entry.oauth.id);
        let problem = config.problem.as_ref().filter(concerns);
        ProviderCard {
            id: entry.oauth.id.clone(),
            label: entry.label.clone(),
            kind: entry.oauth.provider.id.to_owned(),
            ready: entry.is_ready(),
            problem: problem.map(|problem| self.explain(language, problem)),
            redirect_uris: redirect_uris(home, entry),
            file: home.providers_file().display().to_string(),
            variables: variables(entry),
            snippet: snippet(entry),
            register_url: entry.oauth.provider.set_up.register_url.map(str::to_owned),
            revocation_effect: entry.oauth.provider.revocations.effect,
            more: !entry.oauth.provider.optional_scopes.is_empty(),
            bot: offered(language, entry),
            overrides: entry.overrides.iter().map(|&key| key.to_owned()).collect(),
            set_up: self.set_up_page(language, entry),
        }
    }

    /// How a provider is set up. Opens no keychain item.
    pub fn set_up_page(&self, language: Language, entry: &Entry) -> SetUpPage {
        let set_up = &entry.oauth.provider.set_up;
        let client = entry.oauth.client.as_ref();
        SetUpPage {
            register_url: set_up.register_url.map(str::to_owned),
            redirect_uris: redirect_uris(self.home(), entry),
            steps: set_up.steps.iter().map(|key| messages(language).step(key).to_owned()).collect(),
            client_id: client.map(|client| client.id.clone()),
            secret: set_up.secret,
            secret_kept: client.is_some_and(|client| {
                client.secret.is_some()
                    || self.has_stored_client_secret(&entry.oauth.id, &client.id)
            }),
            asks_issuer: entry.oauth.is_discovered(),
            issuer: entry.oauth.is_discovered().then(|| entry.oauth.issuer.clone()),
            takes_redirect_uri: !entry.is_local(),
            redirect_uri: entry.bounce.as_ref().map(ToString::to_string),
            fixed_by: entry.fixed_by.clone(),
        }
    }
}

/// Redirect URIs to register, in the order of the channels. Without a port if any port is allowed
/// (RFC 8252, section 7.3).
fn redirect_uris(home: &Home, entry: &Entry) -> Vec<String> {
    let loopback = |port: &str| {
        format!(
            "http://{}{port}/callback/{}",
            entry.oauth.provider.loopback.host.as_str(),
            entry.oauth.id
        )
    };
    let by_type = entry.oauth.provider.loopback.registration == Registration::ByType;
    let of_channel = |channel: &Channel| match (channel, &entry.ports) {
        (Channel::Loopback | Channel::Paste, _) if by_type => Vec::new(),
        (Channel::DeepLink, _) => {
            vec![private_use_scheme::redirect_uri(&home.scheme(), &entry.oauth.id)]
        }
        (Channel::Bounce, _) => entry.bounce.iter().map(ToString::to_string).collect(),
        (Channel::Device, _) => Vec::new(),
        (Channel::Loopback | Channel::Paste, None) => vec![loopback("")],
        (Channel::Loopback | Channel::Paste, Some(ports)) => {
            ports.iter().map(|port| loopback(&format!(":{port}"))).collect()
        }
    };
    entry.channels.iter().flat_map(of_channel).collect()
}

/// Environment variables of the client; none for local profiles.
fn variables(entry: &Entry) -> Vec<String> {
    match entry.is_local() {
        true => Vec::new(),
        false => vec![env::id_variable(&entry.oauth.id), env::secret_variable(&entry.oauth.id)],
    }
}

fn snippet(entry: &Entry) -> String {
    match entry.is_local() {
        true => String::new(),
        false => format!("[{}]\nclient_id = \"\"\n", entry.oauth.id),
    }
}

fn app(home: &Home) -> AppInfo {
    AppInfo {
        name: "Nameplate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: home.own_dir().map(|dir| dir.display().to_string()),
        scheme: home.scheme(),
    }
}
