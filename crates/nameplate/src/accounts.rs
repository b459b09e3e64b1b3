//! Users on this device and their accounts.

mod find;
mod linking;
mod reset;
mod sign_out;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use native_oauth::text;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::private_fs;
use crate::revocation::Revocations;
use crate::sign_in::SignIns;
use crate::user::User;
pub(crate) use find::names;

/// Longest name, in characters; longer ones are cut.
const LONGEST_NAME: usize = 100;

/// The users on this device and their accounts.
///
/// A user has one or more accounts, each at one provider. An account is known by its issuer and
/// subject, never by its e-mail address (S38). Several accounts of one user are linked by the user
/// ([`Accounts::link_offers`]); what is shown of an account is in [`Profiles`](crate::Profiles).
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
    sign_ins: SignIns,
}

impl Accounts {
    pub(crate) fn new(context: Arc<Context>, revocations: Revocations, sign_ins: SignIns) -> Self {
        Self { context, revocations, sign_ins }
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

    /// Writes everything that is stored of an account and shown to a JSON file that only this user
    /// of the machine can read, and returns its path: no token, no picture.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) if there is no such account;
    /// [`Code::StoreFailed`](crate::Code::StoreFailed) if the file cannot be written.
    pub fn export(&self, account: &str, folder: &Path) -> Result<PathBuf> {
        let users = self.context.users()?;
        let mut accounts = users.iter().flat_map(|user| &user.accounts);
        let account = accounts
            .find(|known| known.id.as_str() == account)
            .ok_or_else(|| Error::new(Code::UnknownAccount).with_detail(account))?;
        let failed = |error: std::io::Error| Error::caused(Code::StoreFailed, error);
        let json = serde_json::to_string_pretty(account).map_err(|error| failed(error.into()))?;
        let path = folder.join(format!("nameplate-{}-{}.json", account.provider, account.id));
        // An earlier export is replaced, and a link is not followed.
        let _ = std::fs::remove_file(&path);
        let mut file = private_fs::create_private(&path).map_err(failed)?;
        file.write_all(json.as_bytes()).map_err(failed)?;
        Ok(path)
    }
}
