//! Sign-in for Tauri apps, by the engine of [`nameplate`].
//!
//! The plugin gives the page commands (`plugin:nameplate|*`), each with a permission, and news by the
//! IPC channel of `watch_overview`. It receives deep links, keeps the app to one instance, and
//! serves pictures as `avatar:`. No command returns a token, and it emits no event.
//!
//! It neither starts a log nor reads the environment of the process: the app passes what is needed.
//!
//! ```no_run
//! # fn with_sign_in<R: tauri::Runtime>(
//! #     app: tauri::Builder<R>, home: nameplate::Home,
//! # ) -> std::io::Result<tauri::Builder<R>> {
//! let nameplate = tauri_plugin_nameplate::Builder::new(home)
//!     .arguments(std::env::args_os())
//!     .program(std::env::current_exe()?)
//!     .build();
//! # Ok(
//! app.plugin(nameplate)
//! # ) }
//! ```

mod app_state;
mod avatars;
mod commands;
mod deep_link;
mod events;
mod single_instance;
mod window;

use std::ffi::OsString;
use std::path::PathBuf;

use nameplate::providers::ProviderOptions;
use nameplate::{Environment, Error, Home, Nameplate};
use tauri::plugin::TauriPlugin;
use tauri::{Manager, RunEvent, Runtime, WindowEvent};

use app_state::AppState;
use events::Subscriber;

/// Options of the plugin.
#[derive(Debug)]
pub struct Builder {
    home: Home,
    environment: Environment,
    providers: Vec<ProviderOptions>,
    window: String,
    arguments: Vec<String>,
    program: Option<PathBuf>,
}

impl Builder {
    /// A plugin whose data are in `home`. [`Home::prepare`] must have made its folders, and the
    /// identifier in the app's configuration must be [`Home::identifier`].
    pub fn new(home: Home) -> Self {
        Self {
            home,
            environment: Environment::default(),
            providers: Vec::new(),
            window: "main".to_owned(),
            arguments: Vec::new(),
            program: None,
        }
    }

    /// Offers a provider; called once for each. Not called: the built-in providers.
    #[must_use]
    pub fn provider(self, provider: ProviderOptions) -> Self {
        self.providers([provider])
    }

    /// Offers these providers; see [`Builder::provider`].
    #[must_use]
    pub fn providers(mut self, providers: impl IntoIterator<Item = ProviderOptions>) -> Self {
        self.providers.extend(providers);
        self
    }

    /// Client ids and secrets may come from these variables, `<PROVIDER>_CLIENT_ID` and
    /// `<PROVIDER>_CLIENT_SECRET`. Not called: no variable is read.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The label of the window that comes to the front after a sign-in, `main` if not given.
    #[must_use]
    pub fn window(mut self, label: impl Into<String>) -> Self {
        self.window = label.into();
        self
    }

    /// The command line of this process, program included. On Linux and Windows a deep link is its
    /// one argument.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = OsString>) -> Self {
        let text = |argument: OsString| argument.to_string_lossy().into_owned();
        self.arguments = arguments.into_iter().map(text).collect();
        self
    }

    /// The program that Linux starts with a deep link. Without it none is registered.
    #[must_use]
    pub fn program(mut self, program: impl Into<Option<PathBuf>>) -> Self {
        self.program = program.into();
        self
    }

    /// The plugin. When it is initialized, a second instance of the app ends.
    pub fn build<R: Runtime>(self) -> TauriPlugin<R> {
        let Self { home, environment, providers, window, arguments, program } = self;
        let (links, received) = deep_link::queue();
        links.take_arguments(&arguments);
        let second_instance = links.clone();
        let mut received = Some(received);
        tauri::plugin::Builder::new("nameplate")
            .invoke_handler(tauri::generate_handler![
                commands::overview,
                commands::watch_overview,
                commands::begin_sign_in,
                commands::open_browser,
                commands::finish,
                commands::create_profile,
                commands::enter_profile,
                commands::cancel,
                commands::dismiss_problem,
                commands::sign_out,
                commands::add_account,
                commands::sign_in_again,
                commands::ask_for_more,
                commands::add_bot,
                commands::dismiss_bot,
                commands::disconnect,
                commands::forget,
                commands::show_user,
                commands::rename_user,
                commands::join,
                commands::keep_apart,
                commands::part,
                commands::read_again,
                commands::check_again,
                commands::set_up,
                commands::save_settings,
                commands::open_register_page,
                commands::restart,
            ])
            .register_asynchronous_uri_scheme_protocol("avatar", avatars::serve)
            .setup(move |app, _config| {
                // First, so that a second instance ends before it opens anything.
                single_instance::start(app, second_instance)?;
                let engine = Nameplate::builder(home.clone())
                    .providers(providers)
                    .environment(environment)
                    .open();
                app.manage(AppState::new(home, engine, window, program));
                app.manage(Subscriber::default());
                Ok(())
            })
            .on_event(move |app, event| {
                links.take_event(event);
                match event {
                    RunEvent::Ready => {
                        let Some(received) = received.take() else { return };
                        deep_link::receive(app, received);
                        events::forward(app);
                    }
                    RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. } => {
                        events::wake(app);
                    }
                    _ => {}
                }
            })
            .build()
    }
}

/// The engine, for the Rust code of an app.
pub trait NameplateExt<R: Runtime> {
    /// The engine that the plugin has opened.
    ///
    /// # Errors
    /// Why it could not be opened.
    ///
    /// # Panics
    /// Where the plugin is not registered.
    fn nameplate(&self) -> Result<&Nameplate, &Error>;
}

impl<R: Runtime, T: Manager<R>> NameplateExt<R> for T {
    fn nameplate(&self) -> Result<&Nameplate, &Error> {
        self.state::<AppState>().inner().engine()
    }
}
