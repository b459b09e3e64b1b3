//! Several people on one device: who is shown, what they are called here, and which accounts are
//! theirs.

use native_oauth::text;

use super::{Ask, Login};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::TrustedIssuers;
use crate::user::{AccountId, AccountState, Intent, UserId};
use crate::vault::TokenStorage;

/// Longer than any name; what is typed is cut.
const LONGEST_NAME: usize = 100;

impl Login {
    /// Shows another person.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where nobody of that id is here.
    pub fn show(&self, user: &str) -> Result<()> {
        let user = self.known_user(user)?;
        self.0.store.show(&user)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Calls a person by another name on this device; by the provider's again where it is empty.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where nobody of that id is here.
    pub fn rename(&self, user: &str, name: &str) -> Result<()> {
        let user = self.known_user(user)?;
        let name = text::line(name, LONGEST_NAME);
        self.0.store.rename(&user, Some(name.as_str()).filter(|name| !name.is_empty()))?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// The accounts that may belong to somebody who is here already.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn link_offers(&self) -> Result<Vec<(AccountId, UserId)>> {
        self.0.store.link_offers(&self.trusted_issuers())
    }

    /// Whose addresses are trusted, as the providers are set up now.
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
    /// [`Code::UnknownAccount`] where nothing was offered; [`Code::OfferWithdrawn`].
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
    /// [`Code::LastAccount`], so that nobody is left without one by accident.
    pub fn unlink(&self, account: &str) -> Result<()> {
        let id = self.0.store.account(&AccountId::from(account.to_owned()))?.id;
        let user = self.0.store.unlink(&id, self.now())?;
        self.0.store.show(&user)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// The wish to sign in again to an account, or to ask it for more.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`].
    pub fn ask_again(&self, account: &str, intent: fn(AccountId) -> Intent) -> Result<Ask> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        // A session of one run alone is the person's choice anew each time (S50).
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
