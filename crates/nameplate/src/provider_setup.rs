//! Provider setup: checks the client, writes its id to `providers.toml` and its secret to the
//! keychain.

use std::sync::Arc;

use native_oauth::client_check::ClientCheck;
use native_oauth::discovery;
use native_oauth::discovery::requirements;
use native_oauth::provider::{AccountPage, SecretNeed, ServerInput};
use native_oauth::url_rules::normal_issuer;
use native_oauth::{Client, ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::account_storage::wait_for_lock;
use crate::config::edit::{self, Edit, Goes};
use crate::config::{Config, Entry};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::explain::Explainer;
use crate::local_profile;
use crate::loopback_provider::LoopbackProvider;
use crate::messages::{Problem, messages};
use crate::provider_client::{self, secret_item};
use crate::providers::ProviderOptions;
use crate::redirect_uris;
use crate::settings::Language;
use crate::vault::TokenStorage;

/// Arguments of [`ProviderSetup::set_up`].
#[derive(Debug)]
pub struct SetUpRequest {
    /// The provider's id; an unknown one becomes an OpenID Connect issuer.
    pub provider: String,
    /// The client id.
    pub client_id: String,
    /// Client secret; `None` leaves the stored one, a blank one deletes it.
    pub client_secret: Option<SecretString>,
    /// Issuer of an OpenID Connect provider, with or without a slash at the end.
    pub issuer: Option<String>,
    /// Display name; a blank one is the provider's own.
    pub label: Option<String>,
    /// The https redirect page; a blank one is none.
    pub redirect_uri: Option<String>,
    /// Whether the client is checked before it is written.
    pub check: Check,
}

/// Whether the client is checked before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Checked; a client that is refused is not written.
    First,
    /// Not checked.
    Skip,
}

/// Result of [`ProviderSetup::set_up`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SetUpReport {
    /// Whether it was written.
    pub saved: bool,
    /// Result of the check.
    pub checked: Checked,
    /// What was refused, or why the check failed.
    pub problem: Option<Problem>,
    /// The same as an error.
    #[serde(skip)]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub error: Option<Error>,
}

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// The client is accepted.
    Accepted,
    /// The client is refused.
    Refused,
    /// Not checked, or no result.
    Unknown,
}

/// How a provider is set up. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SetUpPage {
    /// Page of the provider to register a client at.
    pub register_url: Option<String>,
    /// Redirect URIs to register.
    pub redirect_uris: Vec<String>,
    /// Steps at the provider, as sentences.
    pub steps: Vec<String>,
    /// The configured client id.
    pub client_id: Option<String>,
    /// Whether the client needs a secret.
    pub secret: SecretNeed,
    /// Whether a secret is configured.
    pub secret_kept: bool,
    /// Whether an issuer is to be entered.
    pub asks_issuer: bool,
    /// The configured issuer.
    pub issuer: Option<String>,
    /// Whether an https redirect page can be configured.
    pub takes_redirect_uri: bool,
    /// The configured https redirect page.
    pub redirect_uri: Option<String>,
    /// The environment variable that sets the client, which then cannot be changed here.
    pub fixed_by: Option<String>,
}

impl SetUpPage {
    pub(crate) fn new(context: &Context, language: Language, entry: &Entry) -> Self {
        let set_up = &entry.oauth.provider.set_up;
        let client = entry.oauth.client.as_ref();
        let id = &entry.oauth.id;
        let program = &context.home.identity().name;
        let discovered = entry.oauth.is_discovered() && !entry.oauth.provider.is_atproto();
        Self {
            register_url: set_up.register_url.map(str::to_owned),
            redirect_uris: redirect_uris::to_register(&context.home, entry),
            steps: set_up.steps.iter().map(|key| messages(language).step(program, key)).collect(),
            client_id: client.map(|client| client.id.clone()),
            secret: set_up.secret,
            secret_kept: client.is_some_and(|client| {
                client.secret.is_some()
                    || provider_client::has_secret_in_keychain(context, id, &client.id)
            }),
            asks_issuer: discovered,
            issuer: Some(entry.oauth.issuer.clone()).filter(|of| discovered && !of.is_empty()),
            takes_redirect_uri: true,
            redirect_uri: entry.https_page.as_ref().map(ToString::to_string),
            fixed_by: entry.fixed_by.clone(),
        }
    }
}

impl SetUpPage {
    /// That of an account kind without a client.
    pub(crate) fn none() -> Self {
        Self {
            register_url: None,
            redirect_uris: Vec::new(),
            steps: Vec::new(),
            client_id: None,
            secret: SecretNeed::Never,
            secret_kept: false,
            asks_issuer: false,
            issuer: None,
            takes_redirect_uri: false,
            redirect_uri: None,
            fixed_by: None,
        }
    }
}

/// The changes to write.
struct Plan {
    text: String,
    entry: Entry,
    secret: Option<SecretString>,
    /// What to delete of the former client or issuer.
    goes: Goes,
}

/// The configuration of the providers.
///
/// A provider is set up with the id of a client that the user registered there. Ids are in
/// `providers.toml`, secrets in the keychain. The environment and `.env` take precedence
/// ([`config`](crate::config)).
///
/// ```no_run
/// # async fn example(nameplate: nameplate::Nameplate) -> nameplate::Result<()> {
/// use nameplate::{Check, SetUpRequest};
///
/// let setup = nameplate.provider_setup();
/// println!("Register a client at {}", setup.register_url("google")?);
/// let report = setup
///     .set_up(SetUpRequest {
///         provider: "google".to_owned(),
///         client_id: "1234.apps.googleusercontent.com".to_owned(),
///         client_secret: Some("secret".to_owned().into()),
///         issuer: None,
///         label: None,
///         redirect_uri: None,
///         check: Check::First,
///     })
///     .await?;
/// println!("saved: {}, check: {:?}", report.saved, report.checked);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProviderSetup {
    context: Arc<Context>,
}

impl ProviderSetup {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// The present configuration.
    pub fn config(&self) -> Arc<Config> {
        self.context.config()
    }

    /// Reads `providers.toml`, `.env` and the environment again.
    pub fn reload(&self) {
        self.context.reload_config();
        self.context.notices.set_problem(self.context.config().problem.clone());
        self.context.events.changed();
    }

    /// Offers a provider that the program itself runs on this computer, such as one to try sign-in
    /// with, until the value is dropped. Nothing that is written in the configuration changes it, but
    /// a provider of the same id that is written meanwhile takes its place.
    ///
    /// # Errors
    /// [`Code::LoopbackProviderFailed`] if its issuer is not at a loopback address, another provider has its
    /// id, or one is offered already.
    pub fn offer_loopback(&self, provider: ProviderOptions) -> Result<LoopbackProvider> {
        LoopbackProvider::offer(&self.context, provider)
    }

    /// How a provider is set up. Opens no keychain item.
    pub fn page(&self, language: Language, entry: &Entry) -> SetUpPage {
        SetUpPage::new(&self.context, language, entry)
    }

    /// Page of the provider to register a client at: a constant of the program, never a configured
    /// address (S57).
    ///
    /// # Errors
    /// [`Code::UnknownProvider`] if the provider has no such page.
    pub fn register_url(&self, provider: &str) -> Result<&'static str> {
        let config = self.context.config();
        let url = config.entry(provider)?.oauth.provider.set_up.register_url;
        url.ok_or_else(|| Error::new(Code::UnknownProvider).detail(provider))
    }

    /// A page of the provider for a person with an account there: a constant of the program, as
    /// [`ProviderSetup::register_url`].
    ///
    /// # Errors
    /// [`Code::UnknownProvider`] if the provider has no such page.
    pub fn account_page(&self, provider: &str, page: AccountPage) -> Result<&'static str> {
        let config = self.context.config();
        let url = config.entry(provider)?.oauth.provider.account_pages.url(page);
        url.ok_or_else(|| Error::new(Code::UnknownProvider).detail(provider))
    }

    /// Sets a provider up. The secret is written to the keychain, never to the file.
    ///
    /// # Errors
    /// If the file cannot be read (then it is not changed), [`Code::FixedElsewhere`] if the
    /// environment sets the client, or if keychain or file cannot be written. A refused client is
    /// reported in the result.
    pub async fn set_up(&self, request: SetUpRequest) -> Result<SetUpReport> {
        let at = request.provider.clone();
        // Pasted text may end with a line break.
        let trimmed = |secret: SecretString| secret.expose_secret().trim().to_owned().into();
        let request = SetUpRequest { client_secret: request.client_secret.map(trimmed), ..request };
        self.try_set_up(request).await.map_err(|error| error.at(&at))
    }

    async fn try_set_up(&self, request: SetUpRequest) -> Result<SetUpReport> {
        let lock = self.context.home.locks().join("set-up.lock");
        let _lock = wait_for_lock(&self.context, lock, Code::StoreBusy).await?;
        let mut plan = self.plan(&request, request.issuer.as_deref()).await?;
        let check = match request.check {
            Check::First => self.try_plan(&request, &mut plan).await?,
            Check::Skip => None,
        };
        let language = self.context.language();
        let report = |saved, checked, error: Option<Error>| {
            let error = error.map(|error| error.at(&request.provider));
            let config = self.context.config();
            let explainer = Explainer::new(&self.context.home, &config, language);
            let problem = error.as_ref().map(|error| explainer.problem(error));
            SetUpReport { saved, checked, problem, error }
        };
        let (checked, error) = match check {
            Some(ClientCheck::Refused(error)) => {
                return Ok(report(false, Checked::Refused, Some(error.into())));
            }
            Some(ClientCheck::Accepted) => (Checked::Accepted, None),
            Some(ClientCheck::Unknown(error)) => (Checked::Unknown, error.map(Error::from)),
            None => (Checked::Unknown, None),
        };
        self.save(&request, &plan).await?;
        Ok(report(true, checked, error))
    }

    /// The new content of the file, and its configuration.
    async fn plan(&self, request: &SetUpRequest, issuer: Option<&str>) -> Result<Plan> {
        let client_id = request.client_id.trim();
        if client_id.is_empty() {
            return Err(Error::new(Code::NotSetUp));
        }
        let text = edit::text(&self.context.home.providers_file())?;
        let config = self.context.config();
        let known = config.entries().iter().find(|entry| entry.oauth.id == request.provider);
        if let Some(variable) = known.and_then(|entry| entry.fixed_by.as_ref()) {
            return Err(Error::new(Code::FixedElsewhere).detail(variable));
        }
        let asks_issuer = known.is_none_or(|entry| entry.oauth.is_discovered());
        let registers_itself = |entry: &Entry| entry.server_input() != ServerInput::None;
        if request.provider == local_profile::ID
            || known.is_some_and(registers_itself)
            || (known.is_none() && issuer.is_none())
        {
            return Err(Error::new(Code::UnknownProvider).detail(&request.provider));
        }
        let issuer = issuer.filter(|_| asks_issuer).map(normal_issuer);
        let former = known.and_then(|entry| entry.oauth.client.as_ref());
        let moved = issuer.as_deref().is_some_and(|issuer| {
            known.is_none_or(|known| !is_same_issuer(&known.oauth.issuer, issuer))
        });
        // Secrets of one issuer are never sent to another.
        let same = !moved && former.is_some_and(|former| former.id == client_id);
        let goes = match request.client_secret.is_none() && same {
            _ if moved => Goes::Issuer,
            true => Goes::Nothing,
            false => Goes::Secret,
        };
        let secret = match (&request.client_secret, known) {
            (Some(given), _) => Some(given.clone()).filter(|given| !is_blank(given)),
            (None, Some(entry)) if same => {
                provider_client::client_secret(&self.context, entry).await?
            }
            (None, _) => None,
        };
        let edit = Edit {
            entry: &request.provider,
            client_id,
            issuer: issuer.as_deref(),
            label: request.label.as_deref(),
            redirect_uri: request.redirect_uri.as_deref(),
            goes,
        };
        let text = edit::edited(&text, &edit)?;
        let entry = Config::of_text(&self.context.home, &self.context.sources, &text)?
            .ready(&request.provider)?
            .clone();
        Ok(Plan { text, entry, secret, goes })
    }

    /// Checks the client. An issuer is written as its metadata spells it.
    async fn try_plan(
        &self,
        request: &SetUpRequest,
        plan: &mut Plan,
    ) -> Result<Option<ClientCheck>> {
        let entry = &plan.entry;
        if entry.oauth.is_discovered() {
            match discovery::spelling(&self.context.http, &entry.oauth).await {
                Ok(issuer) if issuer != entry.oauth.issuer => {
                    *plan = self.plan(request, Some(&issuer)).await?;
                }
                Ok(_) => {}
                // Without metadata there is no endpoint.
                Err(error) => return Ok(Some(ClientCheck::Refused(error))),
            }
        }
        let completed = discovery::complete(&self.context.http, &plan.entry.oauth).await;
        let oauth = match completed.and_then(|oauth| {
            discovery::check_algorithms(&oauth)?;
            Ok(oauth)
        }) {
            Ok(oauth) => oauth,
            Err(error) => return Ok(Some(ClientCheck::Refused(error))),
        };
        let mut entry = Entry { oauth, ..plan.entry.clone() };
        if let Err(error) = requirements::check(entry.oauth.unsupported.as_deref()) {
            return Ok(Some(ClientCheck::Refused(error)));
        }
        if plan.secret.is_none() && entry.oauth.provider.set_up.secret == SecretNeed::Needed {
            // Known from the definition, and not every provider reports it.
            return Ok(Some(ClientCheck::Refused(ErrorKind::SecretMissing.into())));
        }
        // A device code request has no redirect URI.
        let Some(method) = entry.methods.iter().find_map(|method| method.redirect_method()) else {
            return Ok(None);
        };
        let redirect_uri = redirect_uris::of_method(&self.context.home, &entry, method)?;
        if let Some(client) = &mut entry.oauth.client {
            client.secret.clone_from(&plan.secret);
        }
        let client = Client::new(self.context.http.clone(), entry.oauth);
        Ok(Some(client.registration().check(&redirect_uri).await?))
    }

    /// Writes the keychain before the file, so that no client is configured without its secret.
    async fn save(&self, request: &SetUpRequest, plan: &Plan) -> Result<()> {
        let item = secret_item(&request.provider, &plan.entry.oauth.client()?.id);
        match &request.client_secret {
            Some(secret) if !is_blank(secret) => self.store_client_secret(&item, secret).await?,
            None if plan.goes != Goes::Issuer => {}
            Some(_) | None => {
                // Without a stored secret, no keychain is needed.
                if self.context.store.client_secrets()?.contains(&item) {
                    self.delete_client_secret(&item).await?;
                }
            }
        }
        edit::write(&self.context.home.providers_file(), &plan.text)?;
        for other in self.context.store.client_secrets()? {
            if other != item && other.starts_with(&secret_item(&request.provider, "")) {
                self.delete_client_secret(&other).await?;
            }
        }
        tracing::info!(provider = request.provider, "set up");
        self.reload();
        Ok(())
    }

    /// Writes the note before the item, so that a reset finds the item.
    async fn store_client_secret(&self, name: &str, secret: &SecretString) -> Result<()> {
        let known = self.context.store.client_secrets()?.iter().any(|stored| stored == name);
        self.context.store.note_client_secret(name)?;
        let stored = self.context.vaults.put(TokenStorage::Keychain, name, secret.clone()).await;
        // The former item may still exist.
        if stored.is_err() && !known {
            self.context.store.drop_client_secret(name)?;
        }
        Ok(stored?)
    }

    async fn delete_client_secret(&self, name: &str) -> Result<()> {
        self.context.vaults.delete(TokenStorage::Keychain, name).await?;
        self.context.store.drop_client_secret(name)
    }
}

/// Whether two spellings name one issuer, ignoring a slash at the end.
fn is_same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}
