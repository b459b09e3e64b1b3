//! Users with their accounts, as they are shown.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Store;
use crate::error::Result;
use crate::user::{Account, AccountState, EmailTrust, User, UserId};

impl Store {
    /// The users on this device, oldest first. Accounts that are being stored or removed are left
    /// out, and users with no other.
    pub fn users(&self) -> Result<Vec<User>> {
        self.read(|c| {
            let mut accounts = shown_accounts(c)?;
            let mut statement = c.prepare(
                "SELECT id, coalesce(renamed, nickname), email, email_verified, birthday, gender, age_range, phone, avatar_key, read_at
                 FROM users ORDER BY created_at, rowid",
            )?;
            let users = statement.query_map([], user)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(users
                .into_iter()
                .filter_map(|user| Some(User { accounts: accounts.remove(&user.id)?, ..user }))
                .collect())
        })
    }

    /// Sets the name of a user on this device; `None` for the provider's nickname.
    pub fn rename(&self, user: &UserId, name: Option<&str>) -> Result<()> {
        self.write(|t| {
            t.execute("UPDATE users SET renamed = ?2 WHERE id = ?1", params![user.as_str(), name])
        })?;
        Ok(())
    }

    /// The picture of a user, as PNG.
    pub fn avatar(&self, user: &str) -> Result<Option<Vec<u8>>> {
        let bytes = self.read(|c| {
            c.query_row("SELECT avatar FROM users WHERE id = ?1", [user], |row| row.get(0))
                .optional()
        })?;
        Ok(bytes.flatten())
    }
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get::<_, String>(0)?.into(),
        nickname: row.get(1)?,
        email: row.get(2)?,
        email_verified: row.get(3)?,
        birthday: row.get(4)?,
        gender: row.get(5)?,
        age_range: row.get(6)?,
        phone: row.get(7)?,
        avatar: row.get(8)?,
        read_at: row.get(9)?,
        accounts: Vec::new(),
    })
}

fn shown_accounts(c: &Connection) -> rusqlite::Result<HashMap<UserId, Vec<Account>>> {
    let mut statement = c.prepare(
        "SELECT user, id, provider, label, issuer, subject, nickname, email, email_verified, scopes, expires_at, state, notes, email_trusted
         FROM accounts WHERE state IN ('active', 'needs_sign_in') ORDER BY created_at, rowid",
    )?;
    let mut by_user: HashMap<UserId, Vec<Account>> = HashMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        by_user.entry(row.get::<_, String>(0)?.into()).or_default().push(account(row)?);
    }
    Ok(by_user)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let state: String = row.get(11)?;
    Ok(Account {
        id: row.get::<_, String>(1)?.into(),
        provider: row.get(2)?,
        label: row.get(3)?,
        issuer: row.get(4)?,
        subject: row.get(5)?,
        nickname: row.get(6)?,
        email: row.get(7)?,
        email_verified: row.get(8)?,
        email_trust: trust(row)?,
        scopes: words(&row.get::<_, String>(9)?),
        expires_at: row.get(10)?,
        state: AccountState::parse(&state).unwrap_or(AccountState::NeedsSignIn),
        notes: words(&row.get::<_, String>(12)?),
    })
}

fn trust(row: &Row<'_>) -> rusqlite::Result<EmailTrust> {
    Ok(match (row.get::<_, Option<String>>(7)?, row.get(8)?, row.get(13)?) {
        (None, _, _) => EmailTrust::NoAddress,
        (Some(_), _, true) => EmailTrust::Trusted,
        (Some(_), false, false) => EmailTrust::Unverified,
        (Some(_), true, false) => EmailTrust::NoProof,
    })
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
