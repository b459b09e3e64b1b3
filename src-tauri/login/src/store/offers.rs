//! Accounts that may belong to a person who is here already, and how they are joined and parted.

use rusqlite::params;

use super::Store;
use crate::error::{Code, Error, Result};
use crate::user::{AccountId, UserId};

impl Store {
    /// Offers to join a new account with whoever else signed in here with the same address, where
    /// both sides are trusted (S39). ASCII case is folded and no other rule is guessed at.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn offer(&self, account: &AccountId) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR IGNORE INTO offers (account, user)
                 SELECT mine.id, other.user FROM accounts mine
                 JOIN accounts other ON lower(other.email) = lower(mine.email) AND other.user <> mine.user
                 WHERE mine.id = ?1 AND mine.email_trusted AND other.email_trusted
                   AND mine.state = 'active' AND other.state IN ('active', 'needs_sign_in')
                 ORDER BY other.created_at LIMIT 1",
                [account.as_str()],
            )
        })?;
        Ok(())
    }

    /// The offers that nobody has answered: account and person.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn offers(&self) -> Result<Vec<(AccountId, UserId)>> {
        self.read(|c| {
            let mut statement = c.prepare("SELECT account, user FROM offers")?;
            let rows = statement.query_map([], |row| {
                Ok((
                    AccountId::from(row.get::<_, String>(0)?),
                    UserId::from(row.get::<_, String>(1)?),
                ))
            })?;
            rows.collect()
        })
    }

    /// Declines an offer; it is made again only once the account is new here again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn decline(&self, account: &AccountId) -> Result<()> {
        self.write(|t| t.execute("DELETE FROM offers WHERE account = ?1", [account.as_str()]))?;
        Ok(())
    }

    /// Joins an account with the person that it was offered to, who is shown from then on.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where nothing was offered.
    pub fn join(&self, account: &AccountId) -> Result<UserId> {
        let joined = self.write(|t| {
            let moved = t.execute(
                "UPDATE accounts SET user = (SELECT user FROM offers WHERE account = ?1)
                 WHERE id = ?1 AND id IN (SELECT account FROM offers)",
                [account.as_str()],
            )?;
            t.execute("DELETE FROM offers WHERE account = ?1", [account.as_str()])?;
            t.execute("DELETE FROM users WHERE id NOT IN (SELECT user FROM accounts)", [])?;
            let user: Option<String> = (moved > 0)
                .then(|| {
                    t.query_row(
                        "SELECT user FROM accounts WHERE id = ?1",
                        [account.as_str()],
                        |row| row.get(0),
                    )
                })
                .transpose()?;
            Ok(user)
        })?;
        joined.map(UserId::from).ok_or(Error::new(Code::UnknownAccount))
    }

    /// Parts an account from its person: it becomes a person of its own, named as at its provider.
    ///
    /// # Errors
    /// [`Code::LastAccount`] where the person has no other.
    pub fn part(&self, account: &AccountId, now: i64) -> Result<UserId> {
        let user = UserId::random();
        let parted = self.write(|t| {
            let others: i64 = t.query_row(
                "SELECT count(*) FROM accounts WHERE id <> ?1 AND user = (SELECT user FROM accounts WHERE id = ?1)",
                [account.as_str()],
                |row| row.get(0),
            )?;
            if others == 0 {
                return Ok(false);
            }
            t.execute(
                "INSERT INTO users (id, nickname, email, email_verified, created_at, read_at)
                 SELECT ?2, nickname, email, email_verified, ?3, ?3 FROM accounts WHERE id = ?1",
                params![account.as_str(), user.as_str(), now],
            )?;
            t.execute("UPDATE accounts SET user = ?2 WHERE id = ?1", params![account.as_str(), user.as_str()])?;
            Ok(true)
        })?;
        if parted { Ok(user) } else { Err(Error::new(Code::LastAccount)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    /// Somebody with one account, whose address is as given.
    fn somebody(store: &Store, issuer: &str, email: &str, trusted: bool) -> AccountId {
        let (account, user) = (AccountId::random(), UserId::random());
        store
            .write(|t| {
                t.execute("INSERT INTO users (id, nickname, created_at, read_at) VALUES (?1, 'n', 0, 0)", [user.as_str()])?;
                t.execute(
                    "INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, email, email_trusted, scopes, state, notes, created_at)
                     VALUES (?1, ?2, 'p', 'P', ?3, 's', 'n', ?4, ?5, '', 'active', '', 0)",
                    params![account.as_str(), user.as_str(), issuer, email, trusted],
                )
            })
            .unwrap();
        account
    }

    /// S39, N4: offered between trusted addresses only, never joined unasked, and parted again.
    #[test]
    fn accounts_are_joined_only_when_agreed_to() {
        let (_dir, _home, store) = store();
        let first = somebody(&store, "a", "Nari@Example.com", true);
        let second = somebody(&store, "b", "nari@example.com", true);
        store.offer(&second).unwrap();
        assert_eq!(store.users().unwrap().len(), 2);
        let user = store.join(&second).unwrap();
        assert_eq!(store.account(&first).unwrap().user, user);
        assert_eq!(store.users().unwrap().len(), 1);
        assert!(store.offers().unwrap().is_empty());
        store.part(&second, 1).unwrap();
        assert_eq!(store.users().unwrap().len(), 2);
        assert_eq!(store.part(&first, 1).unwrap_err().code(), Code::LastAccount);
    }

    /// S39: an address that only one side vouches for joins nobody.
    #[test]
    fn nothing_is_offered_for_an_untrusted_address() {
        let (_dir, _home, store) = store();
        for (mine, other) in [(true, false), (false, true), (false, false)] {
            let address = format!("{mine}{other}@example.com");
            somebody(&store, &format!("o{mine}{other}"), &address, other);
            let account = somebody(&store, &format!("m{mine}{other}"), &address, mine);
            store.offer(&account).unwrap();
        }
        assert!(store.offers().unwrap().is_empty());
        assert_eq!(store.join(&AccountId::random()).unwrap_err().code(), Code::UnknownAccount);
    }
}
