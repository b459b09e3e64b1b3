//! Adds a bot to a server. Separate from sign-in, because a bot asks to join a server and
//! `permissions=8` asks for administration.

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
    /// The request to add a bot with some of the offered permissions.
    ///
    /// # Errors
    /// [`Code::BadSetting`] for a permission that is not offered, [`Code::NoBot`] if the provider
    /// has no bots.
    pub fn ask_bot(&self, provider: &str, chosen: &[u64]) -> Result<Ask> {
        let offered = |bit: &u64| PERMISSIONS.iter().any(|permission| permission.bit == *bit);
        if !chosen.iter().all(offered) {
            return Err(Error::new(Code::BadSetting).at(provider));
        }
        self.ask_bot_with(provider, Some(chosen.iter().fold(0, |all, bit| all | bit)), None)
    }

    /// The request to add a bot with any permissions; `None` for the configured ones, or none.
    ///
    /// # Errors
    /// [`Code::NoBot`] if the provider has no bots.
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

    /// Shows the server that a bot was added to, until it is dismissed.
    pub(super) fn show_bot(&self, bot: &Bot) {
        tracing::info!(provider = bot.provider, "added a bot");
        self.waiting().bot = Some(bot.clone());
    }

    /// Dismisses the message about an added bot.
    pub fn dismiss_bot(&self) {
        self.waiting().bot = None;
        self.tell(Event::Changed);
    }

    /// The last added bot.
    pub(crate) fn bot_added(&self, language: Language) -> Option<BotAdded> {
        let Bot { provider, guild, permissions } = self.waiting().bot.clone()?;
        let config = self.config();
        let label = config.entry(&provider).map_or(provider.clone(), |entry| entry.label.clone());
        let asked = PERMISSIONS.iter().filter(|known| permissions & known.bit != 0);
        let permissions = asked.map(|known| name(language, known)).collect();
        Some(BotAdded { provider, label, guild: guild.name, permissions })
    }
}

/// The permissions to offer; empty if the provider has no bots.
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
