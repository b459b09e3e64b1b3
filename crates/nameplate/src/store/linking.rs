//! Linking: accounts that may belong to another user on this device (S39).

use rusqlite::params;

use super::Store;
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};

/// Condition for a link: the same e-mail address, proven on both sides, and both issuers in
/// `:trusted` (a JSON array). ASCII case is ignored; addresses are not normalized otherwise.
const MAY_BE_LINKED: &str = "lower(mine.email) = lower(other.email) AND mine.user <> other.user
    AND mine.email_trusted AND other.email_trusted
    AND mine.state IN ('active', 'needs_sign_in') AND other.state IN ('active', 'needs_sign_in')
    AND mine.provider || ' ' || mine.issuer IN (SELECT value FROM json_each(:trusted))
    AND other.provider || ' ' || other.issuer IN (SELECT value FROM json_each(:trusted))";

/// Provider configurations whose e-mail addresses are trusted, each with its issuer.
#[derive(Debug, Clone, Default)]
pub struct TrustedIssuers(Vec<String>);

impl TrustedIssuers {
    /// From pairs of a provider's id and an issuer.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(entry, issuer)| format!("{entry} {issuer}")).collect())
    }

    /// The issuers of a configuration whose e-mail addresses are trusted.
    pub fn of(config: &Config) -> Self {
        let trusted = config.entries().iter().filter(|entry| entry.links_by_email);
        let pairs = trusted.flat_map(|entry| {
            let issuers = entry.oauth.issuers().into_iter();
            issuers.map(|issuer| (entry.oauth.id.as_str(), issuer))
        });
        Self::new(pairs)
    }

    fn json(&self) -> String {
        serde_json::json!(self.0).to_string()
    }
}

impl Store {
    /// Offers to link a new account with the user who has an account with the same trusted address.
    pub fn offer_link(&self, account: &AccountId, trusted: &TrustedIssuers) -> Result<()> {
        self.execute(
            &format!(
                "INSERT OR IGNORE INTO link_offers (account, user)
                     SELECT mine.id, other.user FROM accounts mine JOIN accounts other ON {MAY_BE_LINKED}
                     WHERE mine.id = :account ORDER BY other.created_at LIMIT 1"
            ),
            &[(":account", account.as_str()), (":trusted", &trusted.json())],
        )
        .map(drop)
    }

    /// Open offers whose condition still holds: account and user.
    pub fn link_offers(&self, trusted: &TrustedIssuers) -> Result<Vec<(AccountId, UserId)>> {
        self.read(|c| {
            let mut statement =
                c.prepare(&format!("SELECT account, user FROM link_offers WHERE {}", holds()))?;
            let rows = statement.query_map(&[(":trusted", &trusted.json())], |row| {
                Ok((
                    AccountId::from(row.get::<_, String>(0)?),
                    UserId::from(row.get::<_, String>(1)?),
                ))
            })?;
            rows.collect()
        })
    }

    /// Declines an offer. It is made again only after the account was signed out and in again.
    pub fn decline_link(&self, account: &AccountId) -> Result<()> {
        self.execute("DELETE FROM link_offers WHERE account = ?1", [account.as_str()]).map(drop)
    }

    /// Moves an account to the user it was offered to. An offer whose condition does not hold any
    /// more is deleted.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] without an offer; [`Code::OfferWithdrawn`].
    pub fn link(&self, account: &AccountId, trusted: &TrustedIssuers) -> Result<UserId> {
        let linked = self.write(|t| {
            let moved = t.execute(
                &format!(
                    "UPDATE accounts SET user = (SELECT user FROM link_offers WHERE account = :account)
                     WHERE id = :account AND EXISTS (SELECT 1 FROM link_offers WHERE account = :account AND {})",
                    holds()
                ),
                &[(":account", account.as_str()), (":trusted", &trusted.json())],
            )?;
            let offered =
                t.execute("DELETE FROM link_offers WHERE account = ?1", [account.as_str()])? > 0;
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
            Ok((user, offered))
        })?;
        match linked {
            (Some(user), _) => Ok(UserId::from(user)),
            (None, true) => Err(Error::new(Code::OfferWithdrawn)),
            (None, false) => Err(Error::new(Code::UnknownAccount).with_detail(account)),
        }
    }

    /// Moves an account to a new user.
    ///
    /// # Errors
    /// [`Code::LastAccount`] if the user has no other.
    pub fn unlink(&self, account: &AccountId, now: i64) -> Result<UserId> {
        let user = UserId::random();
        let unlinked = self.write(|t| {
            let others: i64 = t.query_row(
                "SELECT count(*) FROM accounts WHERE id <> ?1 AND user = (SELECT user FROM accounts WHERE id = ?1)",
                [account.as_str()],
                |row| row.get(0),
            )?;
            if others == 0 {
                return Ok(false);
            }
            t.execute(
                "INSERT INTO users (id, created_at) VALUES (?1, ?2)",
                params![user.as_str(), now],
            )?;
            t.execute("UPDATE accounts SET user = ?2 WHERE id = ?1", params![account.as_str(), user.as_str()])?;
            Ok(true)
        })?;
        if unlinked { Ok(user) } else { Err(Error::new(Code::LastAccount)) }
    }
}

/// SQL condition: the offer still holds.
fn holds() -> String {
    format!(
        "EXISTS (SELECT 1 FROM accounts mine JOIN accounts other ON {MAY_BE_LINKED}
         WHERE mine.id = link_offers.account AND other.user = link_offers.user)"
    )
}

#[cfg(test)]
mod tests;
