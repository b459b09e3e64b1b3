//! Adding a bot to a server: an action of its own, and never part of a sign-in (PROVIDERS: a bot
//! asks to join a server, and `permissions=8` asks to govern it).

use native_oauth::provider::Channel;

use super::{Ask, Login};
use crate::bot::{Bot, BotAdded, BotPermission, PERMISSIONS, Permission};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::messages::messages;
use crate::settings::Language;
use crate::user::Intent;
use crate::vault::TokenStorage;

impl Login {
    /// The wish to add a bot that may do what is chosen of what is offered.
    ///
    /// # Errors
    /// [`Code::BadSetting`] where something else is chosen, [`Code::NoBot`] where the provider
    /// has no bots.
    pub fn ask_bot(&self, provider: &str, chosen: &[u64]) -> Result<Ask> {
        let offered = |bit: &u64| PERMISSIONS.iter().any(|permission| permission.bit == *bit);
        if !chosen.iter().all(offered) {
            return Err(Error::new(Code::BadSetting).at(provider));
        }
        self.ask_bot_with(provider, Some(chosen.iter().fold(0, |all, bit| all | bit)), None)
    }

    /// The wish to add a bot with any permissions; those that are configured, or none at all,
    /// where nothing is said.
    ///
    /// # Errors
    /// [`Code::NoBot`] where the provider has no bots.
    pub fn ask_bot_with(
        &self,
        provider: &str,
        permissions: Option<u64>,
        channel: Option<Channel>,
    ) -> Result<Ask> {
        let config = self.config();
        let entry = config.entry(provider)?;
        if !entry.oauth.provider.has_bots {
            return Err(Error::new(Code::NoBot).at(provider));
        }
        let permissions = permissions.or(entry.bot_permissions).unwrap_or(0);
        let intent = Intent::AddBot(permissions);
        Ok(Ask { provider: provider.to_owned(), intent, channel, storage: TokenStorage::Keychain })
    }

    /// Shows where a bot was added, until the person has read it.
    pub(super) fn show_bot(&self, bot: &Bot) {
        tracing::info!(provider = bot.provider, "added a bot");
        self.waiting().bot = Some(bot.clone());
    }

    /// The person has read where the bot was added.
    pub fn dismiss_bot(&self) {
        self.waiting().bot = None;
        self.tell(Event::Changed);
    }

    /// Where a bot was added last, as it is shown.
    pub(crate) fn bot_added(&self, language: Language) -> Option<BotAdded> {
        let Bot { provider, guild, permissions } = self.waiting().bot.clone()?;
        let config = self.config();
        let label = config.entry(&provider).map_or(provider.clone(), |entry| entry.label.clone());
        let asked = PERMISSIONS.iter().filter(|known| permissions & known.bit != 0);
        let permissions = asked.map(|known| name(language, known)).collect();
        Some(BotAdded { provider, label, guild: guild.name, permissions })
    }
}

/// What a bot of the entry can be allowed; nothing where it has none.
pub(crate) fn offered(language: Language, entry: &Entry) -> Vec<BotPermission> {
    let known = if entry.oauth.provider.has_bots { PERMISSIONS } else { &[] };
    let shown = |known: &Permission| BotPermission {
        bit: known.bit,
        name: name(language, known),
        risky: known.risky,
    };
    known.iter().map(shown).collect()
}

fn name(language: Language, permission: &Permission) -> String {
    messages(language).bot(permission.name).to_owned()
}
