//! Local profiles: created with an e-mail address and a password, locked and unlocked.

use native_oauth::Profile;
use native_oauth::text;
use rand::RngCore;
use secrecy::SecretString;

use super::Login;
use crate::config::local::{EMAIL, LOCAL};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::password;
use crate::store::{AccountRow, Identity, SignInRecord};
use crate::user::{AccountId, AccountState, User, UserId};
use crate::vault::{TokenStorage, VaultError};

/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;

/// Arguments of [`Login::create_profile`].
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

impl Login {
    /// Creates a local profile, in three writes like any account.
    ///
    /// # Errors
    /// [`Code::BadAddress`], [`Code::WeakPassword`], [`Code::AddressTaken`], or a keychain error;
    /// then nothing was written.
    pub async fn create_profile(&self, new: NewProfile) -> Result<User> {
        self.create(new).await.map_err(|error| error.at(EMAIL.id))
    }

    /// Unlocks a profile.
    ///
    /// # Errors
    /// [`Code::WrongPassword`], also without such a profile and in the same time;
    /// [`Code::ProfileLost`] if the keychain item is missing.
    pub async fn enter_profile(&self, account: &str, password: SecretString) -> Result<User> {
        let id = AccountId::from(account.to_owned());
        self.enter(&id, password).await.map_err(|error| error.at(EMAIL.id))
    }

    /// The profile with this address; an id that does not exist if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub fn profile_at(&self, address: &str) -> Result<AccountId> {
        Ok(self.0.store.profile_at(address.trim())?.unwrap_or_else(AccountId::random))
    }

    async fn create(&self, new: NewProfile) -> Result<User> {
        let NewProfile { address, password, nickname, user } = new;
        let address = address.trim().to_owned();
        check_address(&address)?;
        password::check(&password)?;
        let user = user.map(|user| self.known_user(user.as_str())).transpose()?;
        let id = AccountId::random();
        self.open_keychain(&id).await?;
        let kept = working(move || password::hash(&password, salt())).await??;
        // Serializes requests for one address, across processes.
        let folded = address.to_ascii_lowercase();
        let _address = self.lock_account(local(&folded)).await?;
        if self.0.store.profile_at(&address)?.is_some() {
            return Err(Error::new(Code::AddressTaken));
        }
        let profile = Profile {
            subject: uuid::Uuid::new_v4().to_string(),
            nickname: Some(nickname),
            email: Some(address),
            ..Profile::default()
        };
        self.file_profile(&id, user.as_ref(), &profile.tidy(), kept).await
    }

    /// Checks the keychain before anything is written (S50).
    async fn open_keychain(&self, id: &AccountId) -> Result<()> {
        self.vault(TokenStorage::Keychain, |vault| vault.ready()).await?;
        self.recover().await?;
        let name = id.to_string();
        match self.vault(TokenStorage::Keychain, move |vault| vault.get(&name)).await {
            Ok(_) | Err(VaultError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn file_profile(
        &self,
        id: &AccountId,
        user: Option<&UserId>,
        profile: &Profile,
        kept: SecretString,
    ) -> Result<User> {
        let record = SignInRecord {
            provider: EMAIL.id,
            label: EMAIL.label,
            identity: local(&profile.subject),
            profile,
            email_trusted: false,
            picture: None,
            scopes: &[],
            expires_at: None,
            notes: &[],
            owner: None,
            now: self.now(),
        };
        let _lock = self.lock_account(record.identity).await?;
        self.0.store.reserve(id, user, &record)?;
        if let Err(error) = self.put_new(TokenStorage::Keychain, id.to_string(), kept).await {
            // Undo the reserved row.
            self.0.store.remove(id)?;
            return Err(error.into());
        }
        let user = self.activate(TokenStorage::Keychain, id, &record).await?;
        self.show_entered(user)
    }

    async fn enter(&self, id: &AccountId, password: SecretString) -> Result<User> {
        let row = self.0.store.account(id).ok().filter(AccountRow::is_open_to_enter);
        let kept = match &row {
            Some(row) => Some(self.kept_password(&row.id).await?),
            None => None,
        };
        let right = working(move || password::matches(&password, kept.as_ref())).await?;
        let Some(row) = row.filter(|_| right) else { return Err(Error::new(Code::WrongPassword)) };
        let _lock = self.lock_account(row.identity()).await?;
        if !self.0.store.enter(&row.id)? {
            return Err(Error::new(Code::UnknownAccount).detail(&row.id));
        }
        self.show_entered(self.0.store.account(&row.id)?.user)
    }

    async fn kept_password(&self, id: &AccountId) -> Result<SecretString> {
        let name = id.to_string();
        match self.vault(TokenStorage::Keychain, move |vault| vault.get(&name)).await {
            Ok(kept) => Ok(kept),
            Err(VaultError::NotFound) => Err(Error::new(Code::ProfileLost)),
            Err(error) => Err(error.into()),
        }
    }

    /// Locks a profile: it stays, and asks for its password again.
    pub(super) async fn leave_profile(&self, row: &AccountRow) -> Result<()> {
        let _lock = self.lock_account(row.identity()).await?;
        self.0.store.end_session(&row.id, None)?;
        self.tell(Event::Changed);
        Ok(())
    }

    fn show_entered(&self, id: UserId) -> Result<User> {
        self.0.store.show(&id)?;
        self.tell(Event::Changed);
        let user = self.users()?.into_iter().find(|user| user.id == id);
        user.ok_or_else(|| Error::new(Code::UnknownAccount).detail(&id))
    }
}

impl AccountRow {
    /// Whether it is a local profile.
    pub(super) fn is_local(&self) -> bool {
        self.issuer == LOCAL
    }

    fn is_open_to_enter(&self) -> bool {
        self.is_local() && matches!(self.state, AccountState::Active | AccountState::NeedsSignIn)
    }
}

fn local(subject: &str) -> Identity<'_> {
    Identity { issuer: LOCAL, subject, client: "" }
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

/// Runs on a blocking thread, because hashing is slow.
async fn working<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.map_err(|error| Error::new(Code::StoreFailed).detail(error))
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
    match right && address.len() <= LONGEST {
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
        let long = format!("{}@example.com", "a".repeat(LONGEST));
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
