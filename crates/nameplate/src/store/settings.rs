//! The user's settings, the shown user, and notes on client secrets.

use rusqlite::{OptionalExtension, params};

use super::Store;
use crate::config::KeychainKind;
use crate::error::Result;
use crate::ids::UserId;
use crate::settings::Settings;

impl Store {
    /// The user's settings; the defaults where they cannot be read.
    pub fn settings(&self) -> Result<Settings> {
        let stored = self.setting("settings")?;
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Stores the user's settings.
    pub fn save_settings(&self, settings: Settings) -> Result<()> {
        self.set("settings", &serde_json::json!(settings).to_string())
    }

    /// The keychain to use: the chosen one, which is stored; the stored one if the choice cannot be
    /// read. In another keychain every session would seem to be lost.
    pub fn keychain(&self, chosen: Option<KeychainKind>) -> KeychainKind {
        let stored = self.setting("keychain").ok().flatten();
        let stored = stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let Some(chosen) = chosen else { return stored };
        if chosen != stored
            && let Err(error) = self.set("keychain", &serde_json::json!(chosen).to_string())
        {
            tracing::warn!(code = %error.code(), "the chosen keychain is not noted");
        }
        chosen
    }

    /// The user who was shown last.
    pub fn shown(&self) -> Result<Option<UserId>> {
        Ok(self.setting("shown")?.map(UserId::from))
    }

    /// Stores the shown user.
    pub fn show(&self, user: &UserId) -> Result<()> {
        self.set("shown", user.as_str())
    }

    /// Ids of the providers that users signed in with, the last one first.
    pub fn used_providers(&self) -> Result<Vec<String>> {
        let stored = self.setting("used_providers")?;
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Notes that a user signed in with a provider.
    pub fn note_provider(&self, provider: &str) -> Result<()> {
        let mut used = self.used_providers()?;
        if used.first().is_some_and(|last| last == provider) {
            return Ok(());
        }
        used.retain(|known| known != provider);
        used.insert(0, provider.to_owned());
        self.set("used_providers", &serde_json::json!(used).to_string())
    }

    /// Notes that the keychain has a client secret of this name, so that nothing opens the item to
    /// see.
    pub fn note_client_secret(&self, name: &str) -> Result<()> {
        self.set(name, "stored")
    }

    /// Deletes the note.
    pub fn drop_client_secret(&self, name: &str) -> Result<()> {
        self.execute("DELETE FROM settings WHERE name = ?1", [name]).map(drop)
    }

    /// Names of the client secrets in the keychain.
    pub fn client_secrets(&self) -> Result<Vec<String>> {
        self.read(|c| {
            let mut statement =
                c.prepare("SELECT name FROM settings WHERE name LIKE 'client.%' ORDER BY name")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })
    }

    pub(super) fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read(|c| {
            c.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0))
                .optional()
        })
    }

    pub(super) fn set(&self, name: &str, value: &str) -> Result<()> {
        self.execute("INSERT OR REPLACE INTO settings VALUES (?1, ?2)", params![name, value])
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{LanguageChoice, Settings, Theme};
    use crate::store::tests::store;

    #[test]
    fn settings_are_kept() {
        let (_dir, home, first) = store();
        assert_eq!(first.settings().unwrap(), Settings::default());
        let chosen = Settings { language: LanguageChoice::Ko, theme: Theme::Dark };
        first.save_settings(chosen).unwrap();
        drop(first);
        assert_eq!(crate::store::Store::open(&home).unwrap().settings().unwrap(), chosen);
    }

    /// S43: a mistake in `providers.toml` does not lead to another keychain, where no session is.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_last_known_keychain_is_used_where_the_choice_cannot_be_read() {
        use crate::config::KeychainKind;
        let (_dir, _home, store) = store();
        assert_eq!(store.keychain(None), KeychainKind::System);
        assert_eq!(store.keychain(Some(KeychainKind::Kernel)), KeychainKind::Kernel);
        assert_eq!(store.keychain(None), KeychainKind::Kernel);
        assert_eq!(store.keychain(Some(KeychainKind::System)), KeychainKind::System);
        assert_eq!(store.keychain(None), KeychainKind::System);
    }
}
