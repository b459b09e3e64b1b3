//! Users with their accounts, as they are shown.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Store;
use crate::account::{Account, AccountState, EmailTrust, LastUse};
use crate::error::Result;
use crate::ids::{AccountId, UserId};
use crate::user::User;

impl Store {
    /// The users on this device, oldest first. Accounts that are being stored or removed are left
    /// out, and users with no other.
    pub fn users(&self) -> Result<Vec<User>> {
        self.read(|c| {
            let mut accounts = shown_accounts(c)?;
            let mut statement =
                c.prepare("SELECT id, renamed, profile FROM users ORDER BY created_at, rowid")?;
            let mut rows = statement.query([])?;
            let mut users = Vec::new();
            while let Some(row) = rows.next()? {
                let id = UserId::from(row.get::<_, String>(0)?);
                let accounts = accounts.remove(&id).unwrap_or_default();
                users.extend(user(id, row.get(1)?, row.get(2)?, accounts));
            }
            Ok(users)
        })
    }

    /// Sets the name of a user on this device; `None` for the provider's nickname.
    pub fn rename(&self, user: &UserId, name: Option<&str>) -> Result<()> {
        self.execute("UPDATE users SET renamed = ?2 WHERE id = ?1", params![user.as_str(), name])
            .map(drop)
    }

    /// Shows the profile of an account as its user's, under the name that it has there.
    pub fn show_profile(&self, account: &AccountId) -> Result<()> {
        self.execute(
            "UPDATE users SET profile = ?1, renamed = NULL WHERE id = (SELECT user FROM accounts WHERE id = ?1)",
            [account.as_str()],
        )
        .map(drop)
    }

    /// Stores that a program got the access token of an account.
    pub fn set_last_use(&self, account: &AccountId, last_use: &LastUse) -> Result<()> {
        self.execute(
            "UPDATE accounts SET used_at = ?2, used_by = ?3 WHERE id = ?1",
            params![account.as_str(), last_use.at, last_use.by],
        )
        .map(drop)
    }

    /// The picture of an account, as PNG.
    pub fn avatar(&self, account: &str) -> Result<Option<Vec<u8>>> {
        let bytes = self.read(|c| {
            c.query_row("SELECT avatar FROM accounts WHERE id = ?1", [account], |row| row.get(0))
                .optional()
        })?;
        Ok(bytes.flatten())
    }
}

/// A user with the profile of the chosen account, else of the oldest; `None` without an account.
fn user(
    id: UserId,
    renamed: Option<String>,
    chosen: Option<String>,
    accounts: Vec<Account>,
) -> Option<User> {
    let is_chosen = |account: &&Account| Some(account.id.as_str()) == chosen.as_deref();
    let shown = accounts.iter().find(is_chosen).or(accounts.first())?;
    Some(User {
        id,
        nickname: renamed.unwrap_or_else(|| shown.nickname.clone()),
        email: shown.email.clone(),
        email_verified: shown.email_verified,
        birthday: shown.birthday.clone(),
        gender: shown.gender.clone(),
        age_range: shown.age_range.clone(),
        phone: shown.phone.clone(),
        avatar: shown.avatar.clone(),
        read_at: shown.read_at,
        profile: shown.id.clone(),
        accounts,
    })
}

fn shown_accounts(c: &Connection) -> rusqlite::Result<HashMap<UserId, Vec<Account>>> {
    let mut statement = c.prepare(
        "SELECT user, id, provider, label, issuer, subject, nickname, email, email_verified, scopes, expires_at, state, notes, email_trusted,
                birthday, gender, age_range, phone, avatar_key, read_at, renews, used_at, used_by
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
        birthday: row.get(14)?,
        gender: row.get(15)?,
        age_range: row.get(16)?,
        phone: row.get(17)?,
        avatar: row.get(18)?,
        read_at: row.get(19)?,
        scopes: words(&row.get::<_, String>(9)?),
        expires_at: row.get(10)?,
        renews: row.get(20)?,
        last_use: last_use(row.get(21)?, row.get(22)?),
        state: AccountState::parse(&state).unwrap_or(AccountState::NeedsSignIn),
        notes: words(&row.get::<_, String>(12)?),
    })
}

fn last_use(at: Option<i64>, by: Option<String>) -> Option<LastUse> {
    Some(LastUse { at: at?, by: by? })
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
