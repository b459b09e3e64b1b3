#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod app_state;
mod avatars;
mod builder;
mod commands;
mod config;
mod deep_link;
mod events;
mod fetch;
mod named_api;
mod platform;
mod plugin;
mod single_instance;
mod window;

use tauri::plugin::TauriPlugin;
use tauri::{Manager, Runtime};

use app_state::AppState;
pub use builder::{Builder, LinkSource};
pub use fetch::{FetchLimits, Refusal, RefusalCode};
pub use nameplate::{AppIdentity, Environment, Error, Home, Nameplate, Profile, Reaction};
pub use nameplate::{provider, providers};

/// The plugin with the names and providers of `tauri.conf.json`.
pub fn init<R: Runtime>() -> TauriPlugin<R, Option<serde_json::Value>> {
    Builder::default().build()
}

/// The engine, for the Rust code of an app.
pub trait NameplateExt<R: Runtime> {
    /// The engine that the plugin has opened.
    ///
    /// # Errors
    /// Why it could not be opened; `StoreUpdating` before [`NameplateExt::nameplate_opened`].
    ///
    /// # Panics
    /// Where the plugin is not registered.
    fn nameplate(&self) -> Result<&Nameplate, &Error>;

    /// Waits until the engine is open, or is known not to open: another process may update the database
    /// ([`Home::is_being_updated`]).
    ///
    /// # Panics
    /// Where the plugin is not registered.
    fn nameplate_opened(&self) -> impl Future<Output = ()> + Send;

    /// Passes a deep link on, in an app that receives them itself ([`LinkSource::App`]). One that is
    /// not ours is ignored.
    ///
    /// # Panics
    /// Where the plugin is not registered.
    fn open_link(&self, link: &str);
}

impl<R: Runtime, T: Manager<R>> NameplateExt<R> for T {
    fn nameplate(&self) -> Result<&Nameplate, &Error> {
        self.state::<AppState>().inner().engine()
    }

    fn nameplate_opened(&self) -> impl Future<Output = ()> + Send {
        let app = self.app_handle().clone();
        async move { app.state::<AppState>().opened().await }
    }

    fn open_link(&self, link: &str) {
        self.state::<deep_link::Links>().put(link);
    }
}
