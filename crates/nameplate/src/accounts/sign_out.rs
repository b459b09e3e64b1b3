//! Sign-out, with revocation of the grant (RFC 7009).

use super::Accounts;
use crate::account_storage;
use crate::error::{Code, Error, Result};
use crate::ids::AccountId;
use crate::intent::SignOutScope;
use crate::named_server::registration;
use crate::revocation::RevocationResult;
use crate::store::{AccountRow, PendingSignOut};

impl Accounts {
    /// Signs out of an account. A local profile stays, and asks for its password again.
    ///
    /// Any other account is removed from this device in three writes: the row is marked as removing,
    /// the keychain item is deleted, the row is deleted. Recovery finishes an interrupted sign-out,
    /// including the revocation.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`]; [`Code::SessionElsewhere`] if another process has the token to
    /// revoke; [`Code::ConfigUnreadable`] if the provider may be in a file that cannot be read; or a
    /// keychain error, and then recovery removes the account. After these the account
    /// is removed:
    /// [`Code::RevokeLater`] if the provider is not reachable (tried again for a week),
    /// [`Code::RevokeForeign`] if a setting must be restored for that, [`Code::RevokeNotSetUp`] if
    /// the provider is not set up any more, [`Code::RevokeRefused`] if it refuses,
    /// [`Code::RevokeUnavailable`] if it has no revocation endpoint, [`Code::RevokeTokenLost`] if the
    /// keychain item is missing or cannot be read.
    pub async fn sign_out(&self, account: &str, scope: SignOutScope) -> Result<()> {
        let row = self.context.store.account(&AccountId::from(account.to_owned()))?;
        let lock = account_storage::lock(&self.context, row.identity()).await?;
        if row.is_local() && scope == SignOutScope::Here {
            self.context.store.end_session(&row.id, None)?;
            self.context.events.changed();
            return Ok(());
        }
        if scope == SignOutScope::Everywhere
            && account_storage::is_session_elsewhere(&self.context, &row)
        {
            return Err(Error::new(Code::SessionElsewhere).at(&row.provider));
        }
        // Before anything is removed: with a readable configuration the provider may be there.
        let _ = self.revocations.revocation_for(&row, scope)?;
        let pending = PendingSignOut { scope, since: self.context.now() };
        self.context.store.begin_removing(&row.id, Some(pending))?;
        self.context.events.changed();
        let revoked = self.revocations.revoke(&row, pending).await?;
        if let Err(error) = account_storage::remove(&self.context, &row).await {
            // Recovery removes the rest; the revocation is done.
            self.context.store.begin_removing(&row.id, None)?;
            return Err(error);
        }
        match revoked {
            RevocationResult::Done => {
                // A sign-in to the account need not wait for the client's lock.
                drop(lock);
                self.drop_client(&row).await;
                Ok(())
            }
            RevocationResult::Later(error) | RevocationResult::Failed(error) => {
                Err(error.at(&row.provider))
            }
        }
    }

    /// The client that registered itself at the account's server, if no other account needs it. The
    /// account is signed out whatever becomes of that.
    async fn drop_client(&self, row: &AccountRow) {
        let dropped = registration::drop_unused(&self.context, &row.provider, &row.issuer).await;
        if let Err(error) = dropped {
            tracing::info!(provider = row.provider, code = %error.code(), "a client stays registered");
        }
    }
}
