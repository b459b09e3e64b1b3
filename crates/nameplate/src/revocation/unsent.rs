//! Revocations that could not be sent: stored in the keychain, and sent within a week (S46).

use native_oauth::provider::Revocation;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::{Revocations, WEEK, final_refusal};
use crate::account_storage;
use crate::error::{Code, Error, Result};
use crate::revocation::request::Sent;
use crate::store::{AccountRow, PendingSignOut, RevocationRow};
use crate::stored_session::Session;
use crate::vault::{TokenStorage, VaultError};

/// The keychain item of an unsent revocation.
#[derive(Serialize, Deserialize)]
pub(super) struct Unsent {
    pub(super) session: Session,
    pub(super) revocation: Revocation,
    /// Whether the grant is revoked, and only an access token is left.
    pub(super) rest: bool,
}

impl Revocations {
    /// Stores the revocation of an interrupted sign-out, so that the account can be removed. Sends
    /// nothing, so that the client does not wait for the provider.
    ///
    /// # Errors
    /// If the vault fails or the configuration cannot be read: then the account may not be removed yet.
    pub(crate) async fn store_interrupted(&self, row: &AccountRow) -> Result<()> {
        let pending =
            row.pending_sign_out.filter(|pending| pending.since + WEEK > self.context.now());
        let Some(pending) = pending else { return Ok(()) };
        let Ok(revocation) = self.revocation_for(row, pending.scope)? else { return Ok(()) };
        let Some(session) = account_storage::session(&self.context, row.storage(), &row.id).await?
        else {
            return Ok(());
        };
        match self.store_unsent(row, Unsent { session, revocation, rest: false }, pending).await {
            Err(_) if row.storage() == TokenStorage::Memory => Ok(()),
            stored => stored,
        }
    }

    /// Stores the row, then the keychain item. An account has one revocation at most, so that an
    /// interrupted call does not leave two.
    pub(super) async fn store_unsent(
        &self,
        account: &AccountRow,
        unsent: Unsent,
        pending: PendingSignOut,
    ) -> Result<()> {
        let row = RevocationRow {
            id: format!("revoking.{}", account.id),
            provider: account.provider.clone(),
            identity: account.identity().digest(),
            client: account.client.clone(),
            until: pending.since + WEEK,
        };
        let new = self.context.store.add_revocation(&row)?;
        let text = serde_json::json!(unsent).to_string().into();
        match self.context.vaults.put(TokenStorage::Keychain, &row.id, text).await {
            // Another process may have deleted the row while the item was missing.
            Ok(()) => self.context.store.add_revocation(&row).map(drop),
            Err(error) => {
                if new {
                    self.context.store.drop_revocation(&row.id)?;
                }
                Err(error.into())
            }
        }
    }

    /// Sends the unsent revocations, and deletes the expired ones.
    pub(crate) async fn send_unsent(&self) -> Result<()> {
        let _sending = self.sending.lock().await;
        for row in self.context.store.revocations()? {
            if self.is_over(&row)? || self.send(&row).await {
                self.delete(&row).await?;
            }
        }
        Ok(())
    }

    /// Deletes the revocations that were given up because the user signed in again.
    pub(crate) async fn delete_given_up(&self) -> Result<()> {
        for row in
            self.context.store.revocations()?.iter().filter(|row| row.until <= self.context.now())
        {
            self.delete(row).await?;
        }
        Ok(())
    }

    /// Deletes the keychain item, then the row. A keychain error leaves both for the next time.
    async fn delete(&self, row: &RevocationRow) -> Result<()> {
        match self.context.vaults.delete(TokenStorage::Keychain, &row.id).await {
            Ok(()) => self.context.store.drop_revocation(&row.id),
            Err(_) => Ok(()),
        }
    }

    /// Whether a revocation has expired or was given up; read again, because the user may have
    /// signed in meanwhile.
    fn is_over(&self, row: &RevocationRow) -> Result<bool> {
        Ok(!self.context.store.is_to_be_revoked(&row.id, self.context.now())?)
    }

    /// The providers with unsent revocations, including those of interrupted sign-outs.
    pub(crate) fn unsent(&self) -> Vec<String> {
        let mut left = self.context.store.revocations().unwrap_or_default();
        left.retain(|row| row.until > self.context.now());
        let interrupted = self.context.store.unfinished_accounts().unwrap_or_default();
        let unsent = interrupted.into_iter().filter(|row| {
            let scope = row.pending_sign_out.map(|pending| pending.scope);
            scope.is_some_and(|scope| matches!(self.revocation_for(row, scope), Ok(Ok(_))))
        });
        left.into_iter().map(|row| row.provider).chain(unsent.map(|row| row.provider)).collect()
    }

    /// Sends a revocation; whether it is done.
    async fn send(&self, row: &RevocationRow) -> bool {
        let text = match self.context.vaults.get(TokenStorage::Keychain, &row.id).await {
            Ok(text) => text,
            Err(error) => return error == VaultError::NotFound,
        };
        let Ok(mut unsent) = serde_json::from_str::<Unsent>(text.expose_secret()) else {
            self.context
                .notices
                .set_refused_revocation(Error::new(Code::RevokeTokenLost).at(&row.provider));
            return true;
        };
        // Opening the keychain may have taken minutes.
        if self.is_over(row).unwrap_or(false) {
            return true;
        }
        let former = unsent.session.clone();
        let sent = self.request(&row.provider, &mut unsent.session, unsent.revocation).await;
        match sent {
            Ok(Sent::All | Sent::NoEndpoint) => return true,
            Ok(Sent::AllButAccessToken) => unsent.rest = true,
            Err(refusal) if refusal.code().is_final() => {
                if !unsent.rest {
                    self.context
                        .notices
                        .set_refused_revocation(final_refusal(&refusal).at(&row.provider));
                }
                return true;
            }
            Err(_) => {}
        }
        if unsent.session.differs_from(&former) {
            // The former tokens are invalid and could not revoke anything next time.
            let text = serde_json::json!(unsent).to_string().into();
            let _ = self.context.vaults.put(TokenStorage::Keychain, &row.id, text).await;
        }
        false
    }
}
