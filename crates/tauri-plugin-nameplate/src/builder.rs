//! Options of the plugin.

use std::path::Path;

use nameplate::providers::ProviderOptions;
use nameplate::{AppIdentity, Environment, Home, Nameplate};
use serde_json::Value;
use tauri::plugin::TauriPlugin;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Context, Manager, PackageInfo, RunEvent, Runtime, WindowEvent};

use crate::app_state::AppState;
use crate::events::Subscribers;
use crate::fetch::{Fetch, FetchLimits};
use crate::{avatars, commands, config, deep_link, events, fetch, platform, single_instance};

/// Who keeps the app to one instance and receives deep links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LinkSource {
    /// The plugin.
    #[default]
    Plugin,
    /// The app, by plugins of its own. It passes each link to
    /// [`NameplateExt::open_link`](crate::NameplateExt::open_link).
    App,
}

/// An API of a provider, as the app names it.
#[derive(Debug, Clone)]
pub(crate) struct NamedApi {
    pub(crate) provider: String,
    pub(crate) base: ApiBase,
    pub(crate) prefixes: Vec<String>,
}

/// Where an API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiBase {
    /// Scheme, host and port.
    Origin(String),
    /// The issuer of the account.
    Issuer,
}

/// Options of the plugin.
///
/// ```no_run
/// use tauri_plugin_nameplate::providers::{discord, oidc};
/// use tauri_plugin_nameplate::{AppIdentity, Builder};
///
/// # fn plugin<R: tauri::Runtime>() -> impl tauri::plugin::Plugin<R> {
/// Builder::new(AppIdentity::new("com.example.notes", "Notes", env!("CARGO_PKG_VERSION")))
///     .provider(discord().client_id("1156500000000000000"))
///     .provider(oidc("company", "https://login.example.com").client_id("notes"))
///     .api("https://api.example.com", ["/v1/"])
///     .build()
/// # }
/// ```
#[derive(Default)]
pub struct Builder {
    identity: Option<AppIdentity>,
    home: Option<Home>,
    environment: Environment,
    pub(crate) providers: Vec<ProviderOptions>,
    pub(crate) apis: Vec<NamedApi>,
    window: Option<String>,
    link_source: LinkSource,
    limits: FetchLimits,
    problem: Option<String>,
}

impl Builder {
    /// The app's names. [`AppIdentity::id`] must be the identifier in `tauri.conf.json`, and
    /// [`AppIdentity::url_scheme`] the scheme that packages register.
    ///
    /// [`Builder::default`] takes identifier, product name and version of `tauri.conf.json`.
    pub fn new(identity: AppIdentity) -> Self {
        Self { identity: Some(identity), ..Self::default() }
    }

    /// Another home than the user's folders. The identifier in the app's configuration must be
    /// [`Home::identifier`].
    #[must_use]
    pub fn home(mut self, home: Home) -> Self {
        self.home = Some(home);
        self
    }

    /// Keeps everything of this run in `dir`, if one is given, for tests and development: the
    /// identifier in `context` becomes that of the folder, so that the run shares no window data,
    /// keychain item or instance with the installed app; `providers.toml` in it is read; and http to
    /// loopback hosts is allowed. Nothing changes where `dir` is `None`.
    ///
    /// ```no_run
    /// # fn run(mut context: tauri::Context<tauri::test::MockRuntime>) {
    /// let dir = std::env::var_os("NOTES_HOME");
    /// let plugin = tauri_plugin_nameplate::Builder::default().separate_home(&mut context, dir);
    /// # }
    /// ```
    #[must_use]
    pub fn separate_home<R: Runtime>(
        mut self,
        context: &mut Context<R>,
        dir: Option<impl AsRef<Path>>,
    ) -> Self {
        let Some(dir) = dir else { return self };
        let identity = self
            .identity
            .clone()
            .unwrap_or_else(|| identity_of(&context.config().identifier, context.package_info()));
        match Home::own(&identity, dir.as_ref()) {
            Ok(home) => {
                context.config_mut().identifier = home.identifier();
                self.home = Some(home);
            }
            Err(error) => self.problem = Some(format!("separate_home: {error}")),
        }
        self
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

    /// Lets pages call an API with the tokens of accounts of the provider that was added last.
    /// `origin` is scheme, host and port. A prefix allows the path itself and what is below it.
    #[must_use]
    pub fn api<P: Into<String>>(self, origin: &str, prefixes: impl IntoIterator<Item = P>) -> Self {
        self.named_api(ApiBase::Origin(origin.to_owned()), prefixes)
    }

    /// The same for the server that issued the account: a prefix is a path below the account's
    /// issuer. For a provider whose server a person names, such as Mastodon, there is no other way.
    #[must_use]
    pub fn api_of_issuer<P: Into<String>>(self, prefixes: impl IntoIterator<Item = P>) -> Self {
        self.named_api(ApiBase::Issuer, prefixes)
    }

    fn named_api<P: Into<String>>(
        mut self,
        base: ApiBase,
        prefixes: impl IntoIterator<Item = P>,
    ) -> Self {
        match self.providers.last() {
            Some(provider) => self.apis.push(NamedApi {
                provider: provider.id().to_owned(),
                base,
                prefixes: prefixes.into_iter().map(Into::into).collect(),
            }),
            None => self.problem = Some("api: add the provider of the accounts before".to_owned()),
        }
        self
    }

    /// Limits of each request of a page.
    #[must_use]
    pub fn fetch_limits(mut self, limits: FetchLimits) -> Self {
        self.limits = limits;
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
        self.window = Some(label.into());
        self
    }

    /// Who keeps the app to one instance and receives deep links, the plugin if not given.
    #[must_use]
    pub fn link_source(mut self, source: LinkSource) -> Self {
        self.link_source = source;
        self
    }

    /// The plugin. When it is initialized, a second instance of the app ends, and the app does not
    /// start with a provider, an API or a table `plugins.nameplate` that cannot be used.
    pub fn build<R: Runtime>(self) -> TauriPlugin<R, Option<Value>> {
        let (links, received) = deep_link::queue();
        let (of_setup, mut received) = (links.clone(), Some(received));
        tauri::plugin::Builder::<R, Option<Value>>::new("nameplate")
            .invoke_handler(tauri::generate_handler![
                commands::state,
                commands::watch_state,
                commands::providers,
                commands::sign_in,
                commands::open_browser,
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

/// The names in `tauri.conf.json`.
fn identity_of(identifier: &str, package: &PackageInfo) -> AppIdentity {
    AppIdentity::new(identifier, &package.name, &package.version.to_string())
}

/// The program that Linux starts with a deep link.
fn program<R: Runtime>(app: &AppHandle<R>) -> Option<std::path::PathBuf> {
    tauri::process::current_binary(&app.env())
        .inspect_err(|error| tracing::warn!(%error, "deep links do not reach this program"))
        .ok()
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
