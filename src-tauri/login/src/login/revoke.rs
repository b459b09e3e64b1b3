//! Telling a provider that a grant is over, now or within a week.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Login;
use crate::error::{Code, Error, Result};
use crate::flow::discovery;
use crate::flow::exchange::Caller;
use crate::provider::Revocation;
use crate::session::Session;
use crate::store::RevocationRow;
use crate::vault::{Keep, VaultError};

/// How long an unsent revocation is kept, in seconds (S46).
const WEEK: i64 = 7 * 24 * 60 * 60;

/// What is kept of a grant that could not be revoked yet.
#[derive(Serialize, Deserialize)]
struct Unsent {
    session: Session,
    revocation: Revocation,
}

impl Login {
    /// Revokes, or keeps what is needed to do so later.
    pub(super) async fn revoke_or_keep(
        &self,
        provider: &str,
        session: Session,
        revocation: Revocation,
    ) -> Result<()> {
        let Err(error) = self.send_revocation(provider, &session, revocation).await else {
            return Ok(());
        };
        tracing::info!(provider, code = %error.code(), "a grant is revoked later");
        let id = format!("revoking.{}", uuid::Uuid::new_v4().simple());
        let row = RevocationRow {
            id: id.clone(),
            provider: provider.to_owned(),
            until: self.now() + WEEK,
        };
        let unsent = serde_json::json!(Unsent { session, revocation }).to_string();
        self.0.store.add_revocation(&row)?;
        let kept = self.vault(Keep::Keychain, move |vault| vault.put(&id, &unsent.into())).await;
        if kept.is_err() {
            self.0.store.drop_revocation(&row.id)?;
        }
        Err(error)
    }

    /// Tries again what could not be revoked, and gives up what is too old. Sent when the
    /// keychain is opened for something else; nothing waits for it.
    pub(super) async fn revoke_unsent(&self) -> Result<()> {
        // One after the other, so that none is sent twice at once.
        let _one = self.0.revoking.lock().await;
        for row in self.0.store.revocations()? {
            let over = row.until <= self.now();
            if !over && !self.try_again(&row).await {
                continue;
            }
            let name = row.id.clone();
            // One that cannot be deleted now keeps no other from being sent.
            if self.vault(Keep::Keychain, move |vault| vault.delete(&name)).await.is_ok() {
                self.0.store.drop_revocation(&row.id)?;
            }
        }
        Ok(())
    }

    /// The providers that are still to be told.
    pub(crate) fn unsent_revocations(&self) -> Vec<String> {
        let left = self.0.store.revocations().unwrap_or_default();
        left.into_iter().map(|row| row.provider).collect()
    }

    /// Whether nothing is left to be sent.
    async fn try_again(&self, row: &RevocationRow) -> bool {
        let name = row.id.clone();
        let kept = match self.vault(Keep::Keychain, move |vault| vault.get(&name)).await {
            Ok(kept) => kept,
            Err(error) => return error == VaultError::NotFound,
        };
        let Ok(unsent) = serde_json::from_str::<Unsent>(kept.expose_secret()) else { return true };
        self.send_revocation(&row.provider, &unsent.session, unsent.revocation).await.is_ok()
    }

    async fn send_revocation(
        &self,
        provider: &str,
        session: &Session,
        how: Revocation,
    ) -> Result<()> {
        let entry = discovery::complete(&self.0.http, self.config().ready(provider)?).await?;
        session.check_belongs(&entry)?;
        let Some(endpoint) = entry.endpoints.revocation.clone() else { return Ok(()) };
        let client_secret = self.client_secret(&entry).await?;
        let caller = Caller { http: &self.0.http, entry: &entry, client_secret };
        match how {
            // The refresh token first: with it the access tokens go too (RFC 7009, section 2.1).
            Revocation::Token => {
                let token = session.refresh_token().unwrap_or_else(|| session.access_token());
                caller.revoke(&endpoint, &token).await
            }
            Revocation::Bearer => self.call_as_person(&caller, session, &endpoint).await,
            Revocation::BearerLogout => {
                let beside =
                    endpoint.join("logout").map_err(|_| Error::new(Code::DiscoveryFailed))?;
                self.call_as_person(&caller, session, &beside).await
            }
        }
    }

    /// A call that takes the access token itself, which must be a live one for that. A grant that
    /// is dead already is as revoked as it can be.
    async fn call_as_person(
        &self,
        caller: &Caller<'_>,
        session: &Session,
        url: &Url,
    ) -> Result<()> {
        let http = &self.0.http;
        if session.is_usable(self.now()) && http.post_bearer(url, &session.access_token()).await? {
            return Ok(());
        }
        // Only a new one can still end anything.
        let Some(refresh_token) = session.refresh_token() else { return Ok(()) };
        match caller.refresh(&refresh_token).await {
            Ok(tokens) => match http.post_bearer(url, &tokens.access).await? {
                true => Ok(()),
                false => Err(Error::new(Code::ProviderRefused)),
            },
            Err(error) if error.code() == Code::SessionEnded => Ok(()),
            Err(error) => Err(error),
        }
    }
}
