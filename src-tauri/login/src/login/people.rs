//! Several people on one device: who is shown, what they are called here, and which accounts are
//! theirs.

use super::{Ask, Login};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::text;
use crate::user::{AccountId, AccountState, Intent, UserId};
use crate::vault::Keep;

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
    pub fn offers(&self) -> Result<Vec<(AccountId, UserId)>> {
        self.0.store.offers()
    }

    /// Joins an account with the person that it was offered to.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where nothing was offered.
    pub fn join(&self, account: &str) -> Result<()> {
        let user = self.0.store.join(&AccountId::from(account.to_owned()))?;
        self.0.store.show(&user)?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Declines to join; the account stays a person of its own.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn keep_apart(&self, account: &str) -> Result<()> {
        self.0.store.decline(&AccountId::from(account.to_owned()))?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// Parts an account from its person; it becomes a person of its own, who is shown.
    ///
    /// # Errors
    /// [`Code::LastAccount`], so that nobody is left without one by accident.
    pub fn part(&self, account: &str) -> Result<()> {
        let id = self.0.store.account(&AccountId::from(account.to_owned()))?.id;
        let user = self.0.store.part(&id, self.now())?;
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
        let keep = Keep::Keychain;
        Ok(Ask { provider: row.provider, intent: intent(row.id), channel: None, keep })
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
        known.ok_or(Error::new(Code::UnknownAccount))
    }
}
