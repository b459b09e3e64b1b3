//! The profile, read again: when the window opens and when a person asks.

use super::{Login, Want};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::flow::exchange::Tokens;
use crate::flow::profile;
use crate::store::{AccountRow, Filing};
use crate::user::{AccountId, AccountState};

impl Login {
    /// Reads the profile of an account again.
    ///
    /// # Errors
    /// As of [`Login::access_token`], and where the provider answers with somebody else.
    pub async fn read_again(&self, account: &str) -> Result<()> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        self.reread(&row).await.map_err(|error| error.at(&row.provider))
    }

    /// Reads the profile of the user shown again, where the provider is within reach: without a
    /// network nothing is sent and no keychain entry is opened.
    pub async fn read_shown_again(&self) {
        self.look_outside().await;
        let Ok(Some(user)) = self.shown_user() else { return };
        if self.is_offline() {
            return;
        }
        for account in user.accounts.iter().filter(|account| account.state == AccountState::Active)
        {
            if let Err(error) = self.read_again(account.id.as_str()).await {
                tracing::info!(code = %error.code(), "a profile was not read again");
            }
        }
    }

    async fn reread(&self, row: &AccountRow) -> Result<()> {
        let given = self.valid_session(row, Want::Valid).await?;
        // The endpoints may have been set up anew since the token was given.
        let entry = self.entry_of(row, &given).await?;
        let tokens = Tokens {
            access: given.access_token(),
            refresh: None,
            id_token: None,
            expires_in: None,
            scopes: given.scopes,
        };
        // Who it is was proven when the session began.
        let known = serde_json::json!({ "sub": row.subject });
        let read = profile::read(&self.0.http, &entry, &tokens, Some(known)).await?;
        if read.profile.subject != row.subject {
            return Err(Error::new(Code::UserinfoMismatch));
        }
        let mut notes = read.notes;
        let avatar = self.picture(&entry, read.profile.picture.as_deref(), &mut notes).await;
        let notes: Vec<_> = notes.iter().map(ToString::to_string).collect();
        let _lock = self.lock_account(row.identity()).await?;
        // It may have been signed out of while the provider answered.
        if self.0.store.account(&row.id)?.state != AccountState::Active {
            return Ok(());
        }
        self.0.store.activate(
            &row.id,
            &Filing {
                provider: &entry.id,
                label: &entry.label,
                issuer: &entry.issuer,
                profile: &read.profile,
                email_trusted: read.email_trusted,
                picture: avatar.as_ref().map(|avatar| (&avatar.png[..], avatar.key.as_str())),
                scopes: &tokens.scopes,
                expires_at: given.expires_at,
                notes: &notes.join(" "),
                owner: row.owner.as_deref(),
                now: self.now(),
            },
        )?;
        self.tell(Event::Changed);
        Ok(())
    }
}
