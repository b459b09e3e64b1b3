//! The state that a user interface shows, as one value.

mod provider_card;

use serde::Serialize;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::explain::Explainer;
use crate::extra_grant::BotAdded;
use crate::home::Home;
use crate::ids::{AccountId, UserId};
use crate::messages::{Problem, messages};
use crate::settings::{Language, LanguageChoice, Settings};
use crate::sign_in::{SignIns, SigningIn};
use crate::user::User;
pub use provider_card::ProviderCard;
use provider_card::{local_profile_card, provider_card};

/// The state that a user interface shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// The providers, set up or not: first those that users signed in with, the last one first, then the
    /// others as they are listed, and local profiles (`email`).
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

/// The program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
        let language = LanguageChoice::System.language();
        let explained = Some(messages(language).problem(&home.identity().name, error, None));
        let (problem, waits_for) = match error.code() == Code::StoreUpdating {
            true => (None, explained),
            false => (explained, None),
        };
        Self { problem, waits_for, language, app: app(home), ..Self::default() }
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
            providers: provider_cards(context, &config, language)?,
            settings: context.store.settings()?,
            language,
            offline: context.is_offline(),
            app: app(&context.home),
        })
    }
}

fn provider_cards(
    context: &Context,
    config: &Config,
    language: Language,
) -> Result<Vec<ProviderCard>> {
    let used = context.store.used_providers()?;
    let mut entries: Vec<_> = config.entries().iter().collect();
    entries.sort_by_key(|entry| {
        used.iter().position(|id| *id == entry.oauth.id).unwrap_or(used.len())
    });
    let cards = entries.iter().map(|entry| provider_card(context, config, language, entry));
    Ok(cards.chain([local_profile_card(context, language)]).collect())
}

fn link_offers(accounts: &Accounts, users: &[User]) -> Result<Vec<LinkOffer>> {
    let named = |(account, user): (AccountId, UserId)| {
        let nickname = users.iter().find(|known| known.id == user)?.nickname.clone();
        Some(LinkOffer { account, user, nickname })
    };
    Ok(accounts.link_offers()?.into_iter().filter_map(named).collect())
}

fn app(home: &Home) -> AppInfo {
    AppInfo {
        name: home.identity().name.clone(),
        version: home.identity().version.clone(),
        home: home.own_dir().map(|dir| dir.display().to_string()),
        scheme: home.scheme(),
    }
}
