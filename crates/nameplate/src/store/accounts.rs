//! Accounts. A sign-in or sign-out is three writes: the row (`storing` or `removing`), the keychain
//! item, the row again (`active`, or deleted). Recovery finishes an interrupted one by the row's
//! id.

use native_oauth::hex::hex;
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::Store;
use crate::account::{AccountState, LOCAL_ISSUER};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};
use crate::intent::SignOutScope;
use crate::vault::TokenStorage;

/// Identity of an account (S38; OpenID Connect Core, section 5.7).
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The issuer of the subject.
    pub issuer: &'a str,
    /// The provider's id of the account.
    pub subject: &'a str,
    /// The client, for pairwise subjects; empty for public ones.
    pub client: &'a str,
}

impl Identity<'_> {
    /// Digest of issuer and subject, for file names. Accounts of two clients may have the same
    /// digest and then share a lock.
    pub fn digest(&self) -> String {
        let digest = Sha256::new()
            .chain_update(self.issuer)
            .chain_update([0])
            .chain_update(self.subject)
            .finalize();
        hex(&digest[..8])
    }
}

/// How long the session of an account lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Expiry of the access token, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// Whether there is a refresh token.
    pub renews: bool,
}

/// A requested sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingSignOut {
    /// What is revoked.
    pub scope: SignOutScope,
    /// Time of the request, in seconds since 1970.
    pub since: i64,
}

/// A row of the table of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Id (UUID) and name of the keychain item.
    pub id: AccountId,
    /// The user that it belongs to.
    pub user: UserId,
    /// The provider's id.
    pub provider: String,
    /// The issuer of the subject.
    pub issuer: String,
    /// The provider's id of the account.
    pub subject: String,
    /// The client, for pairwise subjects; empty for public ones.
    pub client: String,
    /// The nickname at the provider.
    pub nickname: String,
    /// Whether the provider proves that the e-mail address is the user's.
    pub email_trusted: bool,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// State of the account.
    pub state: AccountState,
    /// The process with the session in memory; `None`: the keychain has it.
    pub owner: Option<String>,
    /// The requested sign-out, of an account that is being removed.
    pub pending_sign_out: Option<PendingSignOut>,
}

impl AccountRow {
    /// Where its session is stored.
    pub fn storage(&self) -> TokenStorage {
        if self.owner.is_some() { TokenStorage::Memory } else { TokenStorage::Keychain }
    }

    /// Whether it is a local profile.
    pub fn is_local(&self) -> bool {
        self.issuer == LOCAL_ISSUER
    }

    /// Identity of the account.
    pub fn identity(&self) -> Identity<'_> {
        Identity { issuer: &self.issuer, subject: &self.subject, client: &self.client }
    }
}

impl Store {
    /// The account with this identity.
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

    /// Marks an active account as signed out if `owner` still has its session; the profile stays.
    pub fn end_session(&self, id: &AccountId, owner: Option<&str>) -> Result<()> {
        self.execute(
            "UPDATE accounts SET state = 'needs_sign_in' WHERE id = ?1 AND state = 'active' AND owner IS ?2",
            params![id.as_str(), owner],
        )
        .map(drop)
    }

    /// Stores the expiry of the access token and whether it renews, for display.
    pub fn set_expiry(&self, id: &AccountId, lifetime: Lifetime) -> Result<()> {
        self.execute(
            "UPDATE accounts SET expires_at = ?2, renews = ?3 WHERE id = ?1",
            params![id.as_str(), lifetime.expires_at, lifetime.renews],
        )
        .map(drop)
    }

    /// The row of an account.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if there is none.
    pub fn account(&self, id: &AccountId) -> Result<AccountRow> {
        let row = self.read(|c| {
            c.query_row(&format!("{SELECT} WHERE id = ?1"), [id.as_str()], account_row).optional()
        })?;
        row.ok_or_else(|| Error::new(Code::UnknownAccount).with_detail(id))
    }

    /// Active accounts with a session in memory, and the process that has it.
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

    /// Every account, including hidden ones.
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

/// From the columns `sign_out_scope` and `sign_out_since`.
fn pending(scope: Option<String>, since: Option<i64>) -> Option<PendingSignOut> {
    Some(PendingSignOut { scope: SignOutScope::parse(&scope?)?, since: since? })
}
