//! Several accounts of one user (S39). The condition of an offer is in `store/linking.rs`.

use super::Accounts;
use crate::error::Result;
use crate::ids::{AccountId, UserId};
use crate::store::TrustedIssuers;

impl Accounts {
    /// Accounts that may belong to another user, and that user: both have the same e-mail address,
    /// from issuers whose addresses are trusted. Nothing is linked without the user's consent.
    ///
    /// ```no_run
    /// # fn example(nameplate: nameplate::Nameplate) -> nameplate::Result<()> {
    /// for (account, user) in nameplate.accounts().link_offers()? {
    ///     println!("{account} may belong to {user}");
    ///     nameplate.accounts().link(account.as_str())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the database fails.
    pub fn link_offers(&self) -> Result<Vec<(AccountId, UserId)>> {
        self.context.store.link_offers(&TrustedIssuers::of(&self.context.config()))
    }

    /// Links an account with the user it was offered to, where both addresses are still trusted.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) without an offer;
    /// [`Code::OfferWithdrawn`](crate::Code::OfferWithdrawn).
    pub fn link(&self, account: &str) -> Result<()> {
        let account = AccountId::from(account.to_owned());
        let trusted = TrustedIssuers::of(&self.context.config());
        let linked = self.context.store.link(&account, &trusted);
        self.context.events.changed();
        self.context.store.show(&linked?)
    }

    /// Declines a link; the account stays with its own user.
    ///
    /// # Errors
    /// If the database fails.
    pub fn decline_link(&self, account: &str) -> Result<()> {
        self.context.store.decline_link(&AccountId::from(account.to_owned()))?;
        self.context.events.changed();
        Ok(())
    }

    /// Unlinks an account from its user; it gets a new user, who is shown.
    ///
    /// # Errors
    /// [`Code::LastAccount`](crate::Code::LastAccount) if the user has no other account.
    pub fn unlink(&self, account: &str) -> Result<()> {
        let id = self.context.store.account(&AccountId::from(account.to_owned()))?.id;
        let user = self.context.store.unlink(&id, self.context.now())?;
        self.context.store.show(&user)?;
        self.context.events.changed();
        Ok(())
    }
}
