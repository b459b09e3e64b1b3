//! The service that reads and saves the user's settings, whose values are in `settings`.

use std::sync::Arc;

use crate::context::Context;
use crate::error::Result;
use crate::settings::{Language, Settings};

/// The stored [`Settings`].
#[derive(Clone)]
pub struct Preferences {
    context: Arc<Context>,
}

impl Preferences {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// The settings.
    ///
    /// # Errors
    /// If the database fails.
    pub fn get(&self) -> Result<Settings> {
        self.context.store.settings()
    }

    /// Saves the settings.
    ///
    /// # Errors
    /// If the database fails.
    pub fn save(&self, settings: Settings) -> Result<()> {
        self.context.store.save_settings(settings)?;
        self.context.events.changed();
        Ok(())
    }

    /// The language of messages: the chosen one, else the system's, else English.
    pub fn language(&self) -> Language {
        self.context.language()
    }
}
