//! What a user granted to the application beside a sign-in ([`native_oauth::provider::ExtraGrant`]).

use native_oauth::provider::{ExtraGrant, GrantPermission, GrantTarget};
use serde::{Deserialize, Serialize};

use crate::config::{Config, Entry};
use crate::messages::messages;
use crate::settings::Language;

/// An extra grant that succeeded, such as a bot that was added to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraGranted {
    /// The provider's id.
    pub provider: String,
    /// What it was granted for, as the token response names it.
    pub target: GrantTarget,
    /// The requested permissions, as the provider's bits.
    pub permissions: u64,
}

/// An offered permission of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct BotPermission {
    /// The provider's bit.
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
    pub(crate) fn new(config: &Config, language: Language, granted: ExtraGranted) -> Self {
        let ExtraGranted { provider, target, permissions } = granted;
        let entry = config.entry(&provider).ok();
        let known = entry.map_or(&[][..], permissions_of);
        let requested = known.iter().filter(|known| permissions & known.bit != 0);
        Self {
            label: entry.map_or(&*provider, |entry| messages(language).label(entry)).to_owned(),
            permissions: requested.map(|known| name(language, known)).collect(),
            guild: target.name,
            provider,
        }
    }
}

/// The permissions to offer; empty if the provider has no extra grant.
pub(crate) fn offered(language: Language, entry: &Entry) -> Vec<BotPermission> {
    let shown = |known: &GrantPermission| BotPermission {
        bit: known.bit,
        name: name(language, known),
        risky: known.risky,
    };
    permissions_of(entry).iter().map(shown).collect()
}

fn permissions_of(entry: &Entry) -> &'static [GrantPermission] {
    entry.oauth.provider.extra_grant.map_or(&[], |extra: &ExtraGrant| extra.permissions)
}

fn name(language: Language, permission: &GrantPermission) -> String {
    messages(language).permission(permission.name).to_owned()
}
