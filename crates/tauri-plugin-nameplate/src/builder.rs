//! Options of the plugin.

use std::path::Path;

use nameplate::providers::ProviderOptions;
use nameplate::{AppIdentity, Environment, Home};
use tauri::{Context, PackageInfo, Runtime};

use crate::fetch::FetchLimits;
use crate::named_api::{ApiBase, NamedApi};

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
    pub(crate) identity: Option<AppIdentity>,
    pub(crate) home: Option<Home>,
    pub(crate) environment: Environment,
    pub(crate) providers: Vec<ProviderOptions>,
    pub(crate) apis: Vec<NamedApi>,
    pub(crate) window: Option<String>,
    pub(crate) link_source: LinkSource,
    pub(crate) limits: FetchLimits,
    pub(crate) problem: Option<String>,
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
    /// loopback hosts is allowed. Nothing changes where `dir` is `None`. Take `dir` from the variable that
    /// is named after the app ([`AppIdentity::environment_prefix`] and `_HOME`): on Linux, a deep link
    /// starts the app with it.
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
    /// issuer. For a provider whose server a user names, such as Mastodon, there is no other way.
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
}

/// The names in `tauri.conf.json`.
pub(crate) fn identity_of(identifier: &str, package: &PackageInfo) -> AppIdentity {
    AppIdentity::new(identifier, &package.name, &package.version.to_string())
}
