//! Provider setup: checks the client, writes its id to `providers.toml` and its secret to the
//! keychain.

mod page;
mod plan;

use std::sync::Arc;

use native_oauth::client_check::ClientCheck;
use native_oauth::provider::AccountPage;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::account_storage::wait_for_lock;
use crate::config::edit::{self, ToDelete};
use crate::config::{Config, Entry};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::explain::Explainer;
use crate::loopback_provider::LoopbackProvider;
use crate::messages::Problem;
use crate::provider_client::{secret_item, secret_items};
use crate::providers::ProviderOptions;
use crate::settings::Language;
use crate::vault::TokenStorage;
pub use page::SetUpPage;
use plan::{Plan, is_blank};

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
        url.ok_or_else(|| Error::new(Code::UnknownProvider).with_detail(provider))
    }

    /// A page of the provider for a user with an account there: a constant of the program, as
    /// [`ProviderSetup::register_url`].
    ///
    /// # Errors
    /// [`Code::UnknownProvider`] if the provider has no such page.
    pub fn account_page(&self, provider: &str, page: AccountPage) -> Result<&'static str> {
        let config = self.context.config();
        let url = config.entry(provider)?.oauth.provider.account_pages.url(page);
        url.ok_or_else(|| Error::new(Code::UnknownProvider).with_detail(provider))
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

    /// Writes the keychain before the file, so that no client is configured without its secret.
    async fn save(&self, request: &SetUpRequest, plan: &Plan) -> Result<()> {
        let item = secret_item(&plan.entry.oauth, plan.entry.oauth.client()?);
        match &request.client_secret {
            Some(secret) if !is_blank(secret) => self.store_client_secret(&item, secret).await?,
            None if plan.to_delete != ToDelete::Issuer => {}
            Some(_) | None => {
                // Without a stored secret, no keychain is needed.
                if self.context.store.client_secrets()?.contains(&item) {
                    self.delete_client_secret(&item).await?;
                }
            }
        }
        edit::write(&self.context.home.providers_file(), &plan.text)?;
        for other in self.context.store.client_secrets()? {
            if other != item && other.starts_with(&secret_items(&request.provider)) {
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
