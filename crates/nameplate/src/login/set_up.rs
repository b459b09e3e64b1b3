//! Provider setup: checks the client, writes its id to `providers.toml` and its secret to the
//! keychain.

use native_oauth::client_check::ClientCheck;
use native_oauth::discovery;
use native_oauth::discovery::requirements;
use native_oauth::provider::{Channel, SecretNeed};
use native_oauth::provider_config::normal_issuer;
use native_oauth::{Client, ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Login;
use super::finish::client_entry;
use crate::config::edit::{self, Edit, Goes};
use crate::config::{Config, Entry};
use crate::error::{Code, Error, Result};
use crate::lock::FileLock;
use crate::messages::Problem;
use crate::vault::TokenStorage;

/// Arguments of [`Login::set_up`].
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

/// Result of [`Login::set_up`].
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

/// The changes to write.
struct Plan {
    text: String,
    entry: Entry,
    secret: Option<SecretString>,
    /// What to delete of the former client or issuer.
    goes: Goes,
}

impl Login {
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
        let _one = self.lock_set_up().await?;
        let mut plan = self.plan(&request, request.issuer.as_deref()).await?;
        let tried = match request.check {
            Check::First => self.try_plan(&request, &mut plan).await?,
            Check::Skip => None,
        };
        let language = self.language();
        let report = |saved, checked, error: Option<Error>| {
            let error = error.map(|error| error.at(&request.provider));
            let problem = error.as_ref().map(|error| self.explain(language, error));
            SetUpReport { saved, checked, problem, error }
        };
        let (checked, told) = match tried {
            Some(ClientCheck::Refused(error)) => {
                return Ok(report(false, Checked::Refused, Some(error.into())));
            }
            Some(ClientCheck::Accepted) => (Checked::Accepted, None),
            Some(ClientCheck::Unknown(error)) => (Checked::Unknown, error.map(Error::from)),
            None => (Checked::Unknown, None),
        };
        self.save(&request, &plan).await?;
        Ok(report(true, checked, told))
    }

    /// The new content of the file, and its configuration.
    async fn plan(&self, request: &SetUpRequest, issuer: Option<&str>) -> Result<Plan> {
        let client_id = request.client_id.trim();
        if client_id.is_empty() {
            return Err(Error::new(Code::NotSetUp));
        }
        let text = edit::text(&self.home().providers_file())?;
        let config = self.config();
        let known = config.entries().iter().find(|entry| entry.oauth.id == request.provider);
        if let Some(variable) = known.and_then(|entry| entry.fixed_by.as_ref()) {
            return Err(Error::new(Code::FixedElsewhere).detail(variable));
        }
        let asks_issuer = known.is_none_or(|entry| entry.oauth.is_discovered());
        if known.is_some_and(Entry::is_local) || (known.is_none() && issuer.is_none()) {
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
            (None, Some(entry)) if same => self.client_secret(entry).await?,
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
        let entry = Config::of_text(self.home(), &text)?.ready(&request.provider)?.clone();
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
            match discovery::spelling(&self.0.http, &entry.oauth).await {
                Ok(issuer) if issuer != entry.oauth.issuer => {
                    *plan = self.plan(request, Some(&issuer)).await?;
                }
                Ok(_) => {}
                // Without metadata there is no endpoint.
                Err(error) => return Ok(Some(ClientCheck::Refused(error))),
            }
        }
        let completed = discovery::complete(&self.0.http, &plan.entry.oauth).await;
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
        let mut channels = entry.channels.iter().copied();
        let Some(channel) = channels.find(|channel| *channel != Channel::Device) else {
            return Ok(None);
        };
        // No port is bound, because no response comes.
        let quiet = if channel == Channel::Loopback { Channel::Paste } else { channel };
        let (_, redirect_uri) = self.receiver(&entry, quiet).await?;
        if let Some(client) = &mut entry.oauth.client {
            client.secret.clone_from(&plan.secret);
        }
        let client = Client::new(self.0.http.clone(), entry.oauth);
        Ok(Some(client.check_client(&redirect_uri).await?))
    }

    /// Writes the keychain before the file, so that no client is configured without its secret.
    async fn save(&self, request: &SetUpRequest, plan: &Plan) -> Result<()> {
        let kept = client_entry(&request.provider, &plan.entry.oauth.client()?.id);
        match &request.client_secret {
            Some(secret) if !is_blank(secret) => self.store_client_secret(&kept, secret).await?,
            None if plan.goes != Goes::Issuer => {}
            Some(_) | None => {
                // Without a stored secret, no keychain is needed.
                if self.0.store.client_secrets()?.contains(&kept) {
                    self.forget_client_secret(&kept).await?;
                }
            }
        }
        edit::write(&self.home().providers_file(), &plan.text)?;
        for other in self.0.store.client_secrets()? {
            if other != kept && other.starts_with(&client_entry(&request.provider, "")) {
                self.forget_client_secret(&other).await?;
            }
        }
        tracing::info!(provider = request.provider, "set up");
        self.read_config();
        Ok(())
    }

    /// Writes the note before the item, so that a reset finds the item.
    async fn store_client_secret(&self, name: &str, secret: &SecretString) -> Result<()> {
        let known = self.0.store.client_secrets()?.iter().any(|kept| kept == name);
        self.0.store.note_client_secret(name)?;
        let (written, secret) = (name.to_owned(), secret.clone());
        let kept =
            self.vault(TokenStorage::Keychain, move |vault| vault.put(&written, &secret)).await;
        // The former item may still exist.
        if kept.is_err() && !known {
            self.0.store.drop_client_secret(name)?;
        }
        Ok(kept?)
    }

    /// Whether the keychain has a client secret; read from the database.
    pub(crate) fn has_stored_client_secret(&self, provider: &str, client_id: &str) -> bool {
        let name = client_entry(provider, client_id);
        self.0.store.client_secrets().is_ok_and(|kept| kept.contains(&name))
    }

    async fn forget_client_secret(&self, name: &str) -> Result<()> {
        let deleted = name.to_owned();
        self.vault(TokenStorage::Keychain, move |vault| vault.delete(&deleted)).await?;
        self.0.store.drop_client_secret(name)
    }

    /// Serializes writes of the file, across processes.
    async fn lock_set_up(&self) -> Result<FileLock> {
        let path = self.home().locks().join("set-up.lock");
        let locked = tokio::task::spawn_blocking(move || FileLock::wait(&path));
        let failed = |error: &dyn std::fmt::Display| Error::new(Code::StoreFailed).detail(error);
        let locked = self.reporting(Code::StoreBusy, locked).await;
        locked.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }
}

/// Whether two spellings name one issuer, ignoring a slash at the end.
fn is_same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}
