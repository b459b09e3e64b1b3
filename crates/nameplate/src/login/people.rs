//! Users on this device: the shown one, their names, and linking of accounts (S39).

use native_oauth::text;

use super::{Ask, Login};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::TrustedIssuers;
use crate::user::{AccountId, AccountState, Intent, UserId};
use crate::vault::TokenStorage;

/// Longest name, in characters; longer ones are cut.
const LONGEST_NAME: usize = 100;

impl Login {
    /// Shows another user.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if there is no such user.
    pub fn show(&self, user: &str) -> Result<()> {
        let user = self.known_user(user)?;
        self.0.store.show(&user)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Sets the name of a user on this device; an empty one restores the provider's nickname.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if there is no such user.
    pub fn rename(&self, user: &str, name: &str) -> Result<()> {
        let user = self.known_user(user)?;
        let name = text::line(name, LONGEST_NAME);
        self.0.store.rename(&user, Some(name.as_str()).filter(|name| !name.is_empty()))?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Accounts that may belong to another user, and that user.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn link_offers(&self) -> Result<Vec<(AccountId, UserId)>> {
        self.0.store.link_offers(&self.trusted_issuers())
    }

    /// The providers and issuers whose e-mail addresses are trusted in the present configuration.
    pub(super) fn trusted_issuers(&self) -> TrustedIssuers {
        let config = self.config();
        let trusted = config.entries().iter().filter(|entry| entry.trusts_email);
        let issuers = |entry: &'_ Entry| -> Vec<(String, String)> {
            let issuers = entry.oauth.issuers().into_iter();
            issuers.map(|issuer| (entry.oauth.id.clone(), issuer.to_owned())).collect()
        };
        let pairs: Vec<_> = trusted.flat_map(issuers).collect();
        TrustedIssuers::new(pairs.iter().map(|(entry, issuer)| (entry.as_str(), issuer.as_str())))
    }

    /// Links an account with the user it was offered to, where both addresses are still trusted.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] without an offer; [`Code::OfferWithdrawn`].
    pub fn link(&self, account: &str) -> Result<()> {
        let account = AccountId::from(account.to_owned());
        let linked = self.0.store.link(&account, &self.trusted_issuers());
        self.tell(Event::Changed);
        self.0.store.show(&linked?)
    }

    /// Declines a link; the account stays with its own user.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn decline_link(&self, account: &str) -> Result<()> {
        self.0.store.decline_link(&AccountId::from(account.to_owned()))?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Unlinks an account from its user; it gets a new user, who is shown.
    ///
    /// # Errors
    /// [`Code::LastAccount`] if the user has no other account.
    pub fn unlink(&self, account: &str) -> Result<()> {
        let id = self.0.store.account(&AccountId::from(account.to_owned()))?.id;
        let user = self.0.store.unlink(&id, self.now())?;
        self.0.store.show(&user)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// The request to sign in again to an account, or for more scopes.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`].
    pub fn ask_again(&self, account: &str, intent: fn(AccountId) -> Intent) -> Result<Ask> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        // Storing in memory is chosen anew for each sign-in (S50).
        let storage = TokenStorage::Keychain;
        Ok(Ask { provider: row.provider, intent: intent(row.id), channel: None, storage })
    }

    pub(super) fn has_account_at(&self, provider: &str) -> Result<bool> {
        let users = self.users()?;
        let mut accounts = users.iter().flat_map(|user| &user.accounts);
        Ok(accounts
            .any(|account| account.provider == provider && account.state == AccountState::Active))
    }

    pub(super) fn known_user(&self, id: &str) -> Result<UserId> {
        let users = self.users()?;
        let known = users.into_iter().find(|user| user.id.as_str() == id).map(|user| user.id);
        known.ok_or_else(|| Error::new(Code::UnknownAccount).detail(id))
    }
}
