//! Accounts, stored in three writes: the row (`storing` or `removing`), the keychain entry, the
//! row again (`active`, or gone). What is found in between is settled by the row's id.

use native_oauth::Profile;
use native_oauth::hex::hex;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};

use super::Store;
use super::pending_sign_out::{PendingSignOut, pending};
use super::revocations;
use crate::avatar::Avatar;
use crate::error::{Code, Error, Result};
use crate::user::{AccountId, AccountState, UserId};
use crate::vault::TokenStorage;

/// What an account is known by (S38).
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Who vouches for the subject.
    pub issuer: &'a str,
    /// The provider's id of the account.
    pub subject: &'a str,
    /// The client that the subject was told to; empty where every client is told the same.
    pub client: &'a str,
}

impl Identity<'_> {
    /// Names the account where its own words may not stand, such as in a file name. What an
    /// account of another client shares is but a lock.
    pub fn digest(&self) -> String {
        let digest = Sha256::new()
            .chain_update(self.issuer)
            .chain_update([0])
            .chain_update(self.subject)
            .finalize();
        hex(&digest[..8])
    }
}

/// An account as its keeper needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Which; also the name of its vault entry.
    pub id: AccountId,
    /// Whose.
    pub user: UserId,
    /// The provider entry's id.
    pub provider: String,
    /// Who vouches for the subject.
    pub issuer: String,
    /// The provider's id of the account.
    pub subject: String,
    /// The client that the subject was told to; empty where every client is told the same.
    pub client: String,
    /// The nickname there.
    pub nickname: String,
    /// Whether its address proves whose it is.
    pub email_trusted: bool,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Whether it can be used.
    pub state: AccountState,
    /// The process that keeps the session for its own run.
    pub owner: Option<String>,
    /// What is to be ended, of an account on its way out.
    pub pending_sign_out: Option<PendingSignOut>,
}

impl AccountRow {
    /// Where its session is.
    pub fn storage(&self) -> TokenStorage {
        if self.owner.is_some() { TokenStorage::Memory } else { TokenStorage::Keychain }
    }

    /// What the account is known by.
    pub fn identity(&self) -> Identity<'_> {
        Identity { issuer: &self.issuer, subject: &self.subject, client: &self.client }
    }
}

/// A sign-in, ready to be stored.
#[derive(Debug)]
pub struct SignInRecord<'a> {
    /// The provider entry's id.
    pub provider: &'a str,
    /// The provider's name for people.
    pub label: &'a str,
    /// What the account is known by.
    pub identity: Identity<'a>,
    /// What the provider said.
    pub profile: &'a Profile,
    /// Whether the address proves whose it is.
    pub email_trusted: bool,
    /// The picture; `None` keeps the one that is there.
    pub picture: Option<&'a Avatar>,
    /// The granted scopes.
    pub scopes: &'a [String],
    /// When the access token expires.
    pub expires_at: Option<i64>,
    /// What could not be read.
    pub notes: &'a [Code],
    /// Set where the session lives in one process only.
    pub owner: Option<&'a str>,
    /// Now.
    pub now: i64,
}

impl Store {
    /// The account of that identity.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn account_of(&self, identity: Identity<'_>) -> Result<Option<AccountId>> {
        self.read(|c| {
            c.query_row(
                "SELECT id FROM accounts WHERE issuer = ?1 AND subject = ?2 AND client = ?3",
                [identity.issuer, identity.subject, identity.client],
                |row| row.get::<_, String>(0),
            )
            .optional()
        })
        .map(|id| id.map(AccountId::from))
    }

    /// First write of a sign-in to an account that is new here: of `user`, or of a person who is
    /// new as well. It is not shown before [`Store::activate`].
    ///
    /// # Errors
    /// [`Code::PersonGone`] where `user` is not here any more, and where the database fails.
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

    /// Last write of a sign-in: what the provider said, all of it or nothing. With it ends what
    /// was left to be revoked of the same identity.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn activate(&self, id: &AccountId, record: &SignInRecord<'_>) -> Result<UserId> {
        self.write(|t| {
            let profile = record.profile;
            t.execute(
                "UPDATE accounts SET provider = ?2, label = ?3, nickname = ?4, email = ?5, email_verified = ?6,
                 scopes = ?7, expires_at = ?8, notes = ?9, owner = ?10, email_trusted = ?11,
                 sign_out_scope = NULL, sign_out_since = NULL, state = 'active', revision = revision + 1 WHERE id = ?1",
                params![
                    id.as_str(), record.provider, record.label, profile.display_name(record.label),
                    profile.email, profile.email_verified, record.scopes.join(" "), record.expires_at,
                    notes(record), record.owner,
                    record.email_trusted,
                ],
            )?;
            let user: String = t.query_row(
                "SELECT user FROM accounts WHERE id = ?1", [id.as_str()], |row| row.get(0),
            )?;
            // A person is shown as the first of their accounts has it.
            let first: String = t.query_row(
                "SELECT id FROM accounts WHERE user = ?1 ORDER BY created_at, rowid LIMIT 1", [&user], |row| row.get(0),
            )?;
            if first == id.as_str() {
                read_profile(t, &user, record)?;
            }
            revocations::give_up(t, record.identity)?;
            Ok(UserId::from(user))
        })
    }

    /// How often the profile of an account was stored.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn revision(&self, id: &AccountId) -> Result<i64> {
        self.read(|c| {
            c.query_row("SELECT revision FROM accounts WHERE id = ?1", [id.as_str()], |row| {
                row.get(0)
            })
        })
    }

    /// Keeps the picture of a profile, or that there is none, if the profile is still the one that
    /// of that `revision` and shown as the person's; whether it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set_picture(
        &self,
        id: &AccountId,
        revision: i64,
        avatar: Option<&Avatar>,
    ) -> Result<bool> {
        let changed = self.write(|t| {
            t.execute(
                "UPDATE users SET avatar = ?3, avatar_key = ?4
                 WHERE id = (SELECT user FROM accounts WHERE id = ?1 AND revision = ?2 AND state = 'active')
                   AND ?1 = (SELECT id FROM accounts WHERE user = users.id ORDER BY created_at, rowid LIMIT 1)",
                params![
                    id.as_str(),
                    revision,
                    avatar.map(|avatar| &avatar.png),
                    avatar.map(|avatar| &avatar.key)
                ],
            )
        })?;
        Ok(changed > 0)
    }

    /// Adds a note to a profile, if it is still the one of that `revision`; whether it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn add_note(&self, id: &AccountId, revision: i64, note: Code) -> Result<bool> {
        let changed = self.write(|t| {
            t.execute(
                "UPDATE accounts SET notes = trim(notes || ' ' || ?3)
                 WHERE id = ?1 AND revision = ?2 AND state = 'active'",
                params![id.as_str(), revision, note.to_string()],
            )
        })?;
        Ok(changed > 0)
    }

    /// The session of an account is over; the profile stays. One that is on its way out, or kept
    /// by somebody else since, is left alone.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn end_session(&self, id: &AccountId, owner: Option<&str>) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE accounts SET state = 'needs_sign_in' WHERE id = ?1 AND state = 'active' AND owner IS ?2",
                params![id.as_str(), owner],
            )
        })?;
        Ok(())
    }

    /// Notes when the access token expires now, for display.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set_expiry(&self, id: &AccountId, expires_at: Option<i64>) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE accounts SET expires_at = ?2 WHERE id = ?1",
                params![id.as_str(), expires_at],
            )
        })?;
        Ok(())
    }

    /// What is known of an account beyond what is shown.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where there is none.
    pub fn account(&self, id: &AccountId) -> Result<AccountRow> {
        let row = self.read(|c| {
            c.query_row(&format!("{SELECT} WHERE id = ?1"), [id.as_str()], account_row).optional()
        })?;
        row.ok_or_else(|| Error::new(Code::UnknownAccount).detail(id))
    }

    /// Whether an account's session lives in one process, and in which.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn run_owned(&self) -> Result<Vec<(AccountId, String)>> {
        self.read(|c| {
            let mut statement = c.prepare(
                "SELECT id, owner FROM accounts WHERE owner IS NOT NULL AND state = 'active'",
            )?;
            let rows = statement.query_map([], |row| {
                Ok((AccountId::from(row.get::<_, String>(0)?), row.get(1)?))
            })?;
            rows.collect()
        })
    }

    /// Every account, shown or not.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn accounts(&self) -> Result<Vec<AccountRow>> {
        self.read(|c| c.prepare(SELECT)?.query_map([], account_row)?.collect())
    }
}

pub(super) const SELECT: &str = "SELECT id, user, provider, issuer, subject, state, owner, nickname, scopes, client, sign_out_scope, sign_out_since, email_trusted FROM accounts";

pub(super) fn account_row(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let state: String = row.get(5)?;
    Ok(AccountRow {
        id: row.get::<_, String>(0)?.into(),
        user: row.get::<_, String>(1)?.into(),
        provider: row.get(2)?,
        issuer: row.get(3)?,
        subject: row.get(4)?,
        state: AccountState::parse(&state).unwrap_or(AccountState::NeedsSignIn),
        owner: row.get(6)?,
        nickname: row.get(7)?,
        client: row.get(9)?,
        pending_sign_out: pending(row.get(10)?, row.get(11)?),
        email_trusted: row.get(12)?,
        scopes: row.get::<_, String>(8)?.split_whitespace().map(str::to_owned).collect(),
    })
}

/// As they stand in the row: codes, separated by spaces.
fn notes(record: &SignInRecord<'_>) -> String {
    record.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A person whose last account is on its way out goes with it.
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
        "INSERT INTO users (id, nickname, created_at, read_at) VALUES (?1, ?2, ?3, ?3)",
        params![user.as_str(), record.profile.display_name(record.label), record.now],
    )?;
    Ok(user)
}

fn read_profile(
    t: &Transaction<'_>,
    user: &str,
    record: &SignInRecord<'_>,
) -> rusqlite::Result<()> {
    let profile = record.profile;
    t.execute(
        "UPDATE users SET nickname = ?2, email = ?3, email_verified = ?4, birthday = ?5, gender = ?6,
         age_range = ?7, phone = ?8, read_at = ?9 WHERE id = ?1",
        params![
            user, profile.display_name(record.label), profile.email, profile.email_verified,
            profile.birthday, profile.gender, profile.age_range, profile.phone, record.now
        ],
    )?;
    if let Some(Avatar { png, key }) = record.picture {
        t.execute(
            "UPDATE users SET avatar = ?2, avatar_key = ?3 WHERE id = ?1",
            params![user, png, key],
        )?;
    } else if profile.picture.is_none() {
        t.execute("UPDATE users SET avatar = NULL, avatar_key = NULL WHERE id = ?1", [user])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    fn record<'a>(profile: &'a Profile, scopes: &'a [String]) -> SignInRecord<'a> {
        SignInRecord {
            provider: "discord",
            label: "Discord",
            identity: Identity {
                issuer: "https://discord.com",
                subject: &profile.subject,
                client: "",
            },
            profile,
            email_trusted: false,
            picture: None,
            scopes,
            expires_at: Some(9),
            notes: &[],
            owner: None,
            now: 1,
        }
    }

    #[test]
    fn an_account_is_shown_only_once_it_is_whole() {
        let (_dir, _home, store) = store();
        let profile =
            Profile { subject: "1".into(), nickname: Some("나리".into()), ..Profile::default() };
        let scopes = ["identify".to_owned()];
        let id = AccountId::random();
        store.reserve(&id, None, &record(&profile, &scopes)).unwrap();
        assert!(store.users().unwrap().is_empty());
        assert_eq!(store.unfinished_accounts().unwrap()[0].state, AccountState::Storing);
        store.activate(&id, &record(&profile, &scopes)).unwrap();
        let users = store.users().unwrap();
        assert_eq!(users[0].nickname, "나리");
        assert_eq!(users[0].accounts[0].scopes, ["identify"]);
        store.begin_removing(&id, None).unwrap();
        assert!(store.users().unwrap().is_empty());
        store.remove(&id).unwrap();
        assert!(store.unfinished_accounts().unwrap().is_empty());
        let people: i64 =
            store.read(|c| c.query_row("SELECT count(*) FROM users", [], |r| r.get(0))).unwrap();
        assert_eq!(people, 0);
    }

    /// S38: another issuer's same subject, or the same e-mail, is another account.
    #[test]
    fn an_account_is_known_by_issuer_and_subject_alone() {
        let (_dir, _home, store) = store();
        let profile =
            Profile { subject: "1".into(), email: Some("a@b.c".into()), ..Profile::default() };
        let id = AccountId::random();
        store.reserve(&id, None, &record(&profile, &[])).unwrap();
        let known =
            |issuer, subject| store.account_of(Identity { issuer, subject, client: "" }).unwrap();
        assert_eq!(known("https://discord.com", "1"), Some(id));
        assert_eq!(known("https://accounts.google.com", "1"), None);
        assert_eq!(known("https://discord.com", "2"), None);
    }

    /// S38: where a provider names people differently to each client, the same subject of another
    /// client is another account.
    #[test]
    fn a_subject_may_be_one_clients_own() {
        let (_dir, _home, store) = store();
        let profile = Profile { subject: "1".into(), ..Profile::default() };
        let told_to = |client| Identity { issuer: "k", subject: "1", client };
        let of = |client| SignInRecord { identity: told_to(client), ..record(&profile, &[]) };
        let (first, other) = (AccountId::random(), AccountId::random());
        store.reserve(&first, None, &of("one")).unwrap();
        let known = |client| store.account_of(told_to(client)).unwrap();
        assert_eq!((known("one"), known("two")), (Some(first), None));
        store.reserve(&other, None, &of("two")).unwrap();
        assert_eq!(known("two"), Some(other));
    }
}
