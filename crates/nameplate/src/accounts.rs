//! Users on this device and their accounts.

mod find;
mod linking;
mod refresh_profile;
mod reset;
mod sign_out;

use std::sync::Arc;

use native_oauth::text;

use crate::context::Context;
use crate::error::Result;
use crate::pictures::Pictures;
use crate::recovery::Recovery;
use crate::revocation::Revocations;
use crate::sessions::Sessions;
use crate::sign_in::SignIns;
use crate::user::User;
pub(crate) use find::names;

/// Longest name, in characters; longer ones are cut.
const LONGEST_NAME: usize = 100;

/// The users on this device and their accounts.
///
/// A user has one or more accounts, each at one provider. An account is known by its issuer and
/// subject, never by its e-mail address (S38). Accounts with the same trusted address are only
/// offered to be linked (S39).
///
/// ```no_run
/// # async fn example(nameplate: nameplate::Nameplate) -> nameplate::Result<()> {
/// use nameplate::SignOutScope;
///
/// for user in nameplate.accounts().list()? {
///     println!("{}", user.nickname);
///     for account in &user.accounts {
///         println!("  {} {:?}", account.label, account.state);
///     }
/// }
/// for (account, user) in nameplate.accounts().link_offers()? {
///     println!("{account} may belong to {user}");
///     nameplate.accounts().link(account.as_str())?;
/// }
/// // Revokes the grant, and removes the account from this device.
/// let account = &nameplate.accounts().list()?[0].accounts[0].id;
/// nameplate.accounts().sign_out(account.as_str(), SignOutScope::Everywhere).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Accounts {
    context: Arc<Context>,
    revocations: Revocations,
    recovery: Recovery,
    sessions: Sessions,
    pictures: Pictures,
    sign_ins: SignIns,
}

impl Accounts {
    pub(crate) fn new(
        context: Arc<Context>,
        revocations: Revocations,
        recovery: Recovery,
        sessions: Sessions,
        pictures: Pictures,
        sign_ins: SignIns,
    ) -> Self {
        Self { context, revocations, recovery, sessions, pictures, sign_ins }
    }

    /// All users, each with its accounts.
    ///
    /// # Errors
    /// If the database fails.
    pub fn list(&self) -> Result<Vec<User>> {
        self.context.users()
    }

    /// One user.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) if there is no such user.
    pub fn user(&self, user: &str) -> Result<User> {
        self.context.user(user)
    }

    /// Shows another user.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) if there is no such user.
    pub fn show(&self, user: &str) -> Result<()> {
        self.context.store.show(&self.context.user(user)?.id)?;
        self.context.events.changed();
        Ok(())
    }

    /// Sets the name of a user on this device; an empty one restores the provider's nickname.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) if there is no such user.
    pub fn rename(&self, user: &str, name: &str) -> Result<()> {
        let name = text::line(name, LONGEST_NAME);
        let name = Some(name.as_str()).filter(|name| !name.is_empty());
        self.context.store.rename(&self.context.user(user)?.id, name)?;
        self.context.events.changed();
        Ok(())
    }

    /// The picture of a user, as PNG.
    ///
    /// # Errors
    /// If the database fails.
    pub fn picture(&self, user: &str) -> Result<Option<Vec<u8>>> {
        self.context.store.avatar(user)
    }

    /// Waits until the pictures of the sign-ins of this process are downloaded.
    pub async fn pictures_downloaded(&self) {
        self.pictures.downloaded().await;
    }
}
