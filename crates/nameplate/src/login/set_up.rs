//! A provider, set up: its client checked where that takes no sign-in, its id written to
//! `providers.toml`, its secret kept in the keychain.

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

/// How a provider is to be set up.
#[derive(Debug)]
pub struct SetUpWish {
    /// The entry's id; one that is not there becomes an OpenID Connect issuer.
    pub provider: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; `None` leaves the one that is kept, a blank one forgets it.
    pub client_secret: Option<SecretString>,
    /// The issuer of an OpenID Connect entry, in any spelling that leads to its metadata.
    pub issuer: Option<String>,
    /// Its name for people; a blank one is the provider's own.
    pub label: Option<String>,
    /// The https page that hands over to the deep link; a blank one is none.
    pub redirect_uri: Option<String>,
    /// Whether the provider is asked before anything is written.
    pub check: Check,
}

/// Whether the provider is asked before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// It is; a client that it refuses is not written.
    First,
    /// It is not.
    Skip,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SetUpReport {
    /// Whether it was written.
    pub saved: bool,
    /// What the provider said of the client.
    pub checked: Checked,
    /// What it refused, or why it could not be asked.
    pub problem: Option<Problem>,
    /// The same, as an error.
    #[serde(skip)]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub error: Option<Error>,
}

/// What a provider said of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// It accepts it.
    Accepted,
    /// It does not.
    Refused,
    /// It was not asked, or did not tell.
    Unknown,
}

/// What is to be written, not written yet.
struct Plan {
    text: String,
    entry: Entry,
    secret: Option<SecretString>,
    /// What was the former client's, or the former issuer's.
    goes: Goes,
}

impl Login {
    /// Sets a provider up. The secret goes to the keychain and never into the file.
    ///
    /// # Errors
    /// Where the file cannot be read, and then it is not touched; where the environment decides
    /// ([`Code::FixedElsewhere`]); where keychain or file refuse. A client that the provider
    /// refuses is no error but a report.
    pub async fn set_up(&self, wish: SetUpWish) -> Result<SetUpReport> {
        let at = wish.provider.clone();
        // What is pasted comes with a line's end.
        let trimmed = |secret: SecretString| secret.expose_secret().trim().to_owned().into();
        let wish = SetUpWish { client_secret: wish.client_secret.map(trimmed), ..wish };
        self.try_set_up(wish).await.map_err(|error| error.at(&at))
    }

    async fn try_set_up(&self, wish: SetUpWish) -> Result<SetUpReport> {
        let _one = self.lock_set_up().await?;
        let mut plan = self.plan(&wish, wish.issuer.as_deref()).await?;
        let tried = match wish.check {
            Check::First => self.try_plan(&wish, &mut plan).await?,
            Check::Skip => None,
        };
        let language = self.language();
        let report = |saved, checked, error: Option<Error>| {
            let error = error.map(|error| error.at(&wish.provider));
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
        self.save(&wish, &plan).await?;
        Ok(report(true, checked, told))
    }

    /// What the file would be, and what would be read from it.
    async fn plan(&self, wish: &SetUpWish, issuer: Option<&str>) -> Result<Plan> {
        let client_id = wish.client_id.trim();
        if client_id.is_empty() {
            return Err(Error::new(Code::NotSetUp));
        }
        let text = edit::text(&self.home().providers_file())?;
        let config = self.config();
        let known = config.entries().iter().find(|entry| entry.oauth.id == wish.provider);
        if let Some(variable) = known.and_then(|entry| entry.fixed_by.as_ref()) {
            return Err(Error::new(Code::FixedElsewhere).detail(variable));
        }
        let asks_issuer = known.is_none_or(|entry| entry.oauth.is_discovered());
        if known.is_some_and(Entry::is_local) || (known.is_none() && issuer.is_none()) {
            return Err(Error::new(Code::UnknownProvider).detail(&wish.provider));
        }
        let issuer = issuer.filter(|_| asks_issuer).map(normal_issuer);
        let former = known.and_then(|entry| entry.oauth.client.as_ref());
        let moved = issuer.as_deref().is_some_and(|issuer| {
            known.is_none_or(|known| !is_same_issuer(&known.oauth.issuer, issuer))
        });
        // What one issuer was told is never sent to another.
        let same = !moved && former.is_some_and(|former| former.id == client_id);
        let goes = match wish.client_secret.is_none() && same {
            _ if moved => Goes::Issuer,
            true => Goes::Nothing,
            false => Goes::Secret,
        };
        let secret = match (&wish.client_secret, known) {
            (Some(given), _) => Some(given.clone()).filter(|given| !is_blank(given)),
            (None, Some(entry)) if same => self.client_secret(entry).await?,
            (None, _) => None,
        };
        let edit = Edit {
            entry: &wish.provider,
            client_id,
            issuer: issuer.as_deref(),
            label: wish.label.as_deref(),
            redirect_uri: wish.redirect_uri.as_deref(),
            goes,
        };
        let text = edit::edited(&text, &edit)?;
        let entry = Config::of_text(self.home(), &text)?.ready(&wish.provider)?.clone();
        Ok(Plan { text, entry, secret, goes })
    }

    /// Asks the provider. An issuer is spelled as it spells itself.
    async fn try_plan(&self, wish: &SetUpWish, plan: &mut Plan) -> Result<Option<ClientCheck>> {
        let entry = &plan.entry;
        if entry.oauth.is_discovered() {
            match discovery::spelling(&self.0.http, &entry.oauth).await {
                Ok(issuer) if issuer != entry.oauth.issuer => {
                    *plan = self.plan(wish, Some(&issuer)).await?;
                }
                Ok(_) => {}
                // Without its metadata nothing can be asked, nor ever signed in.
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
            // Known without asking, and not every provider says it in so many words.
            return Ok(Some(ClientCheck::Refused(ErrorKind::SecretMissing.into())));
        }
        // A code on another device has no redirect URI that could be sent along.
        let mut channels = entry.channels.iter().copied();
        let Some(channel) = channels.find(|channel| *channel != Channel::Device) else {
            return Ok(None);
        };
        // No port is bound: nobody will answer.
        let quiet = if channel == Channel::Loopback { Channel::Paste } else { channel };
        let (_, redirect_uri) = self.receiver(&entry, quiet).await?;
        if let Some(client) = &mut entry.oauth.client {
            client.secret.clone_from(&plan.secret);
        }
        let client = Client::new(self.0.http.clone(), entry.oauth);
        Ok(Some(client.check_client(&redirect_uri).await?))
    }

    /// The keychain first: a file that names a client whose secret was refused helps nobody.
    async fn save(&self, wish: &SetUpWish, plan: &Plan) -> Result<()> {
        let kept = client_entry(&wish.provider, &plan.entry.oauth.client()?.id);
        match &wish.client_secret {
            Some(secret) if !is_blank(secret) => self.store_client_secret(&kept, secret).await?,
            None if plan.goes != Goes::Issuer => {}
            Some(_) | None => {
                // A keychain that has nothing of it need not be there.
                if self.0.store.client_secrets()?.contains(&kept) {
                    self.forget_client_secret(&kept).await?;
                }
            }
        }
        edit::write(&self.home().providers_file(), &plan.text)?;
        for other in self.0.store.client_secrets()? {
            if other != kept && other.starts_with(&client_entry(&wish.provider, "")) {
                self.forget_client_secret(&other).await?;
            }
        }
        tracing::info!(provider = wish.provider, "set up");
        self.read_config();
        Ok(())
    }

    /// The note first, so that whoever forgets everything finds the entry.
    async fn store_client_secret(&self, name: &str, secret: &SecretString) -> Result<()> {
        let known = self.0.store.client_secrets()?.iter().any(|kept| kept == name);
        self.0.store.note_client_secret(name)?;
        let (written, secret) = (name.to_owned(), secret.clone());
        let kept =
            self.vault(TokenStorage::Keychain, move |vault| vault.put(&written, &secret)).await;
        // The former one may still be there, and is to be found.
        if kept.is_err() && !known {
            self.0.store.drop_client_secret(name)?;
        }
        Ok(kept?)
    }

    /// Whether the keychain has a client's secret; known without opening it.
    pub(crate) fn has_stored_client_secret(&self, provider: &str, client_id: &str) -> bool {
        let name = client_entry(provider, client_id);
        self.0.store.client_secrets().is_ok_and(|kept| kept.contains(&name))
    }

    async fn forget_client_secret(&self, name: &str) -> Result<()> {
        let deleted = name.to_owned();
        self.vault(TokenStorage::Keychain, move |vault| vault.delete(&deleted)).await?;
        self.0.store.drop_client_secret(name)
    }

    /// One who writes the file at a time, across processes.
    async fn lock_set_up(&self) -> Result<FileLock> {
        let path = self.home().locks().join("set-up.lock");
        let locked = tokio::task::spawn_blocking(move || FileLock::wait(&path));
        let failed = |error: &dyn std::fmt::Display| Error::new(Code::StoreFailed).detail(error);
        let locked = self.reporting(Code::StoreBusy, locked).await;
        locked.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }
}

/// Whether two spellings, save for a terminating slash, name one issuer.
fn is_same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}
