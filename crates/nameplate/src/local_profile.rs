//! Local profiles: created with an e-mail address and a password, locked and unlocked.

use std::sync::Arc;

use native_oauth::Profile;
use native_oauth::text;
use rand::RngCore;
use secrecy::SecretString;

use crate::account::{AccountState, LOCAL_ISSUER, LOCAL_PROVIDER};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};
use crate::messages::messages;
use crate::recovery::Recovery;
use crate::store::{AccountRow, Identity, Lifetime, SignInRecord};
use crate::user::User;
use crate::vault::TokenStorage;
use crate::{account_storage, password};

/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, without the brackets).
const MAX_ADDRESS_BYTES: usize = 254;

/// Arguments of [`LocalProfiles::create`].
#[derive(Debug)]
pub struct NewProfile {
    /// E-mail address; not verified, and nothing is sent to it.
    pub address: String,
    /// Password; it cannot be reset.
    pub password: SecretString,
    /// Display name; the address if it is blank.
    pub nickname: String,
    /// The user to add the profile to; `None` for a new user.
    pub user: Option<UserId>,
}

/// The local profiles: accounts with a password instead of a provider.
///
/// The keychain has a hash of the password (Argon2id). [`Accounts::sign_out`] locks a profile.
///
/// ```no_run
/// # async fn example(nameplate: nameplate::Nameplate) -> nameplate::Result<()> {
/// use nameplate::{NewProfile, SignOutScope};
///
/// let profiles = nameplate.local_profiles();
/// let user = profiles
///     .create(NewProfile {
///         address: "nari@example.com".to_owned(),
///         password: "correct horse battery".to_owned().into(),
///         nickname: "Nari".to_owned(),
///         user: None,
///     })
///     .await?;
/// nameplate.accounts().sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await?;
///
/// let account = profiles.find("nari@example.com")?;
/// profiles.unlock(account.as_str(), "correct horse battery".to_owned().into()).await?;
/// # Ok(())
/// # }
/// ```
///
/// [`Accounts::sign_out`]: crate::Accounts::sign_out
#[derive(Clone)]
pub struct LocalProfiles {
    context: Arc<Context>,
    recovery: Recovery,
}

impl LocalProfiles {
    pub(crate) fn new(context: Arc<Context>, recovery: Recovery) -> Self {
        Self { context, recovery }
    }

    /// Creates a local profile, in three writes like any account.
    ///
    /// # Errors
    /// [`Code::BadAddress`], [`Code::WeakPassword`], [`Code::AddressTaken`], or a keychain error;
    /// then nothing was written.
    pub async fn create(&self, new: NewProfile) -> Result<User> {
        self.try_create(new).await.map_err(|error| error.at(LOCAL_PROVIDER))
    }

    /// Unlocks a profile.
    ///
    /// # Errors
    /// [`Code::WrongPassword`], also without such a profile and in the same time;
    /// [`Code::ProfileLost`] if the keychain item is missing.
    pub async fn unlock(&self, account: &str, password: SecretString) -> Result<User> {
        let id = AccountId::from(account.to_owned());
        self.try_unlock(&id, password).await.map_err(|error| error.at(LOCAL_PROVIDER))
    }

    /// The profile with this address; an id that does not exist if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub fn find(&self, address: &str) -> Result<AccountId> {
        Ok(self.context.store.profile_at(address.trim())?.unwrap_or_else(AccountId::random))
    }

    async fn try_create(&self, new: NewProfile) -> Result<User> {
        let NewProfile { address, password, nickname, user } = new;
        let address = address.trim().to_owned();
        check_address(&address)?;
        password::check(&password)?;
        let user = user.map(|user| self.context.user(user.as_str())).transpose()?;
        let id = AccountId::random();
        self.check_keychain(&id).await?;
        let hash = working(move || password::hash(&password, salt())).await??;
        // Serializes requests for one address, across processes.
        let folded = address.to_ascii_lowercase();
        let _address = account_storage::lock(&self.context, local(&folded)).await?;
        if self.context.store.profile_at(&address)?.is_some() {
            return Err(Error::new(Code::AddressTaken));
        }
        let profile = Profile {
            subject: uuid::Uuid::new_v4().to_string(),
            nickname: Some(nickname),
            email: Some(address),
            ..Profile::default()
        };
        self.store(&id, user.map(|user| user.id), &profile.tidy(), hash).await
    }

    /// Checks the keychain before anything is written (S50).
    async fn check_keychain(&self, id: &AccountId) -> Result<()> {
        self.context.vaults.ready(TokenStorage::Keychain).await?;
        self.recovery.run().await?;
        self.context.vaults.find(TokenStorage::Keychain, id.as_str()).await?;
        Ok(())
    }

    async fn store(
        &self,
        id: &AccountId,
        user: Option<UserId>,
        profile: &Profile,
        hash: SecretString,
    ) -> Result<User> {
        let record = SignInRecord {
            provider: LOCAL_PROVIDER,
            label: &messages(self.context.language()).local_profile,
            identity: local(&profile.subject),
            profile,
            email_trusted: false,
            picture: None,
            scopes: &[],
            lifetime: Lifetime::default(),
            notes: &[],
            owner: None,
            now: self.context.now(),
        };
        let _lock = account_storage::lock(&self.context, record.identity).await?;
        self.context.store.reserve(id, user.as_ref(), &record)?;
        let vaults = &self.context.vaults;
        if let Err(error) = vaults.put_new(TokenStorage::Keychain, id.as_str(), hash).await {
            // Undo the reserved row.
            self.context.store.remove(id)?;
            return Err(error.into());
        }
        let user =
            account_storage::activate(&self.context, TokenStorage::Keychain, id, &record).await?;
        self.show(user)
    }

    async fn try_unlock(&self, id: &AccountId, password: SecretString) -> Result<User> {
        let row = self.context.store.account(id).ok().filter(can_be_unlocked);
        let hash = match &row {
            Some(row) => Some(self.password_hash(&row.id).await?),
            None => None,
        };
        let right = working(move || password::matches(&password, hash.as_ref())).await?;
        let Some(row) = row.filter(|_| right) else { return Err(Error::new(Code::WrongPassword)) };
        let _lock = account_storage::lock(&self.context, row.identity()).await?;
        if !self.context.store.enter(&row.id)? {
            return Err(Error::new(Code::UnknownAccount).with_detail(&row.id));
        }
        self.show(self.context.store.account(&row.id)?.user)
    }

    async fn password_hash(&self, id: &AccountId) -> Result<SecretString> {
        let hash = self.context.vaults.find(TokenStorage::Keychain, id.as_str()).await?;
        hash.ok_or(Error::new(Code::ProfileLost))
    }

    fn show(&self, id: UserId) -> Result<User> {
        self.context.store.show(&id)?;
        self.context.events.changed();
        self.context.user(id.as_str())
    }
}

/// Whether a password unlocks it.
fn can_be_unlocked(row: &AccountRow) -> bool {
    row.is_local() && matches!(row.state, AccountState::Active | AccountState::NeedsSignIn)
}

fn local(subject: &str) -> Identity<'_> {
    Identity { issuer: LOCAL_ISSUER, subject, client: "" }
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

/// Runs on a blocking thread, because hashing is slow.
async fn working<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.map_err(|error| Error::caused(Code::StoreFailed, error))
}

/// Whether it has an `@` and a host after it, in any script.
fn check_address(address: &str) -> Result<()> {
    let wrong = |c: char| c.is_whitespace() || text::is_hidden(c) || c == '@';
    let right = address.rsplit_once('@').is_some_and(|(name, host)| {
        let label =
            |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        !name.is_empty()
            && !name.contains(wrong)
            && !host.contains(wrong)
            && host.split('.').all(label)
    });
    match right && address.len() <= MAX_ADDRESS_BYTES {
        true => Ok(()),
        false => Err(Error::new(Code::BadAddress)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_name_at_a_host() {
        for right in ["a@b", "nari@example.com", "나리@예시.한국", "a+b.c@x-y.example", "\"a\"@b.c"]
        {
            assert!(check_address(right).is_ok(), "{right}");
        }
        let long = format!("{}@example.com", "a".repeat(MAX_ADDRESS_BYTES));
        for wrong in [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b c",
            "a@b@c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b\n",
            "a\u{202e}@b",
            "a@\u{200b}b",
            &long,
        ] {
            assert_eq!(check_address(wrong).unwrap_err().code(), Code::BadAddress, "{wrong}");
        }
    }
}
