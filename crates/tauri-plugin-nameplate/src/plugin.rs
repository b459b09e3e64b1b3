//! The plugin: its commands, and what it does when the app starts, gets an event and loads a page.

use nameplate::Nameplate;
use serde_json::Value;
use tauri::plugin::TauriPlugin;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, RunEvent, Runtime, WindowEvent};

use crate::app_state::AppState;
use crate::builder::{Builder, LinkSource, identity_of};
use crate::events::{self, Subscribers};
use crate::fetch::{self, Fetch};
use crate::{avatars, commands, config, deep_link, platform, single_instance};

/// Now, or when the engine has been waited for.
fn when_open<R: Runtime>(app: &AppHandle<R>, then: impl FnOnce(&AppHandle<R>) + Send + 'static) {
    if app.state::<AppState>().is_open() {
        return then(app);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.state::<AppState>().opened().await;
        then(&app);
        events::tell(&app);
    });
}

/// The program that Linux starts with a deep link.
fn program<R: Runtime>(app: &AppHandle<R>) -> Option<std::path::PathBuf> {
    tauri::process::current_binary(&app.env())
        .inspect_err(|error| tracing::warn!(%error, "deep links do not reach this program"))
        .ok()
}

impl Builder {
    /// The plugin. When it is initialized, a second instance of the app ends, and the app does not
    /// start with a provider, an API or a table `plugins.nameplate` that cannot be used.
    pub fn build<R: Runtime>(self) -> TauriPlugin<R, Option<Value>> {
        let (links, received) = deep_link::queue();
        let (of_setup, mut received) = (links.clone(), Some(received));
        tauri::plugin::Builder::<R, Option<Value>>::new("nameplate")
            .invoke_handler(tauri::generate_handler![
                commands::state,
                commands::watch_state,
                commands::unwatch_state,
                commands::providers,
                commands::sign_in,
                commands::open_browser,
                commands::confirm_host,
                commands::complete,
                commands::cancel,
                commands::add_account,
                commands::sign_in_again,
                commands::ask_for_more,
                commands::refresh_profile,
                commands::switch,
                commands::rename,
                commands::sign_out,
                commands::dismiss_problem,
                commands::link,
                commands::decline_link,
                commands::unlink,
                commands::create_profile,
                commands::unlock_profile,
                commands::add_bot,
                commands::dismiss_bot,
                commands::set_up,
                commands::reload_configuration,
                commands::open_register_page,
                commands::open_account_page,
                commands::show_profile,
                commands::export_account,
                commands::save_settings,
                commands::reset,
                commands::restart,
                fetch::fetch,
                fetch::fetch_stream,
                fetch::fetch_cancel,
            ])
            .register_asynchronous_uri_scheme_protocol("avatar", avatars::serve)
            .setup(move |app, api| {
                let mut builder = self;
                if let Some(table) = api.config() {
                    config::apply(&mut builder, table)?;
                }
                builder.set_up(app, &of_setup)
            })
            .on_page_load(|webview, load| {
                if load.event() == PageLoadEvent::Started {
                    page_closed(webview.app_handle(), webview.label());
                }
            })
            .on_event(move |app, event| {
                links.take_event(event);
                match event {
                    RunEvent::Ready => {
                        let Some(received) = received.take() else { return };
                        when_open(app, move |app| {
                            deep_link::receive(app, received);
                            events::forward(app);
                        });
                    }
                    RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. } => {
                        events::wake(app);
                    }
                    RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } => {
                        page_closed(app, label);
                    }
                    _ => {}
                }
            })
            .build()
    }

    fn set_up<R: Runtime>(
        self,
        app: &AppHandle<R>,
        links: &deep_link::Links,
    ) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(problem) = self.problem {
            return Err(problem.into());
        }
        let home = match (self.home, self.identity) {
            (Some(home), _) => home,
            (None, Some(identity)) => platform::home(app, &identity)?,
            (None, None) => {
                platform::home(app, &identity_of(&app.config().identifier, app.package_info()))?
            }
        };
        let apis = config::apis(self.apis, &home)?;
        match self.link_source {
            // First, so that a second instance ends before it opens anything.
            LinkSource::Plugin => single_instance::start(app, links.clone())?,
            LinkSource::App => {}
        }
        let arguments = app.env().args_os;
        let arguments = arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
        links.take_arguments(&arguments.collect::<Vec<_>>());
        let engine = Nameplate::builder(home.clone())
            .providers(self.providers)
            .environment(self.environment);
        let window = self.window.unwrap_or_else(|| "main".to_owned());
        let is_being_updated = home.is_being_updated();
        app.manage(links.clone());
        app.manage(AppState::new(home, window, program(app)));
        app.manage(Subscribers::default());
        app.manage(Fetch::new(apis, self.limits));
        match is_being_updated {
            false => app.state::<AppState>().open(|| platform::open(engine)),
            // The window tells that it is waited for.
            true => {
                let app = app.clone();
                std::thread::spawn(move || app.state::<AppState>().open(|| platform::open(engine)));
            }
        }
        Ok(())
    }
}

/// Drops what would be sent to the page of a window that is closed or loads another.
fn page_closed<R: Runtime>(app: &AppHandle<R>, window: &str) {
    // A page may load before the plugin is set up.
    if let Some(subscribers) = app.try_state::<Subscribers>() {
        subscribers.forget(window);
    }
    if let Some(fetch) = app.try_state::<Fetch>() {
        fetch.requests.cancel_all(window);
    }
}
