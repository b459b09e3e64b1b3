//! A set-up that is not written yet: the new configuration, and the check of its client.

use native_oauth::client_check::ClientCheck;
use native_oauth::discovery::{self, requirements};
use native_oauth::provider::{SecretNeed, ServerInput};
use native_oauth::url_rules::normal_issuer;
use native_oauth::{Client, ErrorKind};
use secrecy::{ExposeSecret, SecretString};

use super::{ProviderSetup, SetUpRequest};
use crate::account::LOCAL_PROVIDER;
use crate::config::edit::{self, Edit, ToDelete};
use crate::config::{Config, Entry};
use crate::error::{Code, Error, Result};
use crate::{provider_client, redirect_uris};

/// The changes to write.
pub(super) struct Plan {
    pub(super) text: String,
    pub(super) entry: Entry,
    pub(super) secret: Option<SecretString>,
    /// What to delete of the former client or issuer.
    pub(super) to_delete: ToDelete,
}

/// Whether two spellings name one issuer, ignoring a slash at the end.
fn is_same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

pub(super) fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}

impl ProviderSetup {
    /// The new content of the file, and its configuration.
    pub(super) async fn plan(&self, request: &SetUpRequest, issuer: Option<&str>) -> Result<Plan> {
        let client_id = request.client_id.trim();
        if client_id.is_empty() {
            return Err(Error::new(Code::NotSetUp));
        }
        // The file may have been edited since it was read.
        let text = edit::text(&self.context.home.providers_file())?;
        let config = Config::of_text(&self.context.home, &self.context.sources, &text)?;
        let known = config.entries().iter().find(|entry| entry.oauth.id == request.provider);
        if let Some(variable) = known.and_then(|entry| entry.fixed_by.as_ref()) {
            return Err(Error::new(Code::FixedElsewhere).with_detail(variable));
        }
        let asks_issuer = known.is_none_or(|entry| entry.oauth.is_discovered());
        let registers_itself = |entry: &Entry| entry.server_input() != ServerInput::None;
        if request.provider == LOCAL_PROVIDER
            || known.is_some_and(registers_itself)
            || (known.is_none() && issuer.is_none())
        {
            return Err(Error::new(Code::UnknownProvider).with_detail(&request.provider));
        }
        let issuer = issuer.filter(|_| asks_issuer).map(normal_issuer);
        let former = known.and_then(|entry| entry.oauth.client.as_ref());
        let moved = issuer.as_deref().is_some_and(|issuer| {
            known.is_none_or(|known| !is_same_issuer(&known.oauth.issuer, issuer))
        });
        // Secrets of one issuer are never sent to another.
        let same = !moved && former.is_some_and(|former| former.id == client_id);
        let to_delete = match request.client_secret.is_none() && same {
            _ if moved => ToDelete::Issuer,
            true => ToDelete::Nothing,
            false => ToDelete::Secret,
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
            to_delete,
        };
        let text = edit::edited(&text, &edit)?;
        let entry = Config::of_text(&self.context.home, &self.context.sources, &text)?
            .ready(&request.provider)?
            .clone();
        Ok(Plan { text, entry, secret, to_delete })
    }

    /// Checks the client. An issuer is written as its metadata spells it.
    pub(super) async fn try_plan(
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
}
