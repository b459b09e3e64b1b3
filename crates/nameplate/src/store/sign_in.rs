//! Storing a sign-in: the writes before and after the keychain item, and the picture.

use native_oauth::Profile;
use rusqlite::{Transaction, params};

use super::Store;
use super::accounts::{Identity, Lifetime};
use super::revocations;
use crate::avatar::Avatar;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};

/// A sign-in to be stored.
#[derive(Debug)]
pub struct SignInRecord<'a> {
    /// The provider's id.
    pub provider: &'a str,
    /// The provider's display name.
    pub label: &'a str,
    /// Identity of the account.
    pub identity: Identity<'a>,
    /// The profile from the provider.
    pub profile: &'a Profile,
    /// Whether the provider proves that the e-mail address is the user's.
    pub email_trusted: bool,
    /// The picture; `None` leaves the stored one.
    pub picture: Option<&'a Avatar>,
    /// The granted scopes.
    pub scopes: &'a [String],
    /// How long the session lasts.
    pub lifetime: Lifetime,
    /// Parts of the profile that could not be read.
    pub notes: &'a [Code],
    /// The process with the session in memory, if it is not in the keychain.
    pub owner: Option<&'a str>,
    /// Present time, in seconds since 1970.
    pub now: i64,
}

impl Store {
    /// First write of a sign-in with a new account, of `user` or a new user. It is hidden until
    /// [`Store::activate`].
    ///
    /// # Errors
    /// [`Code::PersonGone`] if `user` does not exist any more, or if the database fails.
    pub fn reserve(
        &self,
        id: &AccountId,
        user: Option<&UserId>,
        record: &SignInRecord<'_>,
    ) -> Result<()> {
        let reserved = self.write(|t| {
            let user = match user {
                Some(user) if !is_here(t, user)? => return Ok(false),
                Some(user) => user.clone(),
                None => add_user(t, record)?,
            };
            t.execute(
                "INSERT INTO accounts (id, user, provider, label, issuer, subject, client, nickname, scopes, state, notes, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '', 'storing', '', ?8)",
                params![
                    id.as_str(), user.as_str(), record.provider, record.label,
                    record.identity.issuer, record.identity.subject, record.identity.client, record.now
                ],
            )?;
            Ok(true)
        })?;
        if reserved { Ok(()) } else { Err(Error::new(Code::PersonGone)) }
    }

    /// Last write of a sign-in: stores the profile and shows the account. Gives up an unsent
    /// revocation of the same identity.
    pub fn activate(&self, id: &AccountId, record: &SignInRecord<'_>) -> Result<UserId> {
        self.write(|t| {
            let profile = record.profile;
            t.execute(
                "UPDATE accounts SET provider = ?2, label = ?3, nickname = ?4, email = ?5, email_verified = ?6,
                 scopes = ?7, expires_at = ?8, notes = ?9, owner = ?10, email_trusted = ?11,
                 birthday = ?12, gender = ?13, age_range = ?14, phone = ?15, read_at = ?16, renews = ?17,
                 sign_out_scope = NULL, sign_out_since = NULL, state = 'active', revision = revision + 1 WHERE id = ?1",
                params![
                    id.as_str(), record.provider, record.label, profile.display_name(record.label),
                    profile.email, profile.email_verified, record.scopes.join(" "), record.lifetime.expires_at,
                    notes(record), record.owner,
                    record.email_trusted,
                    profile.birthday, profile.gender, profile.age_range, profile.phone, record.now, record.lifetime.renews,
                ],
            )?;
            store_picture(t, id, record)?;
            let user: String = t.query_row(
                "SELECT user FROM accounts WHERE id = ?1", [id.as_str()], |row| row.get(0),
            )?;
            revocations::give_up(t, record.identity)?;
            Ok(UserId::from(user))
        })
    }

    /// How often the profile was stored.
    pub fn revision(&self, id: &AccountId) -> Result<i64> {
        self.read(|c| {
            c.query_row("SELECT revision FROM accounts WHERE id = ?1", [id.as_str()], |row| {
                row.get(0)
            })
        })
    }

    /// Stores the picture of a profile, or that it has none, if the profile still has this
    /// `revision`; whether it was stored.
    pub fn set_picture(
        &self,
        id: &AccountId,
        revision: i64,
        avatar: Option<&Avatar>,
    ) -> Result<bool> {
        let changed = self.execute(
            "UPDATE accounts SET avatar = ?3, avatar_key = ?4
                 WHERE id = ?1 AND revision = ?2 AND state = 'active'",
            params![
                id.as_str(),
                revision,
                avatar.map(|avatar| &avatar.png),
                avatar.map(|avatar| &avatar.key)
            ],
        )?;
        Ok(changed > 0)
    }

    /// Adds a note to the profile if it still has this `revision`; whether it has.
    pub fn add_note(&self, id: &AccountId, revision: i64, note: Code) -> Result<bool> {
        let changed = self.execute(
            "UPDATE accounts SET notes = trim(notes || ' ' || ?3)
                 WHERE id = ?1 AND revision = ?2 AND state = 'active'",
            params![id.as_str(), revision, note.to_string()],
        )?;
        Ok(changed > 0)
    }
}

/// The codes for the column, separated by spaces.
fn notes(record: &SignInRecord<'_>) -> String {
    record.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Whether a user has an account that is not being stored or removed.
fn is_here(t: &Transaction<'_>, user: &UserId) -> rusqlite::Result<bool> {
    t.query_row(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE user = ?1 AND state IN ('active', 'needs_sign_in'))",
        [user.as_str()],
        |row| row.get(0),
    )
}

fn add_user(t: &Transaction<'_>, record: &SignInRecord<'_>) -> rusqlite::Result<UserId> {
    let user = UserId::random();
    t.execute(
        "INSERT INTO users (id, created_at) VALUES (?1, ?2)",
        params![user.as_str(), record.now],
    )?;
    Ok(user)
}

fn store_picture(
    t: &Transaction<'_>,
    id: &AccountId,
    record: &SignInRecord<'_>,
) -> rusqlite::Result<()> {
    let picture = match record.picture {
        Some(Avatar { png, key }) => Some((png, key)),
        None if record.profile.picture.is_none() => None,
        None => return Ok(()),
    };
    t.execute(
        "UPDATE accounts SET avatar = ?2, avatar_key = ?3 WHERE id = ?1",
        params![id.as_str(), picture.map(|(png, _)| png), picture.map(|(_, key)| key)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
