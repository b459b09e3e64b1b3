//! Discord's bot: its permissions, and the server it was added to.

use native_oauth::profile::shown;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{Config, Entry};
use crate::error::{Code, Error, Result};
use crate::messages::messages;
use crate::settings::Language;

/// A bot that was added to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// The provider's id.
    pub provider: String,
    /// The server in the token response. The callback's parameter is not trusted.
    pub guild: Guild,
    /// The requested permissions, as Discord's bits.
    pub permissions: u64,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guild {
    /// Discord's id of the server.
    pub id: String,
    /// Name of the server.
    pub name: String,
}

impl Guild {
    /// Reads the member `guild` of a token response, without hidden characters.
    ///
    /// # Errors
    /// [`Code::GuildMissing`] if id or name is missing.
    pub(crate) fn read(response: &Map<String, Value>) -> Result<Self> {
        let text = |name: &str| {
            let text = response.get("guild")?[name].as_str()?;
            Some(shown(text)).filter(|text| !text.is_empty())
        };
        match (text("id"), text("name")) {
            (Some(id), Some(name)) => Ok(Self { id, name }),
            _ => Err(Error::new(Code::GuildMissing)),
        }
    }
}

/// A permission of a bot.
#[derive(Debug, PartialEq, Eq)]
pub struct Permission {
    /// Discord's bit.
    pub bit: u64,
    /// Key of its name in the messages.
    pub name: &'static str,
    /// Whether Discord requires two-factor authentication of the user who grants it.
    pub risky: bool,
}

/// The offered permissions; a configuration or a command may name any number.
pub static PERMISSIONS: &[Permission] = &[
    harmless(1 << 10, "view_channels"),
    harmless(1 << 11, "send_messages"),
    harmless(1 << 16, "read_history"),
    harmless(1 << 14, "embed_links"),
    harmless(1 << 15, "attach_files"),
    harmless(1 << 6, "add_reactions"),
    harmless(1 << 20, "connect"),
    harmless(1 << 21, "speak"),
    risky(1 << 13, "manage_messages"),
    risky(1 << 4, "manage_channels"),
    risky(1 << 28, "manage_roles"),
    risky(1 << 1, "kick_members"),
    risky(1 << 2, "ban_members"),
    risky(1 << 3, "administrator"),
];

const fn harmless(bit: u64, name: &'static str) -> Permission {
    Permission { bit, name, risky: false }
}

const fn risky(bit: u64, name: &'static str) -> Permission {
    Permission { bit, name, risky: true }
}

/// An offered permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct BotPermission {
    /// Discord's bit.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bit: u64,
    /// Its name.
    pub name: String,
    /// Whether it is dangerous.
    pub risky: bool,
}

/// A bot that was added, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct BotAdded {
    /// The provider's id.
    pub provider: String,
    /// The provider's display name.
    pub label: String,
    /// The server's name.
    pub guild: String,
    /// Names of the requested permissions.
    pub permissions: Vec<String>,
}

impl BotAdded {
    pub(crate) fn new(config: &Config, language: Language, bot: Bot) -> Self {
        let Bot { provider, guild, permissions } = bot;
        let label = config.entry(&provider).map_or(provider.clone(), |entry| entry.label.clone());
        let requested = PERMISSIONS.iter().filter(|known| permissions & known.bit != 0);
        let permissions = requested.map(|known| name(language, known)).collect();
        Self { provider, label, guild: guild.name, permissions }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A server without id or name is refused; other members are ignored.
    #[test]
    fn a_guild_is_its_id_and_its_name() {
        let read = |guild: Value| Guild::read(json!({ "guild": guild }).as_object().unwrap());
        let told =
            json!({"id": "290926798626357250", "name": "서버\u{1b}", "owner_id": "5", "roles": []});
        let guild = Guild { id: "290926798626357250".into(), name: "서버".into() };
        assert_eq!(read(told), Ok(guild));
        for half in [json!(null), json!("1"), json!({"id": "1"}), json!({"id": 1, "name": "x"})] {
            assert_eq!(read(half).unwrap_err().code(), Code::GuildMissing);
        }
    }

    /// PROVIDERS.md, section 1: 8 is ADMINISTRATOR; and no bit means two things.
    #[test]
    fn every_permission_is_one_bit_of_its_own() {
        let all = PERMISSIONS.iter().fold(0_u64, |all, permission| {
            assert_eq!(permission.bit.count_ones(), 1, "{}", permission.name);
            assert_eq!(all & permission.bit, 0, "{}", permission.name);
            all | permission.bit
        });
        // What TypeScript can hold as a number.
        assert!(all < 1 << 53);
        let named = |bit| PERMISSIONS.iter().find(|permission| permission.bit == bit).unwrap();
        assert_eq!((named(8).name, named(8).risky), ("administrator", true));
        assert_eq!((named(2048).name, named(2048).risky), ("send_messages", false));
    }
}
